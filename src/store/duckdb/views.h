// Views: facts as SQL shows them, over the tables of all days and of the tail.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/duckdb/connection.h"
#include "store/duckdb/view_columns.h"

namespace mailtrail::store::duckdb {

// The kind of fact that a view shows; nothing for another name. Names are compared in any case.
std::optional<Table> view_of(std::string_view name);

// Makes temporary views of the connection, one for each of `tables`, under the names of kTableNames, or anew where they
// are there. Each has all facts that the connection sees when it is asked; one whose tables have gained columns or days
// since is to be made again.
//
// `names`, where given, are all column names that a statement speaks of, in lower case: a view then has only those of
// its columns, and so reads only the tables that they need.
//
// With `filled`, a view whose columns stand in several tables becomes a temporary table instead, which MUST NOT be
// there yet: joined day by day it needs little memory, where a join over all days needs memory for all of them.
Result<Done> make_views(const Connection& connection, const std::set<Table>& tables,
                        const std::set<std::string>* names = nullptr, bool filled = false);
// All of them, with all columns.
Result<Done> make_views(const Connection& connection);

}  // namespace mailtrail::store::duckdb
