// An event on one line, for a person.
#pragma once

#include <string>

#include "model/event.h"

namespace mailtrail::cli {

// Appends `TIME HOST PROGRAM[PID] KIND QUEUE_ID NAME=VALUE...` with a line end; what the line does not state is left
// out, a missing time is `-`. The time is the event's, in the offset that the log states or that was assumed for it.
// Log text is escaped. `event` MUST be settled or have no time.
void append_event_line(std::string& out, const model::Event& event, bool colour);

}  // namespace mailtrail::cli
