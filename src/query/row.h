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

// One row, on its way out. Exactly one of the pointers that belong to `per` is set; `journey` is set with attempt, recipient,
// message and journey. Lives until the call that hands it over returns.
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

// Whether the row satisfies the plan, its time range included. For a row that holds many (a message, a journey), one of its
// attempts or recipients must satisfy the whole condition; `status:` is the attempt's own status for an attempt and the
// final outcome elsewhere (`sent` and `delivered` mean the same there).
bool matches(const Plan& plan, const Row& row);

// The columns of each kind of row, in order, under the names of EVENTS.md.
std::vector<std::string_view> columns(Per per);

// The row as one JSON object without a line end: absent values are left out. Sources name the inputs by LineRef::source.
void append_row_json(std::string& out, const Row& row, const std::vector<std::string>& sources);

// The row's values in the order of `columns`, absent ones empty; lists are joined by a blank. Not escaped.
void append_row_values(std::vector<std::string>& values, const Row& row, const std::vector<std::string>& sources);

// The columns that fit a terminal and how a person reads them: `time`, `sender → recipient`, outcome, reply.
struct TableCell {
  std::string text;  // printable
  enum class Tone : std::uint8_t { kPlain, kGood, kBad, kWaiting, kFaint } tone = Tone::kPlain;
};
std::vector<TableCell> table_cells(const Row& row);
std::vector<std::string_view> table_headings(Per per);

}  // namespace mailtrail::query
