// SpanGrid: how hours, days, weeks and months of a zone divide time.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "base/time_zone.h"

namespace mailtrail::query {

enum class SpanUnit : std::uint8_t { kHour, kDay, kWeek, kMonth };

// `hour`, `day`, `week`, `month`.
std::string_view word(SpanUnit unit);
std::optional<SpanUnit> span_unit_of(std::string_view word);
// The next wider; nothing behind months.
std::optional<SpanUnit> wider(SpanUnit unit);

// Spans follow one another without a hole: each time lies in exactly one. Days begin when the wall shows midnight (the
// first time where it shows it twice; where it never does, when the clocks are changed), weeks on Monday, months on the
// 1st: a day on which clocks are changed is 23 or 25 hours long. An hour that the wall shows twice is two spans; an
// hour in the midst of which clocks are changed is two as well.
class SpanGrid {
 public:
  struct Span {
    Micros begin = 0, end = 0;  // [begin, end), UTC
    bool holds(Micros time) const { return time >= begin && time < end; }
  };
  SpanGrid(TimeZone zone, SpanUnit unit) : zone_(std::move(zone)), unit_(unit) {}

  // `time` MUST be of the years 1 to 9998.
  Span span_of(Micros time) const;
  Span next(const Span& span) const { return span_of(span.end); }
  const TimeZone& zone() const { return zone_; }
  SpanUnit unit() const { return unit_; }

 private:
  Span hour_of(Micros time) const;
  Micros offset(Micros time) const { return zone_.offset_at(time) * kMinute; }
  // The first moment in (from, to] whose offset is that of `to`; the two offsets MUST differ.
  Micros change_between(Micros from, Micros to) const;

  TimeZone zone_;
  SpanUnit unit_;
};

}  // namespace mailtrail::query
