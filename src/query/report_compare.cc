#include "query/report_compare.h"

#include <algorithm>
#include <cmath>

namespace mailtrail::query {
namespace {

using model::Outcome;

// docs/report.md tells these.
constexpr std::uint64_t kLeastWhole = 100;
constexpr double kLeastFactor = 1.2;
constexpr double kLeastDeviations = 6;

bool differs(double now, double before) {
  return std::max(now, before) >= kLeastFactor * std::min(now, before);
}

double share_of(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

// Whether a share of `great` is more than one of `small`, and not by chance.
bool is_greater(const PartOf& great, const PartOf& small) {
  const double more = share_of(great.part, great.whole);
  const double less = share_of(std::min(small.part + small.open, small.whole), small.whole);
  if (more <= less) return false;
  if (!(less > 0.5 ? differs(1 - more, 1 - less) : differs(more, less))) return false;
  const auto n = static_cast<double>(great.whole), m = static_cast<double>(small.whole);
  const double joint = (more * n + less * m) / (n + m);
  return more - less >= kLeastDeviations * std::sqrt(joint * (1 - joint) * (1 / n + 1 / m));
}

std::string moment(Micros time, const TimeZone& zone) {
  std::string text = format_rfc3339(time, zone.offset_at(time)).substr(0, 16);
  text[10] = ' ';
  return text;
}

}  // namespace

Comparison range_before(Micros since, Micros until) {
  Comparison comparison;
  comparison.since = std::max<Micros>(since - (until - since), 0);
  comparison.until = since;
  return comparison;
}

std::string obstacle_of(const Comparison& comparison, Micros until, const HeldTime& held, const TimeZone& zone) {
  if (!held.from || !held.to) return "it is not known what time the logs hold";
  const Micros slack = (until - comparison.until) / 100;
  if (until - comparison.until > comparison.until - comparison.since) return "there is no range of that length before";
  if (*held.from > comparison.since + slack) return "what is held begins " + moment(*held.from, zone);
  if (*held.to < until - slack) return "what is held ends " + moment(*held.to, zone) + ", within the range";
  if (comparison.before.gaps != 0) return "lines are missing in the logs of the range before";
  if (comparison.now.gaps != 0) return "lines are missing in the logs of the range";
  return "";
}

std::optional<Change> change_of_share(const PartOf& now, const PartOf& before) {
  if (now.whole < kLeastWhole || before.whole < kLeastWhole) return std::nullopt;
  const bool up = is_greater(now, before);
  if (!up && !is_greater(before, now)) return std::nullopt;
  const double factor = before.part == 0 ? 0 : share_of(now.part, now.whole) / share_of(before.part, before.whole);
  return Change{up, factor};
}

std::optional<Change> change_of_count(std::uint64_t now, std::uint64_t before) {
  const auto a = static_cast<double>(now), b = static_cast<double>(before);
  if (now == before || !differs(a, b) || std::abs(a - b) < kLeastDeviations * std::sqrt(a + b)) return std::nullopt;
  return Change{now > before, before == 0 ? 0 : a / b};
}

std::optional<Change> change_of_outcome(const Comparison& comparison, Outcome outcome) {
  if (outcome == Outcome::kDeferred || outcome == Outcome::kHeld || outcome == Outcome::kUnknown) return std::nullopt;
  const auto part_of = [&](const PeriodTally& tally) {
    return PartOf{tally.outcome(outcome), tally.recipients,
                  tally.outcome(Outcome::kDeferred) + tally.outcome(Outcome::kHeld) + tally.outcome(Outcome::kUnknown)};
  };
  return change_of_share(part_of(comparison.now), part_of(comparison.before));
}

}  // namespace mailtrail::query
