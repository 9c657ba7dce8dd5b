// From logs to the rows that a search asks for.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "app/road.h"
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

// The time that the row is told with; 0 where it has none.
Micros time_of(const query::Row& row);

// What to say of a search that found nothing.
std::string nothing_found_text(query::Per per, const OtherRows& others);

}  // namespace mailtrail::cli
