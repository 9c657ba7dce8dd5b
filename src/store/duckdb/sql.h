// The SqlRunner of a DuckDB file (store/sql.h).
#pragma once

#include <memory>

#include "store/duckdb/connection.h"
#include "store/sql.h"

namespace mailtrail::store::duckdb {

// A runner on a connection of its own; the database MUST outlive it. From then on no statement of this database opens
// files other than its own, whoever runs it: DuckDB cannot allow it for one connection and not for another. The memory
// is that of the database (DatabaseOptions).
Result<std::unique_ptr<SqlRunner>> make_sql_runner(Connection connection);

}  // namespace mailtrail::store::duckdb
