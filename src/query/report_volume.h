// VolumeSeries: how much happened when, in bounded memory whatever the span.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "base/time_zone.h"

namespace mailtrail::query {

// What is counted over time, and when each counts.
enum class Measure : std::uint8_t {
  kJourneys,   // mails, when they were received
  kDelivered,  // recipients, when it was decided
  kDeferrals,  // attempts that ended `deferred`, when they ended
  kFailed,     // recipients bounced or expired, when it was decided
  kRefused,    // transactions refused in SMTP
};
inline constexpr std::size_t kMeasureCount = 5;
using Measures = std::array<std::uint64_t, kMeasureCount>;

// Counts in buckets of equal width. Times are wall times in the report's zone, as micros_from_civil gives them, so that
// days begin at midnight also where clocks were changed (the hour that the wall showed twice is one bucket).
struct Volume {
  Micros unit = 0;        // width of a bucket; 0 where there is nothing
  Micros first_wall = 0;  // when the first bucket begins: a multiple of `unit`
  std::vector<Measures> buckets;

  // The same in buckets of the least width of minutes, hours, days or weeks that makes at most `limit` of them.
  Volume coarsened(std::size_t limit) const;
};

// Takes counts at any time in any order. Keeps a count for each minute at first; as the span grows, neighbours are
// joined in place (15 minutes, an hour, a day, a week, 16 weeks), so that there are never more than 65,536. Not
// thread-safe.
class VolumeSeries {
 public:
  void add(Micros time, Measure measure, std::uint64_t weight = 1);
  // All counts, in at most `limit` buckets of the wall time of `zone`.
  Volume volume(const TimeZone& zone, std::size_t limit) const;
  // Width of the buckets that are kept.
  Micros unit() const;

 private:
  Measures& slot(std::int64_t index);
  void coarsen();

  std::size_t step_ = 0;    // which width
  std::int64_t first_ = 0;  // number of the first slot, in widths since 1970 UTC
  std::vector<Measures> slots_;
  // The slot of the last count and the times that it stands for, as Micros modulo 2^64.
  struct Last {
    std::uint64_t begin = 0, size = 0;
    std::size_t slot = 0;
  } last_;
};

}  // namespace mailtrail::query
