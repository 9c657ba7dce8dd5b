// The logs that Exim writes into files of its own: mainlog, rejectlog, paniclog.
#pragma once

#include <string_view>

#include "record/record.h"

namespace mailtrail::record {

// Whether `text`, what stands behind a stamp without host and tag, is a line of Exim's: it begins with a message id, or
// with words that only Exim's lines begin with. Then sets program to `exim`, takes `[pid] ` off `text` where
// log_selector had it written, and sets pid.
bool take_exim_origin(std::string_view& text, Record& record);

// Whether a line without a stamp belongs to the entry before it in a log of Exim's: the envelope and the headers that
// the reject log holds, and the second line of a warning.
bool is_exim_continuation(std::string_view line);

}  // namespace mailtrail::record
