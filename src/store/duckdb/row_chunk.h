// RowChunk: some rows of a table, column by column, as DuckDB takes them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/arena.h"
#include "store/duckdb/api.h"
#include "store/duckdb/fact_table.h"

namespace mailtrail::store::duckdb {

// The type as DuckDB has it; MUST be destroyed.
duckdb_logical_type make_type(ColumnType type);

struct RowChunk {
  static constexpr std::size_t kRows = 2048;

  explicit RowChunk(std::span<const ColumnType> types);
  ~RowChunk();
  RowChunk(const RowChunk&) = delete;
  RowChunk& operator=(const RowChunk&) = delete;

  // Takes all rows out. The memory is kept.
  void clear();
  // Says how many elements the lists have. MUST be called when all rows are in.
  void finish();

  duckdb_data_chunk chunk;
  std::vector<duckdb_vector> vectors;
  std::vector<void*> data;
  std::vector<std::uint64_t*> validity;  // null: no row of the column is NULL
  std::vector<std::size_t> list_sizes;
  std::vector<char> used;  // each column: a row says something in it
  std::size_t rows = 0;
  Arena arena;  // what texts point into
};

}  // namespace mailtrail::store::duckdb
