// The report as JSON.
#pragma once

#include <string>

#include "query/report_figures.h"

namespace mailtrail::query {

// One object without a line end. Its shape is documented in docs/report.md and told by `"schema"`, which rises when a
// name changes or goes. Absent values are left out; counts are always there.
std::string report_json(const Report& report);

}  // namespace mailtrail::query
