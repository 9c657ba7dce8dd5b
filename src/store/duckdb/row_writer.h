// RowWriter: facts into the columns of one table, a chunk at a time.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/duckdb/append_queue.h"
#include "store/duckdb/connection.h"
#include "store/duckdb/fact_table.h"
#include "store/duckdb/list_code.h"
#include "store/duckdb/row_load.h"
#include "store/duckdb/text_code.h"

namespace mailtrail::store::duckdb {

// Appends rows to a table, on the thread of the queue. They are there, and what failed is told, when `close` and then
// AppendQueue::wait have returned. RowLoad::prepare MUST have been called; connection and queue MUST outlive it. Not
// thread-safe.
class RowWriter {
 public:
  // Of a table that exists, with these types.
  RowWriter(AppendQueue& queue, const Connection& connection, std::string table, std::span<const ColumnType> types);
  // Of facts of this kind: the table is made where it is missing, and its columns when a fact says something in them.
  RowWriter(AppendQueue& queue, const Connection& connection, std::string table, Table kind);
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
    if (++row_ == RowChunk::kRows) append();
  }

  template <class T>
  void operator()(std::string_view, const T& value, model::fact::Role = model::fact::Role::kPlain) {
    put(value);
  }

  void put(model::Text text) {
    if (text.empty()) return put_null();
    put_text(is_plain(text) ? chunk_->arena.store(text) : encoded(text, chunk_->arena));
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
    put_text(chunk_->arena.store(bytes));
  }
  void put_null();

  // Has what is left appended. The writer MUST NOT be used after it.
  void close();

 private:
  RowWriter(AppendQueue& queue, std::shared_ptr<RowLoad> load);
  void put_text(std::string_view kept);
  duckdb_list_entry* list_entry(std::size_t more);
  void begin_chunk();
  void append();

  AppendQueue& queue_;
  std::shared_ptr<RowLoad> load_;
  std::vector<std::uint64_t> blank_;  // each column: see Column
  std::unique_ptr<RowChunk> chunk_;
  // Of the chunk.
  void** data_ = nullptr;
  char* used_ = nullptr;
  std::size_t column_ = 0, row_ = 0;
};

}  // namespace mailtrail::store::duckdb
