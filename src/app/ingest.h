// Ingest: log files into a store, once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "base/result.h"
#include "base/time_zone.h"
#include "store/store.h"

namespace mailtrail::app {

struct IngestRequest {
  std::vector<std::string> logs;  // files, directories (their regular files), `-` for standard input
  TimeZone zone;                  // of records that state none
  unsigned threads = 0;           // 0: as many as there are processors
  std::size_t block_size = 256 * 1024;
  std::uint32_t turn = 4096;  // as PipelineOptions has it
  // Bytes of log text between two commits, at most. What is read after the last one is read again after a crash. Few
  // large commits cost less than many small ones.
  std::uint64_t commit_bytes = 1024u << 20;
  // Memory for what is under way in the tracer.
  std::size_t tracer_memory = 256u << 20;
  // Called now and then: bytes that are read of those that are new, where known of how many, and lines.
  std::function<void(std::uint64_t done, std::optional<std::uint64_t> total, std::uint64_t lines)> progress;
  // Asked now and then; true: stop behind the next commit. May be empty.
  std::function<bool()> is_stopping;
};

struct IngestResult {
  std::uint64_t files_new = 0, files_grown = 0, files_known = 0;  // known: nothing new in them
  std::uint64_t lines = 0, bytes = 0;                             // that were taken in
  std::uint64_t commits = 0;
  bool stopped = false;         // asked to, before the end
  std::vector<Error> problems;  // logs that could not be read, or not to their end; the others are taken in
};

// Takes what is new in the logs into the archive and the store. A log is known again by its content (its first bytes,
// and those before the place that was reached), whatever its name and however it is packed: the same again adds
// nothing, a grown one only what is new. Facts, archive and the place that was reached are committed together; after a
// crash the next ingest goes on from the last commit, and the facts are those of one undisturbed run. What is not over
// when the logs end (messages in a queue, a last line without its end) is the store's tail, and goes on in the next
// ingest.
//
// One ingest at a time has a store. Error: the store or the archive failed; what was committed before stays.
Result<IngestResult> ingest(const IngestRequest& request, store::Store& store, archive::Writer& archive);

// Names under which an ingest keeps its states in the store (store::Commit::states).
inline constexpr std::string_view kArchiveMark = "archive";       // archive::Writer::sync
inline constexpr std::string_view kTracerState = "tracer";        // trace::Tracer::save
inline constexpr std::string_view kReadSummary = "lines";         // RoadSummary of the settled events
inline constexpr std::string_view kShownSummary = "lines_shown";  // the same with the tail
inline constexpr std::string_view kUnfinished = "unfinished";     // not empty: an ingest was stopped before its end
inline constexpr std::string_view kRounds = "rounds";             // how many there were (RoundNote::round)

}  // namespace mailtrail::app
