// `mailtrail trace`.
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/log_reading.h"
#include "cli/trace_collector.h"
#include "cli/trace_page.h"
#include "query/report_layout.h"

namespace mailtrail::cli {
namespace {

constexpr std::uint64_t kShown = 20;            // mails of a page, if not said otherwise
constexpr std::uint64_t kMostInJson = 100'000;  // likewise

// Journeys and refusals, each in the order of time.
std::string json_of(const TraceCollector& found, const std::vector<std::string>& sources) {
  std::string text;
  auto rejection = found.rejections().begin();
  const auto take_rejection = [&] {
    append_trace_json(text, *rejection++, sources);
    text += '\n';
  };
  for (const model::fact::Journey& journey : found.journeys()) {
    while (rejection != found.rejections().end() && rejection->time < journey.received) take_rejection();
    append_trace_json(text, journey, sources);
    text += '\n';
  }
  while (rejection != found.rejections().end()) take_rejection();
  return text;
}

}  // namespace

int trace(const Arguments& arguments, const Streams& streams) {
  const bool json = arguments.has("json");
  const Result<std::uint64_t> limit = number_of(arguments, "limit", 1, kMostInJson, json ? kMostInJson : kShown);
  if (!limit.ok()) {
    say(streams, limit.error().to_string());
    return kWrongUse;
  }
  LogReading reading(arguments, streams);
  if (!reading.open(true)) return reading.status(kDone);
  const std::optional<query::Plan> plan = reading.plan();
  if (!plan) return reading.status(kDone);

  TraceCollector found(*plan, static_cast<std::size_t>(*limit));
  reading.road().read_facts_of(*plan, found);
  found.finish();
  const std::uint64_t count = found.journey_count() + found.rejection_count();
  reading.progress().clear();
  if (json) {
    streams.out.write(json_of(found, reading.road().sources()));
  } else if (count != 0) {
    TracePageOptions options;
    options.width = page_width(streams);
    options.colour = wants_colour(arguments, streams);
    options.unicode = streams.unicode;
    options.verbose = arguments.has("verbose");
    options.query = arguments.words.front();
    options.zone = reading.zone();
    const RawLines raw_lines = [&](const std::vector<model::LineRef>& lines) {
      return reading.road().raw_lines(lines);
    };
    show_page(streams, render_trace(found, *plan, options, raw_lines), !arguments.has("no-pager"));
  }
  streams.out.flush();
  reading.tell_problems();
  if (count == 0) say(streams, "trace: no mail and no refusal matches");
  const std::uint64_t left_out = found.journey_count() - found.journeys().size();
  if (json && left_out != 0) {
    say(streams, "trace: " + query::counted(left_out, "earlier mail") + " left out (--limit)");
  }
  return reading.status(count == 0 ? kNothingFound : kDone);
}

}  // namespace mailtrail::cli
