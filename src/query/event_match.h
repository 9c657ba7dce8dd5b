// A term asked of one event.
#pragma once

#include <string_view>

#include "model/event.h"
#include "query/plan.h"

namespace mailtrail::query {

// Whether one of the event's fields that belong to the term's field satisfies it. A bare word asks subject, ids and
// reply, and the text of notices and of lines that were not understood. Allocates nothing.
bool event_satisfies(const Term& term, const model::Event& event);

// A reason in the words of the log: `reason:` asks whether the term is a part of it.
bool free_reason_satisfies(const Term& term, std::string_view reason);

}  // namespace mailtrail::query
