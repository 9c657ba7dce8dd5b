// `mailtrail report`.
#include <algorithm>

#include "app/time_range_sink.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/log_reading.h"
#include "explain/explain.h"
#include "explain/reply_shape.h"
#include "query/report.h"
#include "query/report_json.h"
#include "query/report_page.h"

namespace mailtrail::cli {
namespace {

constexpr std::size_t kRowsOfLists = 50;
constexpr std::size_t kUnparsedPrograms = 50;

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

// What the reading says of the lines. Where only a part of the log is wanted, the counts of all of it are left out: the
// figures of the report are not theirs.
query::LineStats line_stats(const app::RoadSummary& summary, bool whole) {
  query::LineStats lines;
  lines.hosts = summary.hosts;
  lines.year_inferred = summary.stats.year_inferred;
  lines.zone_assumed = summary.stats.zone_assumed;
  if (!whole) return lines;
  lines.lines = summary.stats.lines.lines;
  lines.unparsed = summary.unparsed;
  lines.cut = summary.stats.lines.overlong;
  lines.first = summary.stats.first_time;
  lines.last = summary.stats.last_time;
  lines.stays_begin_missing = summary.tracer.begin_missing;
  lines.stays_evicted = summary.tracer.evicted;
  lines.queue_ids_reused = summary.tracer.id_reused;
  for (const app::RoadSummary::Unparsed& program : summary.unparsed_programs) {
    if (lines.unparsed_programs.size() == kUnparsedPrograms) break;
    lines.unparsed_programs.push_back({program.program, program.count, program.example});
  }
  return lines;
}

}  // namespace

int report(const Arguments& arguments, const Streams& streams) {
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
