// Time stamps at the beginning of log lines.
#pragma once

#include <string_view>

#include "base/time.h"
#include "record/record.h"

namespace mailtrail::record {

// Reads stamps. Remembers the last minute of each shape, since most lines fall into the minute of the one before; the
// answer does not depend on that.
class StampReader {
 public:
  // `Nov 24 03:00:15`, the day padded with a blank or a 0 or not at all, with a fraction (`.123` or `,123`), with the
  // year before the month, after the day or after the time. On success sets the time fields of `record` (wall time, and
  // yearless unless a year is stated), takes the stamp and one blank after it off `line`, and says true; else changes
  // nothing.
  bool take_rfc3164(std::string_view& line, Record& record);

  // `2026-11-24T03:00:15.101090+00:00`: a fraction of any length, `Z`, `±hh:mm`, `±hhmm`, `±hh` or no zone (then it is
  // a wall time), a blank for the `T` (then also ` ±hhmm`). As above; the offset is set as it is stated.
  bool take_iso(std::string_view& line, Record& record);

 private:
  bool take_rfc3164_slow(std::string_view& line, Record& record);

  // A minute, not terminated, and what it is. The first ones hold true as well: all bytes 0 would be a stamp that is
  // none.
  char rfc3164_minute_[12] = {'J', 'a', 'n', ' ', ' ', '1', ' ', '0', '0', ':', '0', '0'};
  Micros rfc3164_start_ = days_from_civil(kYearlessYear, 1, 1) * kDay;
  char iso_minute_[16] = {'1', '9', '7', '0', '-', '0', '1', '-', '0', '1', 'T', '0', '0', ':', '0', '0'};
  Micros iso_start_ = 0;
};

}  // namespace mailtrail::record
