// Rows: facts as `search` and `export` show them, and whether a plan takes them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "model/event.h"
#include "model/fact.h"
#include "query/plan.h"

namespace mailtrail::query {

// One row, on its way out. Exactly one of the pointers that belong to `per` is set; `journey` is set with attempt,
// recipient, message and journey. Lives until the call that hands it over returns.
struct Row {
  Per per = Per::kRecipient;
  const model::fact::Journey* journey = nullptr;
  const model::fact::Delivery* delivery = nullptr;
  const model::fact::Recipient* recipient = nullptr;
  const model::fact::Message* message = nullptr;
  const model::fact::Rejection* rejection = nullptr;
  const model::fact::Login* login = nullptr;
  const model::Event* event = nullptr;
};

// Whether the row satisfies the plan, its time range included. Allocates nothing. Thread-safe on different rows.
//
// The time range is asked of: an attempt, a rejection, a login, an event by its time (an event without a time lies in
// no range); a recipient by the time when its outcome was decided, else of its last attempt, else of the journey's
// beginning; a message and a journey by whether they lie in the range in part.
//
// A term asks the row for a field; an absent field satisfies no term (so `-user:*` is what has no user). What the
// journey began with counts beside what the row's own stay says: the first stay's client and user, the journey's
// sender, message id and subject, since a content filter or a forward puts its own in their place. `status:` is the
// attempt's own status for an attempt and the final outcome elsewhere (plan.h has the table). `delay:` is what the log
// states for an attempt; of a recipient the time from the journey's beginning to the decision, or to the last attempt
// while there is none. `kind:` of an attempt is `delivery`; a message or journey has the kinds of its attempts and
// steps.
//
// For a row that holds many (a message, a journey), one of its attempts or recipients MUST satisfy the whole condition:
// so `to:a status:bounced` is a mail whose recipient `a` bounced, and `-to:a` one with a recipient that is not `a`.
bool matches(const Plan& plan, const Row& row);

// Whether rows of this kind need the attempts of their journey (trace::TracerOptions::keep_details) for `matches` to
// answer rightly. Where it is false, `matches` says the same with and without them.
bool needs_attempts(const Plan& plan, Per per);

// A message key or a journey as rows show it: 16 hex digits.
std::string key_text(std::uint64_t key);

// The columns of each kind of row, in order, under the names of EVENTS.md.
std::vector<std::string_view> columns(Per per);

// The row as one JSON object without a line end: absent values are left out. Sources name the inputs by
// LineRef::source. The names are those of `columns`; times are RFC 3339 in the offset of the fact. `received` is left
// out where the beginning is not in the log.
void append_row_json(std::string& out, const Row& row, const std::vector<std::string>& sources);

// The row's values in the order of `columns`, absent ones empty; lists are joined by a blank. Not escaped.
void append_row_values(std::vector<std::string>& values, const Row& row, const std::vector<std::string>& sources);

// The columns that fit a terminal and how a person reads them: `time`, `sender → recipient`, outcome, reply.
struct TableCell {
  std::string text;  // printable
  enum class Tone : std::uint8_t { kPlain, kGood, kBad, kWaiting, kFaint } tone = Tone::kPlain;
};
// `width` is what the terminal has, in columns, with two blanks between cells: texts are cut (`…`) so that the row fits
// where it is at least 80. Each row of a kind has as many cells as `table_headings` names.
std::vector<TableCell> table_cells(const Row& row, std::size_t width = 100);
std::vector<std::string_view> table_headings(Per per);

}  // namespace mailtrail::query
