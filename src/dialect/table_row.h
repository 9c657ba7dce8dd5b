// TableRow: a row of a log that is a table, its cells by the names of the columns.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "record/table.h"

namespace mailtrail::dialect {

// Reads rows of tables that may have any columns in any order, of which N are known by name. One object a thread.
template <std::size_t N>
class TableRow {
 public:
  // `names` MUST outlive it.
  explicit TableRow(const std::array<std::string_view, N>& names) : names_(names) {}

  // False: the line is no row of the table. Cells live as long as the line and the arena.
  bool read(const record::Table& table, std::string_view line, Arena& arena) {
    if (table.id() != table_) learn(table);
    return table.split(line, arena, cells_);
  }
  // The cell of the column names[index], empty where the table has no such column.
  std::string_view operator[](std::size_t index) const { return at_[index] < cells_.size() ? cells_[at_[index]] : ""; }
  // Calls f(name, cell) for each cell that is not empty, of a column that none of the names is. `table` MUST be that of
  // `read`.
  template <class F>
  void each_other(const record::Table& table, const F& f) const {
    for (const std::size_t column : others_) {
      if (!cells_[column].empty()) f(table.column(column), cells_[column]);
    }
  }

 private:
  void learn(const record::Table& table) {
    table_ = table.id();
    std::vector<bool> known(table.size());
    for (std::size_t i = 0; i < N; ++i) {
      at_[i] = table.find(names_[i]).value_or(SIZE_MAX);
      if (at_[i] != SIZE_MAX) known[at_[i]] = true;
    }
    others_.clear();
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (!known[i]) others_.push_back(i);
    }
  }

  const std::array<std::string_view, N>& names_;
  std::uint64_t table_ = 0;
  std::array<std::size_t, N> at_{};
  std::vector<std::size_t> others_;
  std::vector<std::string_view> cells_;
};

}  // namespace mailtrail::dialect
