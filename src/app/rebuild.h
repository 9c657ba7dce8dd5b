// Rebuild: the database of a store, made anew from its archive.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "base/result.h"
#include "base/time_zone.h"
#include "store/store.h"

namespace mailtrail::app {

struct RebuildRequest {
  // For logs of which the archive has no notes (RoundNote), and where their zone is unknown here.
  TimeZone zone;
  unsigned threads = 0;  // 0: as many as there are processors
  // Bytes of log text between two commits to the new database, at most.
  std::uint64_t commit_bytes = 1024u << 20;
  // Memory for what is under way in the tracer; that of the ingests, for the same facts where it does not do.
  std::size_t tracer_memory = 256u << 20;
  // Called now and then: bytes that are read, of how many.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
  // Asked now and then; true: give up. May be empty.
  std::function<bool()> is_stopping;
};

struct RebuildResult {
  std::uint64_t logs = 0, lines = 0, bytes = 0;
  bool is_stopped = false;  // given up: the store is not to be used
  // What could not be read, by file and place: all else is in the store, and lines behind it keep their numbers.
  std::vector<Error> problems;
};

// Where a rebuild reads to: the mark behind the last note that can be read, or that which was confirmed last, whichever
// is the later; the archive's end where there is neither. `problems` takes what is wrong on the way. Error: the archive
// cannot be read at all.
Result<std::string> mark_of_last_ingest(const std::string& archive_directory, std::vector<Error>& problems);

// Tells an empty store what the ingests told that filled the archive, as far as `archive` sees it: the same facts in
// the same order, the places up to which the logs were read, and what is not over yet. So the next ingest goes on as if
// nothing had been. Where notes are missing or damaged, the logs are merged by time, with all that is archived of them.
// A last line that had no end yet when it was read is not archived: it comes with the next ingest.
//
// Error: the store failed.
Result<RebuildResult> rebuild(const RebuildRequest& request, archive::Reader& archive, store::Store& store);

}  // namespace mailtrail::app
