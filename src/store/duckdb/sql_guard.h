// SqlGuard: whether a statement may run, by its parse tree.
//
// DuckDB itself parses the statement and gives its tree as JSON (json_serialize_sql), which it can do of SELECT alone;
// the tree is walked, and what is not known to be harmless is refused: a list of what may be, not of what may not.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/duckdb/connection.h"
#include "store/duckdb/fact_table.h"

namespace mailtrail::store::duckdb {

// What a statement that may run speaks of.
struct SqlReach {
  std::set<Table> views;
  // Every column name in it, in lower case.
  std::set<std::string> names;
  // It may take columns that it does not name (`SELECT *`, NATURAL JOIN, DESCRIBE, ...).
  bool all_columns = false;
  // It may ask for the columns of a view alone (DESCRIBE), and not for its rows.
  bool describes = false;
};

inline constexpr std::size_t kLongestSql = 64 * 1024;  // bytes

// `statement` may be any bytes. `connection` MUST have no transaction open that a failure would spoil. Errors: it is
// not UTF-8, or too long; it is no single SELECT (or DESCRIBE or SUMMARIZE of a view); it is mistaken; it speaks of
// other tables than the views, of a function that reads or changes anything but its arguments, or of what is not known.
Result<SqlReach> examine(const Connection& connection, std::string_view statement);

// What DuckDB says of a mistaken statement, as one line: without the kind of error and the picture of the place.
Error error_of_statement(std::string_view text);

}  // namespace mailtrail::store::duckdb
