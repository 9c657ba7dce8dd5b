// The measures of a report file, as they are written.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/report_file.h"

namespace mailtrail::query {

// Understands `count(status:bounced)`. `before` are the measures that stand before it: those that a share may name.
// Gives all but the name. Error without `where`.
Result<ReportMeasure> parse_measure(std::string_view text, std::span<const Per> per,
                                    std::span<const ReportMeasure> before);

// The measure as it is written, without its name.
std::string to_text(const ReportMeasure& measure, std::span<const ReportMeasure> all);

}  // namespace mailtrail::query
