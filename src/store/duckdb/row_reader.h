// Rows of a table of facts as facts again.
#pragma once

#include <string>
#include <vector>

#include "base/arena.h"
#include "store/duckdb/connection.h"
#include "store/duckdb/fact_table.h"
#include "store/duckdb/list_code.h"
#include "store/duckdb/text_code.h"

namespace mailtrail::store::duckdb {

// Where the columns of a kind of fact, `no` before them, stand in a result; -1: not there, all are blank.
std::vector<int> column_places(Table table, const Rows& rows);

// Fills one fact from one row of a chunk. Texts point into the chunk, or into the arena where they are decoded.
class RowFiller {
 public:
  // `places` is from column_places, and MUST hold `no`.
  RowFiller(const Chunk& chunk, std::span<const int> places, Arena& arena);

  std::int64_t number(std::size_t row) const { return static_cast<const std::int64_t*>(data_[0])[row]; }

  template <class Fact>
  void fill(std::size_t row, KeptWith<Fact>& with, Fact& fact) {
    row_ = row;
    column_ = 1;
    columns(with, *this);
    model::fact::columns(fact, *this);
  }

  template <class T>
  void operator()(std::string_view, const T& member, model::fact::Role = model::fact::Role::kPlain) {
    // The members are those of the fact that `fill` was given.
    if (!is_null()) get(const_cast<T&>(member));
    ++column_;
  }

 private:
  bool is_null() const {
    if (data_[column_] == nullptr) return true;
    const std::uint64_t* validity = validity_[column_];
    return validity != nullptr && (validity[row_ / 64] >> (row_ % 64) & 1) == 0;
  }
  std::string_view text_at(const void* data, std::size_t at) const {
    return text_of(static_cast<const duckdb_string_t*>(data)[at]);
  }
  void get(model::Text& text) { text = decoded(text_at(data_[column_], row_), arena_); }
  void get(model::Texts& texts);
  void get(std::span<const model::LineRef>& lines);
  void get(std::span<const model::fact::Step>& steps) { steps = decoded_steps(text_at(data_[column_], row_), arena_); }
  void get(std::span<const model::CommandCount>& commands) {
    commands = decoded_commands(text_at(data_[column_], row_), arena_);
  }
  void get(model::LineRef& line) { line = line_of(static_cast<const std::uint64_t*>(data_[column_])[row_]); }
  template <class T>
  void get(std::optional<T>& value) {
    T stated{};
    get(stated);
    value = stated;
  }
  template <class T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) void get(T& value) {
    value = static_cast<const T*>(data_[column_])[row_];
  }

  Arena& arena_;
  std::vector<duckdb_vector> vectors_;
  std::vector<const void*> data_;
  std::vector<const std::uint64_t*> validity_;
  std::size_t row_ = 0, column_ = 0;
};

// The facts of some rows, with what they point to.
template <class Fact>
struct LoadedFacts {
  std::vector<std::int64_t> numbers;
  std::vector<KeptWith<Fact>> with;  // each
  std::vector<Fact> facts;
  std::vector<Chunk> chunks;

  void clear() {
    numbers.clear();
    with.clear();
    facts.clear();
    chunks.clear();
  }
  // All rows of a `SELECT *` of a table of this kind.
  void load(Table table, Rows rows, Arena& arena) {
    const std::vector<int> places = column_places(table, rows);
    while (Chunk chunk = rows.next()) {
      RowFiller filler(chunk, places, arena);
      for (std::size_t row = 0; row < chunk.rows(); ++row) {
        numbers.push_back(filler.number(row));
        filler.fill(row, with.emplace_back(), facts.emplace_back());
      }
      chunks.push_back(std::move(chunk));
    }
  }
};

}  // namespace mailtrail::store::duckdb
