// The exit statuses (spec.h says them to users).
#pragma once

namespace mailtrail::cli {

inline constexpr int kDone = 0;
inline constexpr int kNothingFound = 1;
inline constexpr int kWrongUse = 2;
inline constexpr int kUnreadable = 3;

}  // namespace mailtrail::cli
