#include "base/json_writer.h"
#include "query/report_spans_page.h"

namespace mailtrail::query {
namespace {

// Rises when a name of the shape changes or goes.
constexpr int kSchema = 1;

void time_field(JsonWriter& json, std::string_view name, Micros time, const TimeZone& zone) {
  json.field(name, std::string_view(format_rfc3339(time, zone.offset_at(time))));
}

}  // namespace

void write_figures(JsonWriter& json, const PeriodTally& figures) {
  const auto number = [&](std::string_view name, std::uint64_t value) {
    json.key(name);
    json.value(value);
  };
  json.key("mail");
  json.begin_object();
  number("journeys", figures.journeys);
  number("recipients", figures.recipients);
  json.key("outcomes");
  json.begin_object();
  for (std::size_t i = 0; i < figures.outcomes.size(); ++i) {
    number(model::word(static_cast<model::Outcome>(i)), figures.outcomes[i]);
  }
  json.end_object();
  json.end_object();
  json.key("refused");
  json.begin_object();
  number("transactions", figures.refused);
  number("temporary", figures.refused_temporary);
  json.end_object();
  json.key("logins");
  json.begin_object();
  number("success", figures.logins_ok);
  number("failed", figures.logins_failed);
  json.end_object();
  json.key("gaps");
  json.begin_object();
  number("total", figures.gaps);
  json.end_object();
  json.key("delays");
  json.begin_object();
  if (const DdSketch& delays = figures.end_to_end; delays.count() != 0) {
    json.key("end_to_end");
    json.begin_object();
    number("count", delays.count());
    const auto real = [&](std::string_view name, double value) {
      json.key(name);
      json.value(value);
    };
    real("p50", delays.quantile(0.5));
    real("p95", delays.quantile(0.95));
    real("p99", delays.quantile(0.99));
    real("max", delays.max());
    json.end_object();
  }
  json.end_object();
}

std::string spans_json(const SpanReport& report) {
  std::string out;
  const auto line = [&](std::string_view span, Micros begin, Micros end, bool part, const PeriodTally& figures) {
    JsonWriter json(out);
    json.begin_object();
    json.key("schema");
    json.value(kSchema);
    json.field("span", span);
    if (begin != end) {
      time_field(json, "begin", begin, report.zone);
      time_field(json, "end", end, report.zone);
    }
    json.field("timezone", std::string_view(report.zone.name()));
    json.key("part");
    json.value(part);
    if (span == "total") {
      json.key("without_time");
      json.value(report.untimed);
    }
    write_figures(json, figures);
    json.end_object();
    out += '\n';
  };
  for (const SpanReport::Row& row : report.rows) {
    line(word(report.unit), row.span.begin, row.span.end, row.part, row.figures);
  }
  bool part = false;
  for (const SpanReport::Row& row : report.rows) part = part || row.part;
  line("total", report.rows.empty() ? 0 : report.rows.front().span.begin,
       report.rows.empty() ? 0 : report.rows.back().span.end, part, report.total);
  return out;
}

}  // namespace mailtrail::query
