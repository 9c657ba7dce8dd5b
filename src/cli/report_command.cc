// `mailtrail report`.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <thread>

#include "app/time_range_sink.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/line_stats.h"
#include "cli/log_reading.h"
#include "cli/named_report.h"
#include "cli/store_opening.h"
#include "explain/explain.h"
#include "explain/reply_shape.h"
#include "query/report.h"
#include "query/report_json.h"
#include "query/report_page.h"
#include "query/report_spans.h"
#include "query/report_spans_page.h"

namespace mailtrail::cli {
namespace {

constexpr std::size_t kRowsOfLists = 50;

query::Reason reason_of(const model::fact::Recipient& recipient) {
  explain::Question question;
  question.reply = recipient.reply;
  question.smtp_code = recipient.smtp_code.value_or(0);
  question.dsn = recipient.dsn;
  question.host = recipient.relay_host;
  explain::Explanation answer = explain::explain(question);
  // A content filter takes the mail and returns it later: its reply is no reason, and who acts is not in it.
  if (answer.smtp_code / 100 == 2 || (answer.smtp_code == 0 && answer.dsn.starts_with('2'))) {
    answer.title =
        "accepted, then not delivered" + answer.title.substr(std::min(answer.title.find(" ("), answer.title.size()));
    answer.who.clear();
  }
  return {std::move(answer.title), explain::reply_shape(recipient.reply), std::move(answer.who)};
}

// Tells two sinks each fact.
class BothSinks : public model::FactSink {
 public:
  BothSinks(model::FactSink& one, model::FactSink& other) : sinks_{&one, &other} {}
  void on_journey(const model::fact::Journey& fact) override {
    for (model::FactSink* sink : sinks_) sink->on_journey(fact);
  }
  void on_delivery(const model::fact::Delivery& fact) override {
    for (model::FactSink* sink : sinks_) sink->on_delivery(fact);
  }
  void on_rejection(const model::fact::Rejection& fact) override {
    for (model::FactSink* sink : sinks_) sink->on_rejection(fact);
  }
  void on_login(const model::fact::Login& fact) override {
    for (model::FactSink* sink : sinks_) sink->on_login(fact);
  }
  void on_session(const model::fact::Session& fact) override {
    for (model::FactSink* sink : sinks_) sink->on_session(fact);
  }
  void on_tls(const model::fact::TlsSession& fact) override {
    for (model::FactSink* sink : sinks_) sink->on_tls(fact);
  }
  void on_notice(const model::fact::Notice& fact) override {
    for (model::FactSink* sink : sinks_) sink->on_notice(fact);
  }
  void on_policy(const model::fact::Policy& fact) override {
    for (model::FactSink* sink : sinks_) sink->on_policy(fact);
  }
  void on_gap(const model::fact::Gap& fact) override {
    for (model::FactSink* sink : sinks_) sink->on_gap(fact);
  }

 private:
  std::array<model::FactSink*, 2> sinks_;
};

// The figures of the range that was asked for and of the one before, while the facts stream by. A range without
// `until` ends with the last line, `end`, and holds it.
class Comparing {
 public:
  Comparing(Micros since, std::optional<Micros> until, Micros end)
      : end_(until.value_or(end)),
        figures_(query::range_before(since, end_)),
        now_(now_figures_, since, until),
        before_(before_figures_, figures_.since, figures_.until) {}
  Comparing(const Comparing&) = delete;
  Comparing& operator=(const Comparing&) = delete;

  model::FactSink& sink() { return both_; }
  query::Comparison finish(const query::HeldTime& held, const TimeZone& zone) {
    figures_.obstacle = query::obstacle_of(figures_, end_, held, zone);
    return std::move(figures_);
  }

 private:
  Micros end_;
  query::Comparison figures_;
  query::PeriodSink now_figures_{figures_.now}, before_figures_{figures_.before};
  app::TimeRangeSink now_, before_;
  BothSinks both_{now_, before_};
};

// Whether the range is to be compared with the one before: always from a store, of logs where it is asked for.
bool wants_comparison(const Arguments& arguments) {
  return arguments.has("since") && !arguments.has("no-compare") &&
         (arguments.has("compare") || arguments.words.empty());
}

query::HeldTime held_by(const app::RoadSummary& summary, const Arguments& arguments, const Streams& streams) {
  query::HeldTime held{summary.stats.first_time, summary.stats.last_time};
  if (!arguments.words.empty() || streams.store == nullptr) return held;
  // Its oldest days may have been dropped.
  const Result<store::Summary> kept = streams.store->store.summary();
  if (!kept.ok()) {
    say(streams, "report: " + kept.error().to_string());
    return {};
  }
  if (kept->first_day) held.from = std::max(held.from.value_or(*kept->first_day), *kept->first_day);
  return held;
}

int report_spans(const Arguments& arguments, const Streams& streams, query::SpanUnit unit) {
  LogReading reading(arguments, streams);
  if (!reading.open()) return reading.status(kDone);
  query::SpanReportBuilder builder(reading.zone(), unit);
  app::TimeRangeSink sink(builder, reading.since(), reading.until());
  const app::RoadSummary summary = reading.road().read_facts(sink, {});
  query::HeldTime held = held_by(summary, arguments, streams);
  if (held.from && reading.since()) held.from = std::max(*held.from, *reading.since());
  if (held.to && reading.until()) held.to = std::min(*held.to, *reading.until());
  const Result<query::SpanReport> spans = builder.finish(held.from, held.to);
  reading.tell_problems();
  if (!spans.ok()) {
    say(streams, "report: " + spans.error().to_string());
    return kWrongUse;
  }
  if (arguments.has("json")) {
    streams.out.write(query::spans_json(*spans));
  } else {
    query::PageOptions page;
    page.width = page_width(streams);
    page.colour = wants_colour(arguments, streams);
    page.unicode = streams.unicode;
    show_page(streams, query::render_spans(*spans, page), !arguments.has("no-pager"));
  }
  return reading.status(spans->rows.empty() ? kNothingFound : kDone);
}

}  // namespace

int report(const Arguments& arguments, const Streams& streams) {
  if (arguments.has("per") && asks_named_report(arguments)) {
    say(streams, "report: --per is of the figures of all mail: it goes with no --list, --name or --layout");
    return kWrongUse;
  }
  if (arguments.has("compare") && (arguments.has("per") || asks_named_report(arguments) || !arguments.has("since"))) {
    say(streams, "report: --compare goes with --since, and with no --per, --list, --name or --layout");
    return kWrongUse;
  }
  if (asks_named_report(arguments)) return named_report(arguments, streams);
  if (const auto per = arguments.value("per")) return report_spans(arguments, streams, *query::span_unit_of(*per));
  const Result<std::uint64_t> top = number_of(arguments, "top", 1, kRowsOfLists, 5);
  if (!top.ok()) {
    say(streams, top.error().to_string());
    return kWrongUse;
  }
  LogReading reading(arguments, streams);
  if (!reading.open()) return reading.status(kDone);

  query::ReportOptions options;
  options.zone = reading.zone();
  options.reason = reason_of;
  options.rows = kRowsOfLists;
  options.own_thread = std::thread::hardware_concurrency() > 1;
  query::ReportBuilder builder(options);
  app::TimeRangeSink page_sink(builder, reading.since(), reading.until());
  std::unique_ptr<Comparing> comparing;
  if (wants_comparison(arguments)) {
    const Micros end = reading.road().time_context().now;
    if (*reading.since() < reading.until().value_or(end) && *reading.since() >= 0) {
      comparing = std::make_unique<Comparing>(*reading.since(), reading.until(), end);
    }
  }
  std::optional<BothSinks> both;
  if (comparing) both.emplace(page_sink, comparing->sink());
  model::FactSink& sink = both ? static_cast<model::FactSink&>(*both) : page_sink;
  const app::RoadSummary summary = reading.road().read_facts(sink, {});
  const bool whole = !reading.has_range() && !reading.has_host();
  if (whole) builder.on_lines(line_stats(summary, whole));
  query::Report figures = builder.finish();
  if (!whole) figures.lines = line_stats(summary, whole);
  if (comparing) figures.comparison = comparing->finish(held_by(summary, arguments, streams), reading.zone());
  reading.tell_problems();

  if (arguments.has("json")) {
    streams.out.write(query::report_json(figures) + '\n');
  } else {
    query::PageOptions page;
    page.width = page_width(streams);
    page.colour = wants_colour(arguments, streams);
    page.unicode = streams.unicode;
    page.top = static_cast<std::size_t>(*top);
    show_page(streams, query::render_report(figures, page), !arguments.has("no-pager"));
  }
  return reading.status(summary.stats.lines.lines == 0 ? kNothingFound : kDone);
}

}  // namespace mailtrail::cli
