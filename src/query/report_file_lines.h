// The lines of a report file, before they mean anything.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mailtrail::query {

// `measure bounced: count(status:bounced)` is {"measure", "bounced", "count(status:bounced)"}; `title: X` has no name.
struct ReportFileLine {
  std::size_t number = 0;  // 1-based, of its first line
  std::string head, name, value;
};

inline constexpr std::string_view kReportFileHead = "mailtrail report 1";

// Takes a file apart: checks its first line and its bytes, joins lines that begin with a blank to the one before,
// leaves out comments and empty lines. Values are printable UTF-8 (append_printable leaves them as they are).
// Error.where is `NAME:LINE`.
Result<std::vector<ReportFileLine>> split_report_file(std::string_view text, std::string_view name);

// `NAME:LINE`, printable.
std::string report_file_place(std::string_view name, std::size_t line);

}  // namespace mailtrail::query
