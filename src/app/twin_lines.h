// TwinLines: what Exim writes into two of its logs.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/event.h"

namespace mailtrail::app {

// Exim writes a refusal and a failed login into its mainlog and, word for word, into its rejectlog, and a panic into
// its paniclog (spec.txt, "Log files"); where both are read, each is one. Which file is which is told by its name, as
// `log_file_path` makes it: that of one of the two holds `reject` or `panic`, that of the other does not. Two logs of
// one kind are those of two servers, whose lines may be alike. Not thread-safe.
class TwinLines {
 public:
  // `names`: of the sources, by their numbers.
  explicit TwinLines(const std::vector<std::string>& names);

  // Whether `event` is the second of a pair. MUST be asked of each event once, in the order in which they are told.
  bool is_second(const model::Event& event);

 private:
  struct Seen {
    std::uint32_t main = 0, copies = 0;
  };
  std::vector<bool> is_copy_;
  bool any_ = false;
  Micros time_ = 0;
  std::unordered_map<std::uint64_t, Seen> seen_;  // at `time_`, by what they say
};

}  // namespace mailtrail::app
