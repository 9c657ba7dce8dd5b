// RowLoad: chunks of rows into one table.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/duckdb/connection.h"
#include "store/duckdb/fact_table.h"
#include "store/duckdb/row_chunk.h"

namespace mailtrail::store::duckdb {

struct RowSource;  // the chunks that a running INSERT reads

// `take` and `finish` use the connection, which MUST outlive it; `types`, `spare` and `give_back` may be called by
// another thread meanwhile.
class RowLoad {
 public:
  // Makes connections of the database able to load rows. Once a database, outside of a transaction.
  static Result<Done> prepare(const Connection& connection);

  // Of a table that exists, with these types.
  RowLoad(const Connection& connection, std::string table, std::vector<ColumnType> types);
  // Of facts of this kind: the table is made where it is missing, and its columns when a fact says something in them.
  RowLoad(const Connection& connection, std::string table, Table kind);
  ~RowLoad();
  RowLoad(const RowLoad&) = delete;
  RowLoad& operator=(const RowLoad&) = delete;

  std::span<const ColumnType> types() const { return types_; }
  // Null where `types` are not those of facts.
  const std::vector<Column>* facts() const { return facts_; }

  // An empty chunk.
  std::unique_ptr<RowChunk> spare();

  // Adds the rows of a chunk that is finished. They are in the table when `finish` has returned.
  Result<Done> take(std::unique_ptr<RowChunk> chunk);
  Result<Done> finish();

 private:
  Result<Done> open_facts();
  Result<Done> widen();
  Result<Done> insert();

  const Connection& connection_;
  const std::string table_;
  const std::vector<Column>* facts_ = nullptr;  // the columns of a kind of fact, `no` aside
  std::vector<ColumnType> types_;
  // The columns that the table has, as numbers of the chunk's, in the table's order.
  std::vector<std::size_t> there_;
  std::vector<char> used_;  // each column: has been told something
  bool is_open_ = false;
  std::unique_ptr<RowSource> source_;
  std::optional<Statement> insert_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<RowChunk>> spare_;
};

}  // namespace mailtrail::store::duckdb
