// LogIdentity: by what a log is known again, under another name, compressed, grown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mailtrail::app {

// The first bytes of a log, and those just before the place up to which it was taken in (after decompression). Two logs
// whose first kCompared bytes agree, and the last kCompared before that place, are one log: a log begins with a time.
struct LogIdentity {
  static constexpr std::size_t kCompared = 1024;

  std::string head;  // at most kCompared bytes
  std::string last;  // of the bytes that are taken in, at most kCompared

  // Takes note of bytes that are taken in, in order.
  void take(std::string_view text);
  // Whether a log that begins with `beginning` (kCompared bytes and more where it has them) may be this one.
  bool may_be(std::string_view beginning) const;

  std::string save() const;
  static Result<LogIdentity> restore(std::string_view bytes);
};

}  // namespace mailtrail::app
