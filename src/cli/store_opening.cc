#include "cli/store_opening.h"

#include <chrono>
#include <optional>

#include "app/ingest.h"
#include "app/rebuild_files.h"
#include "cli/command_relay.h"
#include "cli/exit_status.h"
#include "store/duckdb/duckdb_store.h"

namespace mailtrail::cli {

Result<std::unique_ptr<archive::Reader>> StoreView::open_archive() const {
  const Result<std::string> mark = store.state(app::kArchiveMark);
  if (!mark.ok()) return mark.error();
  return archive::Reader::open(directory.archive(), *mark);
}

namespace {

int fail(const Arguments& arguments, const Streams& streams, const Error& error, int status) {
  say(streams, std::string(arguments.command->name) + ": " + error.to_string());
  return status;
}

int run_on(const app::StoreDirectory& directory, const Arguments& arguments, const Streams& streams,
           int (*body)(const Arguments&, const Streams&)) {
  store::DuckDbOptions options{.path = directory.database(), .read_only = true};
  const Result<std::uint64_t> memory = number_of(arguments, "memory", 100, 1'000'000, options.memory_limit >> 20);
  if (!memory.ok()) return fail(arguments, streams, memory.error(), kWrongUse);
  options.memory_limit = *memory << 20;
  if (const Result<Done> there = app::check_database_is_there(directory); !there.ok()) {
    return fail(arguments, streams, there.error(), kUnreadable);
  }
  const Result<std::unique_ptr<store::DuckDbStore>> store = store::DuckDbStore::open(options);
  if (!store.ok()) return fail(arguments, streams, store.error(), kUnreadable);
  const StoreView view{**store, directory, TimeZone::system()};
  Streams with_store = streams;
  with_store.store = &view;
  return body(arguments, with_store);
}

}  // namespace

int run_on_store(const Arguments& arguments, const Streams& streams, int (*body)(const Arguments&, const Streams&)) {
  const Result<std::string> path = app::store_path(arguments.value("store"));
  if (!path.ok()) return fail(arguments, streams, path.error(), kWrongUse);
  const Result<std::optional<app::StoreDirectory>> found = app::StoreDirectory::find(*path);
  if (!found.ok()) return fail(arguments, streams, found.error(), kUnreadable);
  if (!*found) {
    if (!arguments.has("store")) return body(arguments, streams);
    return fail(arguments, streams, app::StoreDirectory::open(*path).error(), kUnreadable);
  }
  const Result<std::uint64_t> wait = number_of(arguments, "wait", 0, 86'400, 0);
  if (!wait.ok()) return fail(arguments, streams, wait.error(), kWrongUse);
  const std::chrono::milliseconds patience = std::chrono::seconds(*wait);
  // A file is written by the process that was asked to.
  if (arguments.has("output")) {
    const Result<app::StoreLock> lock =
        app::StoreLock::take(**found, app::StoreUse::kRead, arguments.command->name, patience);
    if (!lock.ok()) return fail(arguments, streams, lock.error(), kUnreadable);
    return run_on(**found, arguments, streams, body);
  }
  const Result<StoreTurn> turn = take_turn(**found, arguments, streams, patience);
  if (!turn.ok()) return fail(arguments, streams, turn.error(), kUnreadable);
  if (turn->answer) return turn->answer->status;
  return run_on(**found, arguments, streams, body);
}

}  // namespace mailtrail::cli
