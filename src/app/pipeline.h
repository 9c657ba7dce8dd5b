// Pipeline: from inputs to settled events in the order of time, on several threads.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/batch.h"
#include "app/inputs.h"
#include "base/result.h"
#include "model/event.h"

namespace mailtrail::app {

// Where the reading of one source stands, between two events: what a later run goes on from. Bytes and lines count from
// the beginning of the source (its bytes after decompression).
struct SourceState {
  std::uint64_t position = 0;  // where reading begins again: the first byte of a unit
  std::uint64_t lines = 0;     // lines before it
  std::uint64_t told = 0;      // events from there on that were told already
  // Behind what was told by on_text.
  std::uint64_t text_end = 0;
  std::uint64_t text_lines = 0;
  // How times were settled, at `position`. Empty: the source was not begun.
  std::string clock;
  Micros last_time = 0;
  std::int64_t last_dated_day = INT64_MIN;
  Micros order_time = INT64_MIN;
  std::string repeated;  // RepeatedLines::save, at `position`

  bool begun() const { return !clock.empty(); }
  // Bytes of a file of states, and back. Error: they are no such state.
  std::string save() const;
  static Result<SourceState> restore(std::string_view bytes);
};

struct PipelineStats {
  LineCounts lines;
  std::optional<Micros> first_time, last_time;
  std::int16_t offset_minutes = 0;  // of the last event with a time
  bool year_inferred = false, zone_assumed = false, dst_ambiguous = false;
};

// Where a run stands between two events. Who goes on from `states` counts on from `stats`.
struct PipelineStand {
  std::vector<SourceState> states;  // by index in Inputs::all
  PipelineStats stats;              // of this run
};

// Whole lines of a source, as they were read, line ends included.
struct TextPiece {
  std::uint32_t source = 0;  // LineRef::source of its lines
  std::uint64_t first_line = 0;
  std::uint64_t lines = 0;
  std::uint64_t position = 0;
  std::string_view text;
  std::optional<Micros> first_time, last_time;  // of the events in it
};

// Takes events. Called on the thread that runs the pipeline; an event lives until the call returns.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const model::Event& event) = 0;
  // Of an event that is soon to be told: 16 events before it with `near` false, 8 before with `near` true. Not of each
  // one.
  virtual void on_upcoming(const model::Event&, bool near) { (void)near; }
  // Now and then: bytes of the sources that are done.
  virtual void on_progress(std::uint64_t) {}
  // Text of which events are now told: before the first of them. Pieces of one source follow one another.
  virtual void on_text(const TextPiece&) {}
  // Now and then between two events. `stand` tells where the run stands, and may be called until this returns. False:
  // the run is to stop here.
  virtual bool on_pause(const std::function<PipelineStand()>& stand) {
    (void)stand;
    return true;
  }
};

struct PipelineOptions {
  TimeZone zone;
  // Threads in all, the caller's included; 0: as many as there are processors.
  unsigned threads = 0;
  const RecordFilter* filter = nullptr;  // null: every record
  // Bytes of a block; tests make it small. MUST be at least 1.
  std::size_t block_size = 256 * 1024;
  // Events of one source between two calls of on_pause, at most; tests make it small. MUST be at least 1.
  std::uint32_t turn = 4096;
  // Where each source goes on, by index in Inputs::all; Input::start MUST be its `position`. May be shorter: the others
  // are read from their beginning.
  std::vector<SourceState> states;
};

// Reads all inputs once. A source that cannot be read on is left there, told in `inputs.problems()`, and the others go
// on. The events and their order depend on the bytes alone, not on threads or block sizes.
// `at_end`, where given, takes where each source then stands.
PipelineStats run_pipeline(Inputs& inputs, const PipelineOptions& options, EventSink& sink,
                           std::vector<SourceState>* at_end = nullptr);

}  // namespace mailtrail::app
