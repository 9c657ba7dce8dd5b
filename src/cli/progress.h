// Progress: how far the reading is, on a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "cli/streams.h"

namespace mailtrail::cli {

// Writes one line to standard error and writes it anew, when that is a terminal and the work takes more than a second.
// `clear` MUST be called before something else is written there. `streams` MUST outlive it.
class Progress {
 public:
  explicit Progress(const Streams& streams) : streams_(streams), began_(Clock::now()), shown_at_(began_) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `done` bytes of `total`.
  void show(std::uint64_t done, std::optional<std::uint64_t> total);
  // Takes the line away.
  void clear();
  // Shows nothing any more: results are being written to the same terminal.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  const Streams& streams_;
  Clock::time_point began_, shown_at_;
  bool visible_ = false, stopped_ = false;
};

}  // namespace mailtrail::cli
