// The report as a page for a terminal.
#pragma once

#include <cstddef>
#include <string>

#include "query/report_figures.h"

namespace mailtrail::query {

struct PageOptions {
  std::size_t width = 80;  // columns; taken as at least 60 and at most 200
  bool colour = false;     // ANSI colours
  bool unicode = true;     // block characters, `·`, `≈`, `…`; else ASCII (log text stays as it is)
  std::size_t top = 5;     // rows of each list
};

// The page in UTF-8, each line ended. Log text is escaped (append_printable). No line is wider than `width`.
std::string render_report(const Report& report, const PageOptions& options);

}  // namespace mailtrail::query
