// SpanReportBuilder: the main figures hour by hour, day by day, week by week or month by month.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/result.h"
#include "model/fact_sink.h"
#include "query/report_spans_grid.h"
#include "query/report_spans_tally.h"

namespace mailtrail::query {

// More rows than these nobody reads, and each costs up to 27 KB.
inline constexpr std::size_t kMostSpans = 1000;

struct SpanReport {
  struct Row {
    SpanGrid::Span span;
    bool part = false;  // the logs, or the range that was asked for, do not hold all of the span
    PeriodTally figures;
  };
  TimeZone zone;
  SpanUnit unit = SpanUnit::kDay;
  std::vector<Row>
      rows;  // one after another without a hole, from the first with a mail, a refusal, a login or a gap to the last
  PeriodTally total;               // of the rows
  std::uint64_t untimed = 0;       // journeys, refusals and logins without a time: in no row
  std::optional<Micros> from, to;  // what the rows can tell of; absent where that is not known
};

// A mail counts in the span in which it was received, with all that became of it; all else when it happened: a row
// holds the figures that a report on its span alone has (app::TimeRangeSink). Not thread-safe.
class SpanReportBuilder : public model::FactSink {
 public:
  SpanReportBuilder(TimeZone zone, SpanUnit unit) : grid_(std::move(zone), unit) {}

  void on_journey(const model::fact::Journey& journey) override;
  void on_rejection(const model::fact::Rejection& rejection) override;
  void on_login(const model::fact::Login& login) override;
  void on_gap(const model::fact::Gap& gap) override;

  // `from` and `to`: what the logs hold of the range that was asked for. Error: there are more than kMostSpans spans.
  Result<SpanReport> finish(std::optional<Micros> from, std::optional<Micros> to);

 private:
  // The tally of the span; null: without a time, or there are too many.
  PeriodTally* tally(Micros time);
  Error too_many() const;

  struct Kept {
    Micros end = 0;
    PeriodTally figures;
  };
  SpanGrid grid_;
  std::map<Micros, Kept> spans_;  // by their beginning
  SpanGrid::Span last_;           // where the last fact fell
  PeriodTally* last_tally_ = nullptr;
  Micros first_time_ = 0, last_time_ = 0;
  std::uint64_t untimed_ = 0;
  bool full_ = false;
};

}  // namespace mailtrail::query
