// `mailtrail report`.
#include <algorithm>
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

// What the logs, or the store, hold at all.
struct Held {
  std::optional<Micros> from, to;
};

Held held_by(const app::RoadSummary& summary, const Arguments& arguments, const Streams& streams) {
  Held held{summary.stats.first_time, summary.stats.last_time};
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
  Held held = held_by(summary, arguments, streams);
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
  app::TimeRangeSink sink(builder, reading.since(), reading.until());
  const app::RoadSummary summary = reading.road().read_facts(sink, {});
  const bool whole = !reading.has_range() && !reading.has_host();
  if (whole) builder.on_lines(line_stats(summary, whole));
  query::Report figures = builder.finish();
  if (!whole) figures.lines = line_stats(summary, whole);
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
