// `mailtrail rebuild`.
#include <chrono>
#include <memory>
#include <optional>

#include "app/rebuild.h"
#include "app/rebuild_files.h"
#include "app/store_directory.h"
#include "app/store_lock.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/progress.h"
#include "query/report_layout.h"
#include "store/duckdb/duckdb_store.h"
#include "sys/clock.h"
#include "sys/interruption.h"
#include "sys/path.h"

namespace mailtrail::cli {
namespace {

constexpr std::uint64_t kMegabyte = 1u << 20;
constexpr std::uint64_t kLeastMemory = 300, kUsualMemory = 1000;

// What the options say. Error: a mistaken one.
struct Wanted {
  app::RebuildRequest request;
  std::uint64_t megabytes = kUsualMemory;
  std::chrono::seconds wait{0};
};

Result<Wanted> understand(const Arguments& arguments) {
  const Result<std::uint64_t> memory = number_of(arguments, "memory", kLeastMemory, 1'000'000, kUsualMemory);
  const Result<std::uint64_t> wait = number_of(arguments, "wait", 0, 86'400, 0);
  const Result<std::uint64_t> threads = number_of(arguments, "threads", 1, 1024, 0);
  for (const auto* number : {&memory, &wait, &threads}) {
    if (!number->ok()) return number->error();
  }
  Wanted wanted;
  wanted.megabytes = *memory;
  wanted.wait = std::chrono::seconds(*wait);
  app::RebuildRequest& request = wanted.request;
  request.zone = TimeZone::system();
  if (const auto name = arguments.value("timezone")) {
    const Result<TimeZone> zone = TimeZone::load(std::string(*name));
    if (!zone.ok()) {
      return Error{"`" + printable(*name) + "` is no value of --timezone", "", "such as Europe/Berlin, UTC or +02:00"};
    }
    request.zone = *zone;
  }
  request.threads = static_cast<unsigned>(*threads);
  request.tracer_memory = static_cast<std::size_t>(*memory * kMegabyte / 5);
  request.commit_bytes = *memory * kMegabyte;
  request.is_stopping = sys::is_interrupted;
  return wanted;
}

// The archive up to where it is to be read. Error: there is nothing in it to make a database from.
Result<std::unique_ptr<archive::Reader>> open_archive(const app::StoreDirectory& directory,
                                                      std::vector<Error>& problems) {
  const std::string path = directory.archive();
  const Result<sys::PathInfo> there = sys::look_at(path);
  if (!there.ok()) return there.error();
  const Error nothing{"there is no archive to make the database from; nothing was changed", path,
                      "put the folder back from a backup, or take the logs into a new store"};
  if (there->kind == sys::PathKind::kNothing) return nothing;
  const Result<std::string> mark = app::mark_of_last_ingest(path, problems);
  if (!mark.ok()) return mark.error();
  Result<std::unique_ptr<archive::Reader>> reader = archive::Reader::open(path, *mark);
  if (reader.ok() && (*reader)->sources().empty()) return nothing;
  return reader;
}

// Fills the new database and closes it.
Result<app::RebuildResult> fill(const Wanted& wanted, const app::StoreDirectory& directory, archive::Reader& archive) {
  if (const Result<Done> cleared = app::clear_rebuilt(directory); !cleared.ok()) return cleared.error();
  const Result<std::unique_ptr<store::DuckDbStore>> store = store::DuckDbStore::open(
      {.path = app::rebuilt_database(directory), .memory_limit = wanted.megabytes * kMegabyte * 2 / 5, .threads = 1});
  if (!store.ok()) return store.error();
  Result<app::RebuildResult> result = app::rebuild(wanted.request, archive, **store);
  if (!result.ok() || result->is_stopped) return result;
  if (const Result<Done> tidied = (*store)->tidy(); !tidied.ok()) return tidied.error();
  return result;
}

void write_json(const app::RebuildResult& result, const std::optional<std::string>& kept, const Streams& streams) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  const auto field = [&](std::string_view name, std::uint64_t value) {
    json.key(name);
    json.value(static_cast<std::int64_t>(value));
  };
  field("lines", result.lines), field("bytes", result.bytes), field("logs", result.logs);
  field("problems", result.problems.size());
  json.key("set_aside");
  json.value(kept.value_or(""));
  json.end_object();
  streams.out.write(text + "\n");
}

}  // namespace

int rebuild(const Arguments& arguments, const Streams& streams) {
  const auto fail = [&](const Error& error, int status) {
    say(streams, "rebuild: " + printable(error.to_string()));
    return status;
  };
  Result<Wanted> wanted = understand(arguments);
  if (!wanted.ok()) return fail(wanted.error(), kWrongUse);
  const Result<std::string> path = app::store_path(arguments.value("store"));
  if (!path.ok()) return fail(path.error(), kWrongUse);
  const Result<app::StoreDirectory> directory = app::StoreDirectory::open(*path);
  if (!directory.ok()) return fail(directory.error(), kUnreadable);
  sys::note_interruptions();
  const Result<app::StoreLock> lock = app::StoreLock::take(*directory, app::StoreUse::kWrite, "rebuild", wanted->wait);
  if (!lock.ok()) return fail(lock.error(), kUnreadable);
  if (!lock->warning().empty()) say(streams, lock->warning());

  std::vector<Error> problems;
  const Result<std::unique_ptr<archive::Reader>> archive = open_archive(*directory, problems);
  if (!archive.ok()) return fail(archive.error(), kUnreadable);
  Progress progress(streams);
  wanted->request.progress = [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
  const Result<app::RebuildResult> result = fill(*wanted, *directory, **archive);
  progress.clear();
  if (!result.ok() || result->is_stopped) {
    // The next rebuild would remove it as well: what it takes on the disk is given back now.
    if (const Result<Done> cleared = app::clear_rebuilt(*directory); !cleared.ok()) fail(cleared.error(), kUnreadable);
    if (!result.ok()) return fail(result.error(), kUnreadable);
    say(streams, "rebuild: stopped; the store is as it was");
    return kUnreadable;
  }
  const Result<std::optional<std::string>> kept = app::put_in_place(*directory, sys::now());
  if (!kept.ok()) return fail(kept.error(), kUnreadable);
  problems.insert(problems.end(), result->problems.begin(), result->problems.end());
  for (const Error& problem : problems) say(streams, "rebuild: " + printable(problem.to_string()));
  if (arguments.has("json")) {
    write_json(*result, *kept, streams);
  } else {
    say(streams, "rebuild: the database is made anew from " + query::counted(result->lines, "line") + " of " +
                     query::counted(result->logs, "log") + " (store: " + printable(directory->path()) + ")");
    if (*kept) say(streams, "rebuild: the one before is kept as " + printable(**kept));
  }
  return problems.empty() ? kDone : kUnreadable;
}

}  // namespace mailtrail::cli
