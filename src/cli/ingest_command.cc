// `mailtrail ingest`.
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "app/ingest.h"
#include "app/rebuild_files.h"
#include "app/store_directory.h"
#include "app/store_lock.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "cli/command_relay.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "cli/store_opening.h"
#include "cli/store_work.h"
#include "query/report_layout.h"
#include "store/duckdb/duckdb_store.h"
#include "sys/interruption.h"

namespace mailtrail::cli {
namespace {

// What is open while logs are taken in. Its end closes it in the right order.
struct OpenStore {
  app::StoreDirectory directory;
  app::StoreLock lock;
  std::unique_ptr<store::DuckDbStore> store;
  std::unique_ptr<archive::Writer> archive;
};

Result<OpenStore> open_store(const Arguments& arguments, const Streams& streams, const StoreWork& work) {
  const Result<std::string> path = app::store_path(arguments.value("store"));
  if (!path.ok()) return path.error();
  Result<app::StoreDirectory> directory = app::StoreDirectory::open_or_create(*path);
  if (!directory.ok()) return directory.error();
  Result<app::StoreLock> lock = app::StoreLock::take(*directory, app::StoreUse::kWrite, "ingest", work.wait);
  if (!lock.ok()) return lock.error();
  if (!lock->warning().empty()) say(streams, lock->warning());
  if (const Result<Done> there = app::check_database_is_there(*directory); !there.ok()) return there.error();
  Result<std::unique_ptr<store::DuckDbStore>> store =
      store::DuckDbStore::open({.path = directory->database(),
                                .memory_limit = work.database_memory(),
                                // The processors have other work; where DuckDB has more threads, they wait busily.
                                .threads = 1});
  if (!store.ok()) return store.error();
  const Result<std::string> mark = (*store)->state(app::kArchiveMark);
  if (!mark.ok()) return mark.error();
  Result<std::unique_ptr<archive::Writer>> archive = archive::Writer::open(directory->archive(), *mark);
  if (!archive.ok()) return archive.error();
  for (const Error& fault : (*archive)->faults()) say(streams, "ingest: " + fault.to_string());
  return OpenStore{std::move(*directory), std::move(*lock), std::move(*store), std::move(*archive)};
}

std::string summary_text(const app::IngestResult& result, double seconds) {
  if (result.lines == 0) {
    return result.files_known == 0
               ? "nothing to take in"
               : "nothing new: " + query::counted(result.files_known, "log") + " known already, to the last line";
  }
  std::string text = query::counted(result.lines, "line") + " taken in from " +
                     query::counted(result.files_new + result.files_grown, "log");
  if (result.files_grown != 0) text += " (" + query::grouped(result.files_grown) + " grown)";
  if (result.files_known != 0) text += ", " + query::grouped(result.files_known) + " known already";
  if (seconds >= 1)
    text += "; " + query::grouped(static_cast<std::uint64_t>(static_cast<double>(result.lines) / seconds)) + " lines/s";
  return text;
}

void write_json(const app::IngestResult& result, const Streams& streams) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  const auto field = [&](std::string_view name, std::uint64_t value) {
    json.key(name);
    json.value(static_cast<std::int64_t>(value));
  };
  field("lines", result.lines), field("bytes", result.bytes), field("logs_new", result.files_new);
  field("logs_grown", result.files_grown), field("logs_known", result.files_known);
  field("commits", result.commits);
  json.key("stopped");
  json.value(result.stopped);
  json.end_object();
  streams.out.write(text + "\n");
}

// Error: a mistaken option.
Result<app::IngestRequest> request_of(const Arguments& arguments, const StoreWork& work) {
  const Result<std::uint64_t> commit_bytes = number_of(arguments, "commit-bytes", 1, std::uint64_t{1} << 40, 0);
  if (!commit_bytes.ok()) return commit_bytes.error();
  app::IngestRequest request;
  request.logs = arguments.words;
  request.zone = work.zone;
  request.threads = work.threads;
  request.tracer_memory = work.tracer_memory();
  request.commit_bytes = *commit_bytes != 0 ? *commit_bytes : work.commit_bytes();
  request.is_stopping = sys::is_interrupted;
  return request;
}

// Says what was done; gives the exit status.
int tell(const app::IngestResult& result, double seconds, const Arguments& arguments, const Streams& streams,
         const app::StoreDirectory& directory) {
  for (const Error& problem : result.problems) say(streams, printable(problem.to_string()));
  if (arguments.has("json")) {
    write_json(result, streams);
  } else {
    say(streams, "ingest: " + summary_text(result, seconds) + " (store: " + printable(directory.path()) + ")");
  }
  if (result.stopped) {
    say(streams, "ingest: stopped; what was read is kept: the same command goes on from there");
  }
  return result.problems.empty() ? kDone : kUnreadable;
}

}  // namespace

int ingest(const Arguments& arguments, const Streams& streams) {
  const auto fail = [&](const Error& error, int status) {
    say(streams, "ingest: " + error.to_string());
    return status;
  };
  const Result<StoreWork> work = store_work(arguments);
  if (!work.ok()) return fail(work.error(), kWrongUse);
  Result<app::IngestRequest> request = request_of(arguments, *work);
  if (!request.ok()) return fail(request.error(), kWrongUse);
  sys::note_interruptions();
  Result<OpenStore> open = open_store(arguments, streams, *work);
  if (!open.ok()) return fail(open.error(), kUnreadable);

  const auto answer = [&](const Arguments& asked, const TimeZone& zone, const Streams& to) {
    const StoreView view{*open->store, open->directory, zone};
    Streams with_store = to;
    with_store.store = &view;
    return run_command(asked, with_store);
  };
  Result<std::unique_ptr<app::CommandSocket>> socket =
      app::CommandSocket::open(open->directory, open->lock, answer_with(answer));
  // Without it others wait, and the work is done all the same.
  if (!socket.ok()) say(streams, "ingest: " + socket.error().to_string());

  Progress progress(streams);
  request->progress = [&](std::uint64_t done, std::optional<std::uint64_t> total, std::uint64_t) {
    progress.show(done, total);
  };
  const auto began = std::chrono::steady_clock::now();
  const Result<app::IngestResult> result = app::ingest(*request, *open->store, *open->archive);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  progress.clear();
  if (socket.ok()) (*socket)->close();
  if (!result.ok()) return fail(result.error(), kUnreadable);
  if (result->lines != 0 && !result->stopped) {
    if (const Result<Done> tidied = open->store->tidy(); !tidied.ok()) return fail(tidied.error(), kUnreadable);
  }
  return tell(*result, took.count(), arguments, streams, open->directory);
}

}  // namespace mailtrail::cli
