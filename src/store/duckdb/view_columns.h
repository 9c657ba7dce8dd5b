// The columns of the views that SQL sees: facts under the names of EVENTS.md, as SQL over the tables that keep them.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/duckdb/fact_table.h"

namespace mailtrail::store::duckdb {

// A column of one of the tables that a view is made of, which its rows have as `PREFIX_NAME`. The prefixes: `j` the
// journey, `m` the message and `d` the delivery that a row belongs to, `f` the fact itself where it is another.
struct RawColumn {
  char prefix;
  std::string_view name;
  bool operator<(const RawColumn& other) const {
    return prefix != other.prefix ? prefix < other.prefix : name < other.name;
  }
};

// The table that a prefix stands for in the view of `table`.
Table table_of(char prefix, Table table);

struct ViewColumn {
  std::string name;
  std::string type;            // of SQL
  std::string sql;             // over `PREFIX_NAME`, and over the map `source_names` where `needs_sources`
  std::set<RawColumn> raws;    // that it is made of
  bool needs_sources = false;  // number of a source to its name
  // One sentence. NULL is what is absent.
  std::string meaning;
};

// The columns of the view of a kind of fact, in their order. What is kept as one value that SQL cannot look into (the
// steps of a message, the commands of a session) is not among them.
const std::vector<ViewColumn>& view_columns(Table table);

}  // namespace mailtrail::store::duckdb
