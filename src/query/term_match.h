// One term against one value. Nothing here allocates.
#pragma once

#include <optional>
#include <string_view>

#include "query/plan.h"

namespace mailtrail::query {

// Whether a text satisfies the term; an empty (absent) one never does. The term's match MUST be one for texts.
bool text_satisfies(const Term& term, std::string_view text);

// Whether a message id is the whole bare word of a kAnyAddress term: one looks like an address, and is pasted as it is.
bool pasted_id_satisfies(const Term& term, std::string_view message_id);

// kExact, kLess, kGreater against a number of bytes.
bool number_satisfies(const Term& term, std::int64_t number);

// kLess, kGreater against a delay in seconds.
bool seconds_satisfy(const Term& term, double seconds);

// An SMTP reply code.
bool code_satisfies(const Term& term, std::int32_t code);

// Whether `key` (a journey or message key) is the one that a bare word of 16 hex digits states.
bool key_satisfies(const Term& term, std::uint64_t key);

}  // namespace mailtrail::query
