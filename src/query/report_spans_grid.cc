#include "query/report_spans_grid.h"

#include <array>

namespace mailtrail::query {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"hour", "day", "week", "month"};

Micros floor_to(Micros wall, Micros unit) {
  const Micros rest = wall % unit;
  return wall - rest - (rest < 0 ? unit : 0);
}

// The wall time at which the day, week or month of `wall` begins (`ahead` 0), or one of those behind or before it.
Micros boundary(Micros wall, SpanUnit unit, int ahead) {
  if (unit == SpanUnit::kMonth) {
    const CivilTime civil = civil_from_micros(wall);
    const int months = civil.year * 12 + civil.month - 1 + ahead;
    return days_from_civil(months / 12, months % 12 + 1, 1) * kDay;
  }
  if (unit == SpanUnit::kDay) return floor_to(wall, kDay) + ahead * kDay;
  constexpr Micros kMonday = 4 * kDay;  // 1970-01-01 was a Thursday
  return floor_to(wall - kMonday, 7 * kDay) + kMonday + ahead * 7 * kDay;
}

}  // namespace

std::string_view word(SpanUnit unit) {
  return kWords[static_cast<std::size_t>(unit)];
}

std::optional<SpanUnit> span_unit_of(std::string_view word) {
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (kWords[i] == word) return static_cast<SpanUnit>(i);
  }
  return std::nullopt;
}

std::optional<SpanUnit> wider(SpanUnit unit) {
  if (unit == SpanUnit::kMonth) return std::nullopt;
  return static_cast<SpanUnit>(static_cast<int>(unit) + 1);
}

Micros SpanGrid::change_between(Micros from, Micros to) const {
  const int wanted = zone_.offset_at(to);
  while (to - from > 1) {
    const Micros middle = from + (to - from) / 2;
    (zone_.offset_at(middle) == wanted ? to : from) = middle;
  }
  return to;
}

SpanGrid::Span SpanGrid::hour_of(Micros time) const {
  const Micros wall = time + offset(time);
  Span span;
  span.begin = floor_to(wall, kHour) - offset(time);
  span.end = span.begin + kHour;
  if (offset(span.begin) != offset(time)) span.begin = change_between(span.begin, time);
  if (offset(span.end - 1) != offset(time)) span.end = change_between(time, span.end - 1);
  return span;
}

SpanGrid::Span SpanGrid::span_of(Micros time) const {
  if (unit_ == SpanUnit::kHour) return hour_of(time);
  const Micros wall = time + offset(time);
  // Where clocks go back over midnight, the wall may show a day again that is over.
  int ahead = 0;
  const auto begin = [&](int steps) { return zone_.at_wall(boundary(wall, unit_, steps)).time; };
  while (begin(ahead) > time) --ahead;
  while (begin(ahead + 1) <= time) ++ahead;
  return {begin(ahead), begin(ahead + 1)};
}

}  // namespace mailtrail::query
