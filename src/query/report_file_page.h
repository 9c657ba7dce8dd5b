// The table of a report file as a page for a terminal, and as JSON.
#pragma once

#include <string>

#include "query/report_figures.h"
#include "query/report_file_groups.h"
#include "query/report_page.h"

namespace mailtrail::query {

// What was read: `whole` where the table tells of all of it, so that the counts of lines belong to it.
struct ReportScope {
  LineStats lines;
  bool whole = true;
};

// The page in UTF-8, each line ended. Log text is escaped (append_printable). No line is wider than the page as long as
// its first column fits: columns that do not are left out, and this is said. `options.top` is not looked at.
std::string render_report_table(const ReportTable& table, const ReportScope& scope, const PageOptions& options);

// One JSON object without a line end; docs/report.md is its shape.
std::string report_table_json(const ReportTable& table, const ReportScope& scope);

}  // namespace mailtrail::query
