// `mailtrail rebuild`.
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
#include "cli/store_work.h"
#include "query/report_layout.h"
#include "store/duckdb/duckdb_store.h"
#include "sys/clock.h"
#include "sys/interruption.h"
#include "sys/path.h"

namespace mailtrail::cli {
namespace {

app::RebuildRequest request_of(const StoreWork& work) {
  app::RebuildRequest request;
  request.zone = work.zone;
  request.threads = work.threads;
  request.tracer_memory = work.tracer_memory();
  request.commit_bytes = work.commit_bytes();
  request.is_stopping = sys::is_interrupted;
  return request;
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
Result<app::RebuildResult> fill(const app::RebuildRequest& request, std::uint64_t database_memory,
                                const app::StoreDirectory& directory, archive::Reader& archive) {
  if (const Result<Done> cleared = app::clear_rebuilt(directory); !cleared.ok()) return cleared.error();
  const Result<std::unique_ptr<store::DuckDbStore>> store = store::DuckDbStore::open(
      {.path = app::rebuilt_database(directory), .memory_limit = database_memory, .threads = 1});
  if (!store.ok()) return store.error();
  Result<app::RebuildResult> result = app::rebuild(request, archive, **store);
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
  const Result<StoreWork> work = store_work(arguments);
  if (!work.ok()) return fail(work.error(), kWrongUse);
  const Result<std::string> path = app::store_path(arguments.value("store"));
  if (!path.ok()) return fail(path.error(), kWrongUse);
  const Result<app::StoreDirectory> directory = app::StoreDirectory::open(*path);
  if (!directory.ok()) return fail(directory.error(), kUnreadable);
  sys::note_interruptions();
  const Result<app::StoreLock> lock = app::StoreLock::take(*directory, app::StoreUse::kWrite, "rebuild", work->wait);
  if (!lock.ok()) return fail(lock.error(), kUnreadable);
  if (!lock->warning().empty()) say(streams, lock->warning());

  std::vector<Error> problems;
  const Result<std::unique_ptr<archive::Reader>> archive = open_archive(*directory, problems);
  if (!archive.ok()) return fail(archive.error(), kUnreadable);
  Progress progress(streams);
  app::RebuildRequest request = request_of(*work);
  request.progress = [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); };
  const Result<app::RebuildResult> result = fill(request, work->database_memory(), *directory, **archive);
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
