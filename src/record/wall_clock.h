// WallClock: settles the times of records that state no year or no zone.
//
// RFC 3164 (4.1.2) gives a month, a day and a time of day on the sender's wall: neither year nor zone.
#pragma once

#include <optional>

#include "base/time.h"
#include "base/time_zone.h"
#include "record/record.h"

namespace mailtrail::record {

// The year of the first line of a source that states none. `first_wall` and `last_wall` are the yearless wall times of its
// first and last line (the last where it is known), `new_years` how often the months step back by more than 180 days
// between them, `anchor` a time at which the source was no more written to (its time of last change; the time that a gzip
// header states). The result is the latest year that puts the last line at or before `anchor` plus two days, and that is a
// leap year where a line says 29 February (`has_leap_day`, counted from the first line's year). Pure.
struct YearEvidence {
  Micros first_wall = 0;
  std::optional<Micros> last_wall;
  int new_years = 0;
  Micros anchor = 0;
  std::optional<int> leap_day_after_new_years;  // new years between the first line and a 29 February, where one is seen
};
int infer_first_year(const YearEvidence& evidence);

// Give it the records of ONE source in log order. A record that states its year (ISO, RFC 5424) moves the year along; a
// step back of more than 180 days between yearless ones is a new year, a step forward of more than 180 days is a late line
// of the year before. Never consults the system clock. Not thread-safe.
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
  // MUST be called in log order. `wall` false: only remembers the year.
  Settled settle(Micros time, std::int16_t offset_minutes, std::uint8_t notes, bool wall, bool yearless);

 private:
  TimeZone zone_;
  int year_;
  Micros last_yearless_ = -1;
  // The zone's answer for the hour of `cached_hour_`: most records fall into the hour of the one before.
  Micros cached_hour_ = INT64_MIN;
  Micros cached_shift_ = 0;
  std::int16_t cached_offset_ = 0;
};

}  // namespace mailtrail::record
