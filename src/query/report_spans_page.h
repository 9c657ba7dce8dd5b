// The table of a report span by span, for a terminal and as JSON.
#pragma once

#include <string>

#include "base/json_writer.h"
#include "query/report_page.h"
#include "query/report_spans.h"

namespace mailtrail::query {

// A row a span, then the total, in UTF-8, each line ended. From 80 columns on no line is wider than `options.width`
// (hours: from 100 on). Where there is no room, columns that are zero in every row are left out and named below, and
// numbers are rounded (`12.3k`).
std::string render_spans(const SpanReport& report, const PageOptions& options);

// One object a line: the rows, then the total. Names are those of report_json where it has them; docs/report.md tells
// them all.
std::string spans_json(const SpanReport& report);

// The figures as fields of the object that is open: `mail`, `refused`, `logins`, `gaps`, `delays`.
void write_figures(JsonWriter& json, const PeriodTally& figures);

}  // namespace mailtrail::query
