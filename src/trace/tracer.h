// Tracer: events to facts. The only state between a line and an answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/event.h"
#include "model/fact_sink.h"

namespace mailtrail::trace {

struct TracerOptions {
  // Journeys with all their attempts, steps, results and lines; otherwise recipients and stays alone.
  bool keep_details = false;
  // Memory for what is under way, in bytes. Beyond it the stays that were quiet for longest are given up, told as they
  // stand
  // (`Journey::evicted`) and counted.
  std::size_t memory_limit = 256u << 20;
  // How long after its removal a stay can still be joined by the next one: as long as the log tells of one host alone
  // (late lines, other processes), and once it tells of several (the next host's clock, a slow relay).
  Micros linger_on_one_host = 30 * kSecond;
  Micros linger = 10 * kMinute;
  // How many removed stays linger at most.
  std::size_t linger_count = 60'000;
};

struct TracerStats {
  std::uint64_t events = 0;
  std::uint64_t messages = 0;  // stays
  std::uint64_t journeys = 0;
  std::uint64_t attempts = 0;
  std::uint64_t evicted = 0;        // stays given up before their end
  std::uint64_t begin_missing = 0;  // stays whose beginning is not in the log
  std::uint64_t id_reused = 0;      // queue ids that came again while their stay was still open
  std::size_t open_now = 0, open_peak = 0;
  std::size_t bytes_now = 0, bytes_peak = 0;  // of what is under way
};

// Give it the settled events of all hosts in the order of time (small disorder between hosts is normal); call `finish`
// once at the end. The facts depend on the events and their order alone. Not thread-safe.
class Tracer {
 public:
  Tracer(model::FactSink& sink, TracerOptions options);
  ~Tracer();
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  void take(const model::Event& event);
  // Of an event that is soon to come: brings near what `take` will look at. For speed only; call it some 16 events
  // ahead with `near` false, and some 8 ahead with `near` true.
  void expect(const model::Event& event, bool near);
  // Tells what is still open, as the log leaves it.
  void finish();
  const TracerStats& stats() const;

  // Everything that can change a later fact, as bytes (format: tracer_state.h): what is under way, the counts, the time
  // of the last event. Between two events only, before `finish`. Two tracers that were given the same events by the
  // same options save the same bytes, wherever they were saved and restored on the way.
  std::string save() const;
  // Goes on from `state`, which `save` of this or of an earlier version gave: from here on the facts are those that the
  // tracer that was saved would have told, to the last count. `state` is not kept.
  // MUST be called on a tracer that was given no event, made by the options of the saved one. Where `keep_details`
  // differs that is an Error; limits and times to linger that differ hold from here on. `LineRef::source` of what was
  // under way keeps its number: whoever numbers sources MUST number them alike.
  // Bytes that are cut, changed or made up, those of a later version and those that need far more memory than
  // `memory_limit` give an Error; after it this tracer MUST NOT be used.
  // Restored into a tracer of its own, `finish` tells what is open while the one that was saved goes on.
  Result<Done> restore(std::string_view state);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailtrail::trace
