// RoundNote: what an ingest leaves in the archive with each commit, so that the database can be made anew from it.
//
// An ingest reads its logs in ROUNDS: in each it runs through some logs at once, merged by time. What it told the store
// follows from the bytes of the logs and from what stands here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/inputs.h"
#include "app/pipeline.h"
#include "base/result.h"
#include "store/store.h"

namespace mailtrail::app {

// A line that was cut because it is too long, or has no end in the log: in the archive it ends with the line feed at
// byte `archived`, which stands for `length` bytes of the log (0: for none). Text behind it lies that much further on.
struct LineCut {
  std::uint32_t source = 0;
  std::uint64_t archived = 0, length = 0;
};

struct RoundNote {
  // A log of the round, and where its reading began in this round.
  struct Part {
    std::uint32_t source = 0;
    int first_year = 1970;
    bool journal_export = false;
    std::uint64_t position = 0, told = 0;  // as SourceState has them
  };

  std::uint64_t round = 0;  // from 1; the notes of one round follow one another
  std::string zone;         // TimeZone::name
  std::vector<std::vector<Part>> streams;
  // Events that were told in this round up to here.
  std::uint64_t events = 0;
  bool is_whole = false;               // no event of the round is to come
  bool has_tail = false;               // what is not over was told to the tail
  bool is_unfinished = false;          // store state kUnfinished
  PipelineStats stats;                 // of all rounds up to here
  std::vector<LineCut> cuts;           // since the note before
  std::vector<store::Source> sources;  // that changed since the note before

  std::string save() const;
  // Error: damaged, or of a newer version.
  static Result<RoundNote> restore(std::string_view bytes);
};

// Of a round that begins: its logs, where each is read from `states` on (by index in Inputs::all).
RoundNote begin_note(std::uint64_t round, const std::string& zone, const Inputs& inputs,
                     const std::vector<SourceState>& states);

}  // namespace mailtrail::app
