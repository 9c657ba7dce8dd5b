#include "record/wall_clock.h"

#include <algorithm>
#include <utility>

namespace mailtrail::record {
namespace {

// Hostile input may step over any number of new years: times stay where they can be written.
constexpr int kFirstYear = 0;
constexpr int kLastYear = 9999;

// `wall`, a yearless wall time, in `year`. 29 February of a year that has none is 1 March.
Micros in_year(Micros wall, int year) {
  CivilTime civil = civil_from_micros(wall);
  // A leap second at the end of the year is the next year's start already.
  civil.year = std::clamp(year, kFirstYear, kLastYear) + (civil.year - kYearlessYear);
  return micros_from_civil(civil);
}

bool is_leap_year(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

Micros hour_of(Micros time) {
  return time / kHour - (time % kHour < 0 ? 1 : 0);
}

}  // namespace

int infer_first_year(const YearEvidence& evidence) {
  const int new_years = std::clamp(evidence.new_years, 0, kLastYear);
  const Micros last = evidence.last_wall.value_or(evidence.first_wall);
  const Micros latest = evidence.anchor + 2 * kDay;
  int last_year = std::clamp(civil_from_micros(evidence.anchor).year + 1, kFirstYear, kLastYear);
  while (last_year > kFirstYear && in_year(last, last_year) > latest) --last_year;
  int first_year = last_year - new_years;
  if (evidence.leap_day_after_new_years) {
    const int to_leap_day = std::clamp(*evidence.leap_day_after_new_years, 0, kLastYear);
    // Two leap years are at most 8 years apart.
    for (int back = 0; back < 8 && !is_leap_year(first_year + to_leap_day); ++back) --first_year;
  }
  return std::max(first_year, kFirstYear);
}

WallClock::WallClock(TimeZone zone, int first_year) : zone_(std::move(zone)), first_year_(first_year) {}

WallClock::Settled WallClock::settle(Micros time, std::int16_t offset_minutes, std::uint8_t notes, bool wall,
                                     bool yearless) {
  const Micros hour = hour_of(time);
  if (!wall) {
    if (hour != stated_hour_) {
      stated_hour_ = hour;
      remember_stated(time + zone_.offset_at(time) * kMinute);
    }
    return {time, offset_minutes, notes};
  }
  if (hour == cached_hour_ && yearless == cached_yearless_) {
    const int added = kZoneAssumed | (yearless ? kYearInferred : 0);
    return {time + cached_shift_, cached_offset_, static_cast<std::uint8_t>(notes | added)};
  }
  return settle_slowly(time, notes, yearless);
}

WallClock::Settled WallClock::settle_slowly(Micros time, std::uint8_t notes, bool yearless) {
  notes |= kZoneAssumed;
  Micros wall = time;
  if (yearless) {
    notes |= kYearInferred;
    wall = in_year(time, first_year_ + new_years_.see(time));
  } else {
    remember_stated(time);
  }
  const TimeZone::Instant instant = zone_.at_wall(wall);
  if (instant.ambiguous) return settle_ambiguous(wall, instant, notes);
  if (last_ambiguous_ && (wall > *last_ambiguous_ + kHour || wall < *last_ambiguous_ - 2 * kHour)) {
    last_ambiguous_.reset();
    second_pass_ = false;
  }
  // The whole hour has one answer where its two ends have the same, and a plain one.
  const Micros start = hour_of(wall) * kHour;
  const TimeZone::Instant first = zone_.at_wall(start);
  const TimeZone::Instant last = zone_.at_wall(start + kHour - 1);
  if (!first.ambiguous && !last.ambiguous && last.time - first.time == kHour - 1 &&
      first.offset_minutes == last.offset_minutes) {
    cached_hour_ = hour_of(time);
    cached_shift_ = instant.time - time;
    cached_offset_ = static_cast<std::int16_t>(instant.offset_minutes);
    cached_yearless_ = yearless;
  }
  return {instant.time, static_cast<std::int16_t>(instant.offset_minutes), notes};
}

WallClock::Settled WallClock::settle_ambiguous(Micros wall, const TimeZone::Instant& first, std::uint8_t notes) {
  if (last_ambiguous_ && wall < *last_ambiguous_ - kHour / 2) second_pass_ = true;
  last_ambiguous_ = wall;
  notes |= kDstAmbiguous;
  if (!second_pass_) return {first.time, static_cast<std::int16_t>(first.offset_minutes), notes};
  // No clock goes back by more than two hours, so this lies behind the second pass.
  const int offset = zone_.offset_at(first.time + 3 * kHour);
  return {wall - offset * kMinute, static_cast<std::int16_t>(offset), notes};
}

void WallClock::save(ByteWriter& out) const {
  new_years_.save(out);
  out.signed_number(first_year_);
  out.signed_number(cached_hour_);
  out.signed_number(cached_shift_);
  out.signed_number(cached_offset_);
  out.flag(cached_yearless_);
  out.signed_number(stated_hour_);
  out.flag(last_ambiguous_.has_value());
  out.signed_number(last_ambiguous_.value_or(0));
  out.flag(second_pass_);
}

void WallClock::restore(ByteReader& in) {
  new_years_.restore(in);
  first_year_ = static_cast<int>(in.signed_number());
  cached_hour_ = in.signed_number();
  cached_shift_ = in.signed_number();
  cached_offset_ = static_cast<std::int16_t>(in.signed_number());
  cached_yearless_ = in.flag();
  stated_hour_ = in.signed_number();
  const bool ambiguous = in.flag();
  const Micros last = in.signed_number();
  last_ambiguous_ = ambiguous ? std::optional(last) : std::nullopt;
  second_pass_ = in.flag();
}

void WallClock::remember_stated(Micros wall) {
  CivilTime civil = civil_from_micros(wall);
  first_year_ = civil.year - new_years_.years();
  civil.year = kYearlessYear;
  new_years_.go_on_from(micros_from_civil(civil));
  if (cached_yearless_) cached_hour_ = INT64_MIN;
}

}  // namespace mailtrail::record
