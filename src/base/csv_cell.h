// Cells of CSV (RFC 4180).
#pragma once

#include <algorithm>
#include <string_view>

#include "base/arena.h"

namespace mailtrail {

// One cell of a row.
struct CsvCell {
  std::string_view text;  // between the quotes, where it has some
  bool doubled = false;   // quotes in it are doubled
  bool last = false;      // no separator follows
};

// Takes one cell, and the separator behind it, off `rest`, which MUST be what is left of one line. False: a quote does
// not close, or something stands behind its end.
inline bool take_csv_cell(std::string_view& rest, char separator, CsvCell& cell) {
  cell.doubled = false;
  std::size_t end;
  if (rest.empty() || rest.front() != '"') {
    end = std::min(rest.find(separator), rest.size());
    cell.text = rest.substr(0, end);
  } else {
    std::size_t at = rest.find('"', 1);
    while (at != std::string_view::npos && at + 1 < rest.size() && rest[at + 1] == '"') {
      cell.doubled = true;
      at = rest.find('"', at + 2);
    }
    if (at == std::string_view::npos || (at + 1 < rest.size() && rest[at + 1] != separator)) return false;
    cell.text = rest.substr(1, at - 1);
    end = at + 1;
  }
  cell.last = end == rest.size();
  rest.remove_prefix(cell.last ? end : end + 1);
  return true;
}

// What the cell says: its text, or a copy in `arena` with each pair of quotes as one.
inline std::string_view value_of(const CsvCell& cell, Arena& arena) {
  if (!cell.doubled) return cell.text;
  char* bytes = static_cast<char*>(arena.allocate(cell.text.size(), 1));
  std::size_t size = 0;
  for (std::size_t i = 0; i < cell.text.size(); ++i) {
    bytes[size++] = cell.text[i];
    if (cell.text[i] == '"') ++i;
  }
  return {bytes, size};
}

}  // namespace mailtrail
