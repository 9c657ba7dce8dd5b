// Clock: what time it is.
#pragma once

#include <chrono>

#include "base/time.h"

namespace mailtrail::sys {

// The system's clock, UTC.
inline Micros now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace mailtrail::sys
