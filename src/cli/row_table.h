// RowTable: rows as a table for people.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "query/row.h"

namespace mailtrail::cli {

using Cells = std::vector<query::TableCell>;

// Lays out rows that come one by one: the columns are as wide as what was seen first needs them.
class RowTable {
 public:
  RowTable(query::Per per, bool colour) : headings_(query::table_headings(per)), colour_(colour) {}

  // Sets the widths by the first of `rows` and appends the headings. MUST be called before `append_row`.
  void append_headings(std::string& out, const std::vector<Cells>& rows);
  // Appends the row on a line. A cell that is wider than its column moves the rest of its row on.
  void append_row(std::string& out, const Cells& cells) const;

 private:
  std::vector<std::string_view> headings_;
  std::vector<std::size_t> widths_;
  bool colour_;
};

}  // namespace mailtrail::cli
