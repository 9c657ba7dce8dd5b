#include "record/stamp.h"

#include <cstring>

#include "base/text.h"

namespace mailtrail::record {
namespace {

// Two digits at `at`, or -1.
inline int two_digits(const char* at) {
  const unsigned tens = static_cast<unsigned char>(at[0]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(at[1]) - unsigned{'0'};
  return tens <= 9 && ones <= 9 ? static_cast<int>(tens * 10 + ones) : -1;
}

int four_digits(const char* at) {
  const int high = two_digits(at);
  const int low = two_digits(at + 2);
  return high < 0 || low < 0 ? -1 : high * 100 + low;
}

// 1 to 12, or 0.
int month_at(const char* at) {
  constexpr char kNames[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (int month = 0; month < 12; ++month) {
    if (std::memcmp(kNames + month * 3, at, 3) == 0) return month + 1;
  }
  return 0;
}

bool is_date(int year, int month, int day) {
  if (month < 1 || month > 12 || day < 1) return false;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= (month == 2 && leap ? 29 : kDays[month - 1]);
}

// `hh:mm` at `at`, as microseconds; negative where it is none.
Micros minutes_at(const char* at) {
  const int hour = two_digits(at);
  const int minute = two_digits(at + 3);
  if (hour < 0 || hour > 23 || at[2] != ':' || minute < 0 || minute > 59) return -1;
  return hour * kHour + minute * kMinute;
}

// The fraction that begins at text[at] with its point, in microseconds; moves `at` behind it. Decimals after the sixth
// are cut off. Without a point and a digit: 0, and `at` stays.
inline Micros take_fraction(std::string_view text, std::size_t& at) {
  if (at + 1 >= text.size() || (text[at] != '.' && text[at] != ',') || !is_digit(text[at + 1])) return 0;
  ++at;
  Micros value = 0;
  Micros unit = 100'000;
  if (text.size() - at >= 6) {
    // Six decimals, as nearly all have.
    const int high = two_digits(text.data() + at);
    const int middle = two_digits(text.data() + at + 2);
    const int low = two_digits(text.data() + at + 4);
    if ((high | middle | low) >= 0) {
      value = high * 10'000 + middle * 100 + low;
      unit = 0;
      at += 6;
    }
  }
  for (; at < text.size() && is_digit(text[at]); ++at) {
    value += (text[at] - '0') * unit;
    unit /= 10;
  }
  return value;
}

// Takes `at` bytes and the blank behind them off `line`. False where something else than a blank or the end is there.
inline bool cut(std::string_view& line, std::size_t at) {
  if (at < line.size()) {
    if (line[at] != ' ') return false;
    ++at;
  }
  line.remove_prefix(at);
  return true;
}

void set_wall(Record& record, Micros time, bool yearless) {
  record.time = time;
  record.offset_minutes = 0;
  record.has_time = true;
  record.wall = true;
  record.yearless = yearless;
}

// A year from 1970 to 2099 at text[at], with a blank or the end behind it; moves `at` behind both. Else 0.
int take_year(std::string_view text, std::size_t& at) {
  if (text.size() - at < 4) return 0;
  const int year = four_digits(text.data() + at);
  if (year < 1970 || year > 2099) return 0;
  if (at + 4 < text.size() && text[at + 4] != ' ') return 0;
  at += at + 4 < text.size() ? 5 : 4;
  return year;
}

// The zone at text[at]: minutes east of UTC; moves `at` behind it. 1 where one is stated, 0 where none is, -1 where
// what stands there is no zone.
inline int take_zone(std::string_view text, std::size_t& at, int& minutes) {
  minutes = 0;
  if (at >= text.size() || text[at] == ' ') return 0;
  if (text[at] == 'Z') {
    ++at;
    return 1;
  }
  const char sign = text[at];
  if ((sign != '+' && sign != '-') || text.size() - at < 3) return -1;
  const int hours = two_digits(text.data() + at + 1);
  if (hours < 0 || hours > 23) return -1;
  minutes = hours * 60;
  at += 3;
  if (at < text.size() && text[at] != ' ') {
    if (text[at] == ':') ++at;
    if (text.size() - at < 2) return -1;
    const int rest = two_digits(text.data() + at);
    if (rest < 0 || rest > 59) return -1;
    minutes += rest;
    at += 2;
  }
  if (sign == '-') minutes = -minutes;
  return 1;
}

}  // namespace

bool StampReader::take_rfc3164(std::string_view& line, Record& record) {
  // The shape of nearly all lines: `Nov 24 03:00:15 `, a stamp of 15 bytes and a blank.
  if (line.size() < 16 || line[12] != ':' || line[15] != ' ') return take_rfc3164_slow(line, record);
  const char* at = line.data();
  if (std::memcmp(at, rfc3164_minute_, sizeof rfc3164_minute_) != 0) {
    const int month = month_at(at);
    const int day = at[4] == ' ' && is_digit(at[5]) ? at[5] - '0' : two_digits(at + 4);
    const Micros minutes = minutes_at(at + 7);
    if (at[3] != ' ' || at[6] != ' ' || minutes < 0 || !is_date(kYearlessYear, month, day)) {
      return take_rfc3164_slow(line, record);
    }
    rfc3164_start_ = days_from_civil(kYearlessYear, month, day) * kDay + minutes;
    std::memcpy(rfc3164_minute_, at, sizeof rfc3164_minute_);
  }
  const int second = two_digits(at + 13);
  if (second < 0 || second > 60) return false;
  // `Nov 24 03:00:15 2026 mx1 ...`
  if (line.size() > 19 && (line[16] == '1' || line[16] == '2')) {
    std::size_t behind = 16;
    if (take_year(line, behind) != 0) return take_rfc3164_slow(line, record);
  }
  set_wall(record, rfc3164_start_ + second * kSecond, true);
  line.remove_prefix(16);
  return true;
}

bool StampReader::take_rfc3164_slow(std::string_view& line, Record& record) {
  std::size_t at = 0;
  int year = take_year(line, at);
  if (line.size() - at < 6) return false;
  const int month = month_at(line.data() + at);
  if (month == 0 || line[at + 3] != ' ') return false;
  at += 4;
  if (line[at] == ' ') ++at;
  int day = 0;
  std::size_t digits = 0;
  for (; digits < 2 && at < line.size() && is_digit(line[at]); ++digits, ++at) day = day * 10 + (line[at] - '0');
  if (digits == 0 || at >= line.size() || line[at] != ' ') return false;
  ++at;
  if (year == 0) year = take_year(line, at);
  if (line.size() - at < 8) return false;
  const Micros minutes = minutes_at(line.data() + at);
  const int second = line[at + 5] == ':' ? two_digits(line.data() + at + 6) : -1;
  if (minutes < 0 || second < 0 || second > 60) return false;
  at += 8;
  const Micros micros = take_fraction(line, at);
  if (year == 0 && at < line.size() && line[at] == ' ') {
    std::size_t behind = at + 1;
    year = take_year(line, behind);
    if (year != 0) at += 5;
  }
  if (!is_date(year == 0 ? kYearlessYear : year, month, day) || !cut(line, at)) return false;
  const std::int64_t days = days_from_civil(year == 0 ? kYearlessYear : year, month, day);
  set_wall(record, days * kDay + minutes + second * kSecond + micros, year == 0);
  return true;
}

bool StampReader::take_iso(std::string_view& line, Record& record) {
  if (line.size() < 19) return false;
  const char* text = line.data();
  if (std::memcmp(text, iso_minute_, sizeof iso_minute_) != 0) {
    const int year = four_digits(text);
    const int month = two_digits(text + 5);
    const int day = two_digits(text + 8);
    const Micros minutes = minutes_at(text + 11);
    if (year < 0 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || minutes < 0 ||
        !is_date(year, month, day)) {
      return false;
    }
    iso_start_ = days_from_civil(year, month, day) * kDay + minutes;
    std::memcpy(iso_minute_, text, sizeof iso_minute_);
  }
  const int second = text[16] == ':' ? two_digits(text + 17) : -1;
  if (second < 0 || second > 60) return false;
  std::size_t at = 19;
  const Micros micros = take_fraction(line, at);
  int offset = 0;
  int zone = take_zone(line, at, offset);
  // Exim's log_timezone puts a blank before the zone: `2026-11-24 03:00:15 +0100 `.
  if (zone == 0 && text[10] == ' ' && line.size() - at > 6 && (line[at + 1] == '+' || line[at + 1] == '-') &&
      line[at + 6] == ' ') {
    std::size_t behind = at + 1;
    if (take_zone(line, behind, offset) == 1 && behind == at + 6) {
      zone = 1;
      at = behind;
    } else {
      offset = 0;
    }
  }
  if (zone < 0 || !cut(line, at)) return false;
  set_wall(record, iso_start_ + second * kSecond + micros - offset * kMinute, false);
  record.wall = zone == 0;
  record.offset_minutes = static_cast<std::int16_t>(offset);
  return true;
}

}  // namespace mailtrail::record
