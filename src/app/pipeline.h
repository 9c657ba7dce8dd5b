// Pipeline: from inputs to settled events in the order of time, on several threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/batch.h"
#include "app/inputs.h"
#include "model/event.h"

namespace mailtrail::app {

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
};

struct PipelineOptions {
  TimeZone zone;
  // Threads in all, the caller's included; 0: as many as there are processors.
  unsigned threads = 0;
  const RecordFilter* filter = nullptr;  // null: every record
  // Bytes of a block; tests make it small. MUST be at least 1.
  std::size_t block_size = 256 * 1024;
};

struct PipelineStats {
  LineCounts lines;
  std::optional<Micros> first_time, last_time;
  std::int16_t offset_minutes = 0;  // of the last event with a time
  bool year_inferred = false, zone_assumed = false, dst_ambiguous = false;
};

// Reads all inputs once. A source that cannot be read on is left there, told in `inputs.problems()`, and the others go
// on. The events and their order depend on the bytes alone, not on threads or block sizes.
PipelineStats run_pipeline(Inputs& inputs, const PipelineOptions& options, EventSink& sink);

}  // namespace mailtrail::app
