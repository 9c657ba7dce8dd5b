// Comparison: the main figures of a range beside those of the range of the same length just before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/time_zone.h"
#include "query/report_spans_tally.h"

namespace mailtrail::query {

struct Comparison {
  Micros since = 0, until = 0;  // the range before: [since, until)
  PeriodTally now, before;
  // Why the two are not compared, as the end of a sentence; empty where they are.
  std::string obstacle;
};

// What the logs or the store hold at all; absent where that is not known.
struct HeldTime {
  std::optional<Micros> from, to;
};

// The range before [since, until), without figures. `since` MUST be before `until`, both 0 or later.
Comparison range_before(Micros since, Micros until);
// Why `comparison`, whose figures are those of [since, until) and the range before, cannot be made: one of the two does
// not lie wholly in what is held (a hundredth of its length may be missing at either end: logs begin with their first
// line), or lines are missing in it. Empty: it can.
std::string obstacle_of(const Comparison& comparison, Micros until, const HeldTime& held, const TimeZone& zone);

// How a figure differs from that of the range before.
struct Change {
  bool up = false;
  double factor = 0;  // now through before; 0 where there was none before
};

// A count and what it is a part of. `open` may still come to it: recipients that wait.
struct PartOf {
  std::uint64_t part = 0, whole = 0, open = 0;
};

// Nothing where the difference is small or may be chance. It is told where all of this holds:
// - each range has at least 100 recipients (for shares);
// - the greater is at least a fifth more than the lesser; of shares this holds for that of the others too where the
//   share is above one half (94 % of recipients delivered are 6 % that are not);
// - it is more than six standard deviations of counts that fall independently. Mail comes in bursts of a kind: this is
//   three deviations where events come four at a time.
// - it would hold as well if every recipient that still waits in one of the ranges ended so as to make it small.
std::optional<Change> change_of_share(const PartOf& now, const PartOf& before);
std::optional<Change> change_of_count(std::uint64_t now, std::uint64_t before);

// The share of recipients that had `outcome`. Nothing for those that are deferred now: mail of the range before has had
// the time to get on.
std::optional<Change> change_of_outcome(const Comparison& comparison, model::Outcome outcome);

}  // namespace mailtrail::query
