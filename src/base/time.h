// Points in time and spans of time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailtrail {

// Microseconds since 1970-01-01T00:00:00 UTC, or a span of microseconds.
using Micros = std::int64_t;
inline constexpr Micros kSecond = 1'000'000;
inline constexpr Micros kMinute = 60 * kSecond;
inline constexpr Micros kHour = 60 * kMinute;
inline constexpr Micros kDay = 24 * kHour;

// A date and time of day on the wall, without a zone.
struct CivilTime {
  int year = 1970;  // any
  int month = 1;    // 1..12
  int day = 1;      // 1..31
  int hour = 0;     // 0..23
  int minute = 0;   // 0..59
  int second = 0;   // 0..60 (a leap second counts as the next second's start)
  int micro = 0;    // 0..999999
};

// Days from 1970-01-01 to the given date of the proleptic Gregorian calendar.
constexpr std::int64_t days_from_civil(int year, int month, int day) {
  year -= month <= 2;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int year_of_era = year - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + day_of_era - 719468;
}

// `civil` read as if it were UTC.
constexpr Micros micros_from_civil(const CivilTime& civil) {
  return days_from_civil(civil.year, civil.month, civil.day) * kDay + civil.hour * kHour + civil.minute * kMinute +
         civil.second * kSecond + civil.micro;
}

// The wall time of `time` at UTC.
CivilTime civil_from_micros(Micros time);

// RFC 3339 with six decimals and the offset, `2026-11-24T03:00:15.101090+00:00`. `offset_minutes` is east of UTC,
// within ±24 h. The shape is the same for every year from 0000 to 9999.
std::string format_rfc3339(Micros time, int offset_minutes);

// Reads `2026-11-20`, `2026-11-20T10:00`, `2026-11-20 10:00:05.5`, each with an optional `Z` or `±hh:mm`. Where the
// text states no offset, `default_offset_minutes` is taken. Nothing on any other text.
std::optional<Micros> parse_timestamp(std::string_view text, int default_offset_minutes);

// Reads a span such as `90s`, `5m`, `2h`, `3d`, `1w`, `1h30m`; a bare number is seconds. Nothing on any other text.
std::optional<Micros> parse_span(std::string_view text);

// A span as a person reads it: `0.2 s`, `12 s`, `4 min`, `1 h 5 min`, `1 d 4 h`.
std::string format_span(Micros span);

}  // namespace mailtrail
