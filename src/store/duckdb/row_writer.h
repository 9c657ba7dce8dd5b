// RowWriter: facts into the columns of one table, a chunk at a time.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "store/duckdb/connection.h"
#include "store/duckdb/fact_table.h"
#include "store/duckdb/list_code.h"
#include "store/duckdb/text_code.h"

namespace mailtrail::store::duckdb {

// Appends rows to a table. Rows are there when `close` has returned; what fails is told by it. The connection MUST
// outlive it. Not thread-safe.
class RowWriter {
 public:
  // Of a table that exists, with these types.
  RowWriter(const Connection& connection, std::string table, std::span<const ColumnType> types);
  // Of facts of this kind: the table is made where it is missing, and its columns when a fact says something in them.
  RowWriter(const Connection& connection, std::string table, Table kind);
  ~RowWriter();
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  // Writes the fact as a row.
  template <class Fact>
  void add(std::int64_t number, const KeptWith<Fact>& with, const Fact& fact) {
    begin();
    put(number);
    columns(with, *this);
    model::fact::columns(fact, *this);
    end();
  }

  // A row by hand: `begin`, one `put` a column, `end`.
  void begin() { column_ = 0; }
  void end() {
    if (++row_ == kChunkRows) append();
  }

  template <class T>
  void operator()(std::string_view, const T& value, model::fact::Role = model::fact::Role::kPlain) {
    put(value);
  }

  void put(model::Text text) {
    if (text.empty()) return put_null();
    put_text(is_plain(text) ? arena_.store(text) : encoded(text, arena_));
  }
  void put(model::Texts texts);
  void put(std::span<const model::LineRef> lines);
  void put(std::span<const model::fact::Step> steps) { put_blob(encoded_steps(steps)); }
  void put(std::span<const model::CommandCount> commands) { put_blob(encoded_commands(commands)); }
  void put(const model::LineRef& line) { put(line_code(line)); }
  template <class T>
  void put(const std::optional<T>& value) {
    if (!value) return put_null();
    used_[column_] = true;  // a stated 0 is not a blank
    put(*value);
  }
  template <class T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) void put(T value) {
    static_assert(sizeof(T) <= 8);
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, &value, sizeof value);
    used_[column_] |= bytes != blank_[column_];
    std::memcpy(static_cast<char*>(data_[column_]) + row_ * sizeof(T), &value, sizeof(T));
    ++column_;
  }
  void put_blob(std::string_view bytes) {
    if (bytes.empty()) return put_null();
    put_text(arena_.store(bytes));
  }
  void put_null();

  // Appends what is left. The writer MUST NOT be used after it.
  Result<Done> close();

 private:
  static constexpr std::size_t kChunkRows = 2048;

  void put_text(std::string_view kept);
  duckdb_list_entry* list_entry(std::size_t more);
  void make_chunk(std::span<const ColumnType> types);
  void begin_chunk();
  void append();
  void fail(Error error) {
    if (!failure_) failure_ = std::move(error);
  }
  Result<Done> open_facts();
  Result<Done> widen();
  void open_appender();
  void close_appender();

  const Connection& connection_;
  const std::string table_;
  const std::vector<Column>* facts_ = nullptr;  // the columns of a kind of fact, `no` aside
  duckdb_appender appender_ = nullptr;
  duckdb_data_chunk chunk_ = nullptr;  // of all columns
  // Of facts: the columns that the table has, as numbers of the chunk's, in the table's order; and a chunk of these.
  std::vector<std::size_t> there_;
  duckdb_data_chunk kept_chunk_ = nullptr;
  std::vector<char> used_;            // each column: says something in this chunk, or did in one before
  std::vector<std::uint64_t> blank_;  // each column: see Column
  std::vector<duckdb_vector> vectors_;
  std::vector<void*> data_;
  std::vector<std::uint64_t*> validity_;
  std::vector<std::size_t> list_sizes_;
  Arena arena_;
  std::size_t column_ = 0, row_ = 0;
  std::optional<Error> failure_;
};

}  // namespace mailtrail::store::duckdb
