// The JSON report of amavis (README.customize, `report_json`), in place of a summary line.
#pragma once

#include <string_view>

#include "dialect/dialect.h"

namespace mailtrail::dialect::amavis {

// Appends one `verdict` for the report `text`, which begins with `{`; `log_id` as in the line, may be empty. False, and
// nothing: it is no JSON object of this kind (one that was cut off is none).
bool parse_report(std::string_view text, std::string_view log_id, Emitter& out);

}  // namespace mailtrail::dialect::amavis
