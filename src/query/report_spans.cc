#include "query/report_spans.h"

#include <algorithm>
#include <string>
#include <utility>

#include "query/counting_rules.h"

namespace mailtrail::query {
namespace {

// What TimeZone and the names of days can tell.
constexpr Micros kLeast = days_from_civil(1, 2, 1) * kDay;
constexpr Micros kGreatest = days_from_civil(9998, 11, 1) * kDay;

}  // namespace

PeriodTally* SpanReportBuilder::tally(Micros time) {
  if (time == 0 || time < kLeast || time > kGreatest) {
    ++untimed_;
    return nullptr;
  }
  if (last_tally_ != nullptr && last_.holds(time)) return last_tally_;
  first_time_ = spans_.empty() ? time : std::min(first_time_, time);
  last_time_ = spans_.empty() ? time : std::max(last_time_, time);
  if (full_) return nullptr;
  auto at = spans_.upper_bound(time);
  if (at == spans_.begin() || std::prev(at)->second.end <= time) {
    if (spans_.size() == kMostSpans) {
      full_ = true;
      last_tally_ = nullptr;
      return nullptr;
    }
    const SpanGrid::Span span = grid_.span_of(time);
    at = std::next(spans_.emplace(span.begin, Kept{span.end, {}}).first);
  }
  --at;
  last_ = {at->first, at->second.end};
  last_tally_ = &at->second.figures;
  return last_tally_;
}

void SpanReportBuilder::on_journey(const model::fact::Journey& journey) {
  if (journey.notification || journey.probe) return;
  if (PeriodTally* figures = tally(journey.received)) figures->add(journey);
}

void SpanReportBuilder::on_rejection(const model::fact::Rejection& rejection) {
  if (!is_refusal(rejection.event.action)) return;
  if (PeriodTally* figures = tally(rejection.time)) figures->add(rejection);
}

void SpanReportBuilder::on_login(const model::fact::Login& login) {
  if (login.event.result == model::LoginResult::kNone) return;
  if (PeriodTally* figures = tally(login.time)) figures->add(login);
}

void SpanReportBuilder::on_gap(const model::fact::Gap& gap) {
  if (gap.time == 0) return;
  if (PeriodTally* figures = tally(gap.time)) ++figures->gaps;
}

Error SpanReportBuilder::too_many() const {
  const auto day = [&](Micros time) { return format_rfc3339(time, grid_.zone().offset_at(time)).substr(0, 10); };
  std::string remedy = "--since and --until narrow the range";
  if (const std::optional<SpanUnit> unit = wider(grid_.unit())) {
    remedy = "--per " + std::string(word(*unit)) + ", or " + remedy;
  }
  return {"from " + day(first_time_) + " to " + day(last_time_) + " there are more than " + std::to_string(kMostSpans) +
              " " + std::string(word(grid_.unit())) + "s",
          "", remedy};
}

Result<SpanReport> SpanReportBuilder::finish(std::optional<Micros> from, std::optional<Micros> to) {
  if (full_) return too_many();
  SpanReport report;
  report.zone = grid_.zone();
  report.unit = grid_.unit();
  report.untimed = untimed_;
  report.from = from;
  report.to = to;
  if (spans_.empty()) return report;
  const Micros last = spans_.rbegin()->first;
  SpanGrid::Span span{spans_.begin()->first, spans_.begin()->second.end};
  for (;; span = grid_.next(span)) {
    if (report.rows.size() == kMostSpans) return too_many();
    SpanReport::Row& row = report.rows.emplace_back();
    row.span = span;
    row.part = (from && *from > span.begin) || (to && *to < span.end);
    if (const auto known = spans_.find(span.begin); known != spans_.end()) {
      row.figures = std::move(known->second.figures);
      report.total.merge(row.figures);
    }
    if (span.begin >= last) break;
  }
  spans_.clear();
  last_tally_ = nullptr;
  return report;
}

}  // namespace mailtrail::query
