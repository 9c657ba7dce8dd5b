#include "cli/named_report.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "app/time_range_sink.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "cli/exit_status.h"
#include "cli/line_stats.h"
#include "cli/log_reading.h"
#include "explain/reply_shape.h"
#include "query/report_file.h"
#include "query/report_file_groups.h"
#include "query/report_file_page.h"
#include "sys/file.h"

namespace mailtrail::cli {
namespace {

// The report of that name; it was tested when the program was built.
Result<query::ReportFile> shipped(std::string_view name) {
  const query::ShippedReport* report = query::find_shipped_report(name);
  if (report == nullptr) {
    return Error{"there is no report `" + printable(name) + "`", "", "mailtrail report --list shows them"};
  }
  return query::parse_report_file(report->text, std::string(name) + ".report");
}

// The bytes of the file, one more than a report file may have at most.
Result<std::string> read_layout(const std::string& path) {
  Result<sys::File> file = sys::File::open(path);
  if (!file.ok()) return file.error();
  std::string text(query::kMaxReportFile + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const Result<std::size_t> read = file->read(text.data() + size, text.size() - size);
    if (!read.ok()) return read.error();
    if (*read == 0) break;
    size += *read;
  }
  text.resize(size);
  return text;
}

int refuse(const Streams& streams, const Error& error, int status) {
  say(streams, "report: " + error.to_string());
  return status;
}

int list(const Arguments& arguments, const Streams& streams) {
  std::string out;
  std::size_t width = 0;
  for (const query::ShippedReport& report : query::shipped_reports()) width = std::max(width, report.name.size());
  for (const query::ShippedReport& report : query::shipped_reports()) {
    const Result<query::ReportFile> file = shipped(report.name);
    if (!file.ok()) return refuse(streams, file.error(), kWrongUse);
    if (arguments.has("json")) {
      JsonWriter json(out);
      json.begin_object();
      json.field("name", report.name);
      json.field("title", std::string_view(file->title));
      json.field("summary", std::string_view(file->summary));
      json.end_object();
    } else {
      out += std::string(report.name) + std::string(width + 2 - report.name.size(), ' ') + file->summary;
    }
    out += '\n';
  }
  show_page(streams, out, !arguments.has("no-pager"));
  return kDone;
}

// Whether a search of the report counts back from the end of the logs, which must then be known before they are read.
bool has_bounds(const query::ReportFile& file) {
  const auto bounded = [](const std::string& search) {
    const Result<query::Plan> plan = query::parse_search(search, {});
    return plan.ok() && (plan->since || plan->until);
  };
  return std::any_of(file.searches.begin(), file.searches.end(), bounded) ||
         std::any_of(file.measures.begin(), file.measures.end(),
                     [&](const query::ReportMeasure& measure) { return bounded(measure.search); });
}

int show(const Arguments& arguments, const Streams& streams, query::ReportFile file, std::optional<std::size_t> limit) {
  LogReading reading(arguments, streams);
  const bool bounds = has_bounds(file);
  if (!reading.open(bounds)) return reading.status(kDone);
  query::ReportContext context;
  context.zone = reading.zone();
  if (bounds) context.times = reading.road().time_context();
  context.reply_shape = explain::reply_shape;
  context.limit = limit;
  Result<std::unique_ptr<query::GroupedReport>> report =
      query::GroupedReport::make(std::move(file), std::move(context));
  if (!report.ok()) return refuse(streams, report.error(), kWrongUse);

  app::TimeRangeSink sink(**report, reading.since(), reading.until());
  trace::TracerOptions options;
  options.keep_details = (*report)->needs_attempts();
  const app::RoadSummary summary = reading.road().read_facts(sink, options);
  query::ReportScope scope;
  scope.whole = !reading.has_range() && !reading.has_host();
  scope.lines = line_stats(summary, scope.whole);
  scope.lines.lines = summary.stats.lines.lines;
  scope.lines.unparsed = summary.unparsed;
  const query::ReportTable table = (*report)->finish();
  reading.tell_problems();

  if (arguments.has("json")) {
    streams.out.write(query::report_table_json(table, scope) + '\n');
  } else {
    query::PageOptions page;
    page.width = page_width(streams);
    page.colour = wants_colour(arguments, streams);
    page.unicode = streams.unicode;
    show_page(streams, query::render_report_table(table, scope, page), !arguments.has("no-pager"));
  }
  return reading.status(table.nothing() ? kNothingFound : kDone);
}

}  // namespace

bool asks_named_report(const Arguments& arguments) {
  return arguments.has("list") || arguments.has("name") || arguments.has("layout");
}

int named_report(const Arguments& arguments, const Streams& streams) {
  const bool named = arguments.has("name"), of_file = arguments.has("layout");
  if (arguments.has("list")) {
    if (named || of_file || !arguments.words.empty()) {
      return refuse(streams, {"--list stands alone", "", "mailtrail report --name NAME LOG shows one"}, kWrongUse);
    }
    return list(arguments, streams);
  }
  if (named && of_file) return refuse(streams, {"--name and --layout exclude each other", "", ""}, kWrongUse);
  const Result<std::uint64_t> top = number_of(arguments, "top", 1, query::kMaxReportRows, 0);
  if (!top.ok()) return refuse(streams, {top.error().what, "", top.error().remedy}, kWrongUse);
  std::string text;
  if (of_file) {
    Result<std::string> read = read_layout(std::string(*arguments.value("layout")));
    // The remedy is that of logs.
    if (!read.ok()) return refuse(streams, {read.error().what, printable(read.error().where), ""}, kUnreadable);
    text = std::move(*read);
  }
  Result<query::ReportFile> file =
      named ? shipped(*arguments.value("name")) : query::parse_report_file(text, *arguments.value("layout"));
  if (!file.ok()) return refuse(streams, file.error(), kWrongUse);
  std::optional<std::size_t> limit;
  if (*top != 0) limit = static_cast<std::size_t>(*top);
  return show(arguments, streams, std::move(*file), limit);
}

}  // namespace mailtrail::cli
