// From the value behind a colon to a term.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "query/plan.h"

namespace mailtrail::query {

// A value or a bare word as it was typed, its quotes resolved.
struct SearchValue {
  std::string text;
  bool wildcard = false;      // a `*` outside quotes stands in it
  bool literal_star = false;  // a `*` inside quotes stands in it
  bool bare_at = false;       // an `@` outside quotes stands in it
};

// What the value asks of the field. Error: `what` and `remedy`; `where` is left to the caller, who knows the place.
Result<Term> make_term(Field field, const SearchValue& value);

// A bare word: an address where an `@` stands in it outside quotes, else a text.
Result<Term> make_bare_term(const SearchValue& value);

// The time of `since:` and `until:`: a span back from now, `today`, `yesterday`, or a date with or without a time of
// day.
Result<Micros> make_bound(const SearchValue& value, const TimeContext& context);

}  // namespace mailtrail::query
