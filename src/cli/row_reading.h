// From logs to the rows that a search asks for.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

#include "app/road.h"
#include "model/fact.h"
#include "query/plan.h"
#include "query/row.h"

namespace mailtrail::cli {

// Rows of other kinds that satisfy the search: what to say where nothing was found.
struct OtherRows {
  std::uint64_t rejections = 0, logins = 0, journeys = 0;
};

// Hands each row of the kind that satisfies the plan to `out`, in the order in which the log decides them. `others`
// counts only while no row was found.
void read_rows(app::Road& road, const query::Plan& plan, query::Per per,
               const std::function<void(const query::Row&)>& out, OtherRows& others);

// Where a row stands among others: by the time that it is told with (0 where it has none), within one instant by the
// first line that it rests on. So one log gives one order, whichever road its facts come by.
struct RowOrder {
  Micros time = 0;
  std::uint32_t source = 0;
  std::uint64_t line = 0;
  auto operator<=>(const RowOrder&) const = default;
};
RowOrder order_of(const query::Row& row);
RowOrder order_of(const model::fact::Journey& journey);
RowOrder order_of(const model::fact::Rejection& rejection);

// What to say of a search that found nothing.
std::string nothing_found_text(query::Per per, const OtherRows& others);

}  // namespace mailtrail::cli
