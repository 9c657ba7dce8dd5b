// A table of any columns, for people.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mailtrail::cli {

struct ValueColumn {
  std::string name;
  bool is_number = false;  // stands on the right of its column
};

// Headings and rows, two blanks between columns; each row has as many values as there are columns, any bytes. Where
// `width` is given, the widest columns are cut (`…`) until a line fits, as far as that leaves each some room.
std::string value_table(const std::vector<ValueColumn>& columns, const std::vector<std::vector<std::string>>& rows,
                        std::optional<std::size_t> width);

}  // namespace mailtrail::cli
