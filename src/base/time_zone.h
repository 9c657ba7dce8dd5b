// TimeZone: from the time on a wall to the time that it was.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace mailtrail {

// One zone of the tz database, immutable. Copies are cheap and share it. Thread-safe.
class TimeZone {
 public:
  // What a wall time means in a zone.
  struct Instant {
    Micros time;         // UTC
    int offset_minutes;  // east of UTC
    bool ambiguous;      // the wall showed this time twice (clocks went back): `time` is the first of the two
    bool skipped;        // the wall never showed it (clocks went forward): `time` is as if they had not
  };

  // UTC.
  TimeZone();
  // `name` is of the tz database (`Europe/Berlin`), `UTC`, or a fixed offset `+02:00`. Error: unknown name.
  static Result<TimeZone> load(const std::string& name);
  // The zone of this system (the environment's TZ, else /etc/localtime); UTC where that cannot be read.
  static TimeZone system();

  // `wall` is a wall time as micros_from_civil gives it.
  Instant at_wall(Micros wall) const;
  // Minutes east of UTC at `time`.
  int offset_at(Micros time) const;
  std::string name() const;

 private:
  struct Zone;
  explicit TimeZone(std::shared_ptr<const Zone> zone) : zone_(std::move(zone)) {}
  std::shared_ptr<const Zone> zone_;
};

}  // namespace mailtrail
