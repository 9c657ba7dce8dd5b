#include "base/time.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace mailtrail {
namespace {

constexpr int kMinutesPerDay = 24 * 60;

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

char* write_digits(char* out, int value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + count;
}

// Takes exactly `count` digits off `text`; -1 where they are not there.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take_date(std::string_view& text, CivilTime& civil) {
  civil.year = take_digits(text, 4);
  if (civil.year < 0 || !consume(text, "-")) return false;
  civil.month = take_digits(text, 2);
  if (civil.month < 1 || civil.month > 12 || !consume(text, "-")) return false;
  civil.day = take_digits(text, 2);
  return civil.day >= 1 && civil.day <= days_in_month(civil.year, civil.month);
}

// Decimals after the sixth are cut off.
bool take_fraction(std::string_view& text, int& micro) {
  std::size_t digits = 0;
  for (; digits < text.size() && is_digit(text[digits]); ++digits) {
    if (digits < 6) micro = micro * 10 + (text[digits] - '0');
  }
  for (std::size_t i = digits; i < 6; ++i) micro *= 10;
  text.remove_prefix(digits);
  return digits > 0;
}

bool take_time_of_day(std::string_view& text, CivilTime& civil) {
  civil.hour = take_digits(text, 2);
  if (civil.hour < 0 || civil.hour > 23 || !consume(text, ":")) return false;
  civil.minute = take_digits(text, 2);
  if (civil.minute < 0 || civil.minute > 59) return false;
  if (!consume(text, ":")) return true;
  civil.second = take_digits(text, 2);
  if (civil.second < 0 || civil.second > 60) return false;
  return !consume(text, ".") || take_fraction(text, civil.micro);
}

// `Z`, `±hh:mm`, or nothing: then `offset_minutes` stays.
bool take_offset(std::string_view& text, int& offset_minutes) {
  if (text.empty()) return true;
  if (consume(text, "Z")) {
    offset_minutes = 0;
    return true;
  }
  const bool west = text.front() == '-';
  if (!west && text.front() != '+') return false;
  text.remove_prefix(1);
  const int hours = take_digits(text, 2);
  if (hours < 0 || hours > 23 || !consume(text, ":")) return false;
  const int minutes = take_digits(text, 2);
  if (minutes < 0 || minutes > 59) return false;
  offset_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
  return true;
}

std::optional<Micros> unit_of_span(char letter) {
  switch (letter) {
    case 's':
      return kSecond;
    case 'm':
      return kMinute;
    case 'h':
      return kHour;
    case 'd':
      return kDay;
    case 'w':
      return 7 * kDay;
    default:
      return std::nullopt;
  }
}

// `1 h 5 min`; the smaller unit is left out where it is 0.
std::string two_units(std::int64_t large, const char* large_unit, std::int64_t small, const char* small_unit) {
  std::string text = std::to_string(large) + large_unit;
  if (small != 0) text += ' ' + std::to_string(small) + small_unit;
  return text;
}

}  // namespace

CivilTime civil_from_micros(Micros time) {
  const std::int64_t days = floor_divide(time, kDay);
  std::int64_t rest = time - days * kDay;
  // The inverse of days_from_civil: years begin in March, eras have 400 years.
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = floor_divide(shifted, 146097);
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  CivilTime civil;
  civil.day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  civil.month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  civil.year = static_cast<int>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
  civil.hour = static_cast<int>(rest / kHour);
  rest %= kHour;
  civil.minute = static_cast<int>(rest / kMinute);
  rest %= kMinute;
  civil.second = static_cast<int>(rest / kSecond);
  civil.micro = static_cast<int>(rest % kSecond);
  return civil;
}

std::string format_rfc3339(Micros time, int offset_minutes) {
  constexpr Micros kFirst = days_from_civil(0, 1, 1) * kDay;
  constexpr Micros kLast = days_from_civil(10000, 1, 1) * kDay - 1;
  const int offset = std::clamp(offset_minutes, -kMinutesPerDay + 1, kMinutesPerDay - 1);
  const Micros wall = std::clamp(std::clamp(time, kFirst, kLast) + offset * kMinute, kFirst, kLast);
  const CivilTime civil = civil_from_micros(wall);
  char text[32];
  char* at = write_digits(text, civil.year, 4);
  *at++ = '-';
  at = write_digits(at, civil.month, 2);
  *at++ = '-';
  at = write_digits(at, civil.day, 2);
  *at++ = 'T';
  at = write_digits(at, civil.hour, 2);
  *at++ = ':';
  at = write_digits(at, civil.minute, 2);
  *at++ = ':';
  at = write_digits(at, civil.second, 2);
  *at++ = '.';
  at = write_digits(at, civil.micro, 6);
  *at++ = offset < 0 ? '-' : '+';
  const int east = offset < 0 ? -offset : offset;
  at = write_digits(at, east / 60, 2);
  *at++ = ':';
  at = write_digits(at, east % 60, 2);
  return {text, at};
}

std::optional<Micros> parse_timestamp(std::string_view text, int default_offset_minutes) {
  CivilTime civil;
  int offset = default_offset_minutes;
  if (!take_date(text, civil)) return std::nullopt;
  if (consume(text, "T") || consume(text, " ")) {
    if (!take_time_of_day(text, civil)) return std::nullopt;
  }
  if (!take_offset(text, offset) || !text.empty()) return std::nullopt;
  return micros_from_civil(civil) - offset * kMinute;
}

std::optional<Micros> parse_span(std::string_view text) {
  // 100 years: longer than any log, and far from overflow.
  constexpr std::int64_t kLongest = 36525 * kDay;
  Micros sum = 0;
  bool first = true;
  do {
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    const auto count = to_number<std::int64_t>(text.substr(0, digits));
    if (!count) return std::nullopt;
    text.remove_prefix(digits);
    Micros unit = kSecond;
    if (!text.empty()) {
      const auto named = unit_of_span(text.front());
      if (!named) return std::nullopt;
      unit = *named;
      text.remove_prefix(1);
    } else if (!first) {
      return std::nullopt;
    }
    if (*count > kLongest / unit) return std::nullopt;
    sum += *count * unit;
    if (sum > kLongest) return std::nullopt;
    first = false;
  } while (!text.empty());
  return sum;
}

std::string format_span(Micros span) {
  if (span < 0) {
    // The negative of the least number is none.
    return "-" + format_span(span == INT64_MIN ? INT64_MAX : -span);
  }
  const std::int64_t tenths = span / (kSecond / 10) + (span % (kSecond / 10) >= kSecond / 20 ? 1 : 0);
  if (tenths < 100) return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
  const std::int64_t seconds = span / kSecond + (span % kSecond >= kSecond / 2 ? 1 : 0);
  if (seconds < 60) return std::to_string(seconds) + " s";
  const std::int64_t minutes = seconds / 60 + (seconds % 60 >= 30 ? 1 : 0);
  if (minutes < 60) return std::to_string(minutes) + " min";
  if (minutes < kMinutesPerDay) return two_units(minutes / 60, " h", minutes % 60, " min");
  const std::int64_t hours = minutes / 60 + (minutes % 60 >= 30 ? 1 : 0);
  return two_units(hours / 24, " d", hours % 24, " h");
}

}  // namespace mailtrail
