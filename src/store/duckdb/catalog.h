// Catalog: the tables beside those of facts, which of these there are, and what version they have.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/duckdb/connection.h"

namespace mailtrail::store::duckdb {

// The version of the tables that this program makes; docs/design/store.md has their history.
inline constexpr std::int64_t kSchemaVersion = 2;

// Makes the tables of an empty database, or brings those of an older version to this one; `read_only`, an older one is
// left as it is, and can be read. Errors: it is no database of mailtrail; its version is newer; it is empty, and
// `read_only`.
Result<Done> prepare_schema(const Connection& connection, bool read_only);

// The names of all tables.
Result<std::set<std::string>> table_names(const Connection& connection);

// A value of the table `meta`; empty where there is none.
Result<std::string> meta_value(const Connection& connection, std::string_view name);
Result<Done> set_meta_value(const Connection& connection, std::string_view name, std::string_view value);

// One day of settled facts, as the commits have counted it.
struct Day {
  std::int64_t number = 0;            // days since 1970-01-01
  std::optional<Micros> first, last;  // of all times in its facts
};
// In their order.
Result<std::vector<Day>> settled_days(const Connection& connection);

}  // namespace mailtrail::store::duckdb
