// WallClock: settles the times of records that state no year or no zone.
//
// RFC 3164 (4.1.2) gives a month, a day and a time of day on the sender's wall: neither year nor zone.
#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_stream.h"
#include "base/time.h"
#include "base/time_zone.h"
#include "record/record.h"

namespace mailtrail::record {

// A step between two yearless times of one source that is longer than this is a step over a new year.
inline constexpr Micros kNewYearStep = 180 * kDay;
// A late line is late by no more than this: a longer way back over a new year is a silence within one year.
inline constexpr Micros kLongestDelay = 60 * kDay;

// Follows the yearless times of one source, in log order, over new years. A step back of more than 180 days is a new
// year; a step forward of more than 180 days is a late line of the year before, where it came at most 60 days late,
// else a silence.
class NewYearCount {
 public:
  // Years from the first time to `time`, a time of kYearlessYear: 0, 1, ...; one less than before for a late line, so
  // -1 may come too.
  int see(Micros time) {
    if (last_ >= 0) {
      const Micros step = time - last_;
      if (step < -kNewYearStep) {
        ++years_;
      } else if (step > kNewYearStep && 366 * kDay - step <= kLongestDelay) {
        return years_ - 1;
      }
    }
    last_ = time;
    return years_;
  }
  // The last time that was no late line's; -1 before the first.
  Micros last() const { return last_; }
  // Years from the first time to that.
  int years() const { return years_; }
  // Goes on from `time`, in whichever year that is.
  void go_on_from(Micros time) { last_ = time; }

  void save(ByteWriter& out) const {
    out.signed_number(last_);
    out.signed_number(years_);
  }
  void restore(ByteReader& in) {
    last_ = in.signed_number();
    years_ = static_cast<int>(in.signed_number());
  }

 private:
  Micros last_ = -1;
  int years_ = 0;
};

// The year of the first line of a source that states none. `first_wall` and `last_wall` are the yearless wall times of
// its first and last line (the last where it is known), `new_years` how many new years lie between them (NewYearCount),
// `anchor` a time at which the source was no more written to (its time of last change; the time that a gzip header
// states). The result is the latest year that puts the last line at or before `anchor` plus two days, and in which 29
// February is a date where a line says so (`leap_day_after_new_years`). Pure.
struct YearEvidence {
  Micros first_wall = 0;
  std::optional<Micros> last_wall;
  int new_years = 0;
  Micros anchor = 0;
  std::optional<int> leap_day_after_new_years;  // new years between the first line and a 29 February, where one is seen
};
int infer_first_year(const YearEvidence& evidence);

// Give it the records of ONE source in log order. A record that states its year (ISO, RFC 5424) moves the year along;
// between yearless ones, new years and late lines are told as NewYearCount tells them. Where the clocks went back, the
// times that the wall showed twice are taken for the first of the two until the wall steps back by more than half an
// hour, then for the second; they are noted as ambiguous either way. Never consults the system clock. Not thread-safe.
class WallClock {
 public:
  // `first_year` for the first yearless record.
  WallClock(TimeZone zone, int first_year);

  // Settles a time: `time` is as Record::time; gives UTC, and the offset and notes to show with it.
  struct Settled {
    Micros time;
    std::int16_t offset_minutes;
    std::uint8_t notes;
  };
  // MUST be called in log order. `wall` false: only remembers the year, and gives back what it was given.
  Settled settle(Micros time, std::int16_t offset_minutes, std::uint8_t notes, bool wall, bool yearless);

  // All that decides what comes next, but for the zone: a clock of the same zone that is restored from it goes on as
  // this one would.
  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  Settled settle_slowly(Micros time, std::uint8_t notes, bool yearless);
  Settled settle_ambiguous(Micros wall, const TimeZone::Instant& first, std::uint8_t notes);
  void remember_stated(Micros wall);

  TimeZone zone_;
  NewYearCount new_years_;
  int first_year_;  // the year at which new_years_ counts 0
  // The zone's answer for the hour of `cached_hour_`: most records fall into the hour of the one before.
  Micros cached_hour_ = INT64_MIN;
  Micros cached_shift_ = 0;
  std::int16_t cached_offset_ = 0;
  bool cached_yearless_ = false;
  // The hour of the last record that states time and zone.
  Micros stated_hour_ = INT64_MIN;
  // While the wall shows an hour twice: the last time of that hour, and whether it is shown for the second time.
  std::optional<Micros> last_ambiguous_;
  bool second_pass_ = false;
};

}  // namespace mailtrail::record
