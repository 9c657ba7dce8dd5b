// LineReading: the values of one line of JSON or CSV by their names.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace mailtrail::described {

// The form of a program's lines.
enum class Form : std::uint8_t { kText, kJson, kCsv };

// Which value of a line is meant: a column's index, or the way into an object (`rcpt.address`, `to.0`).
struct ValuePath {
  std::size_t column = 0;
  std::vector<std::string> keys;
};

// Splits `a.b.0` at its dots.
std::vector<std::string> split_path(std::string_view path);

// Takes one line apart. Values live in `arena`, or in the line. One object a thread.
class LineReading {
 public:
  LineReading();
  ~LineReading();

  // False: the line is no such line (no object of JSON; no CSV as RFC 4180 has it, with quotes that do not close).
  bool read(Form form, char separator, std::string_view line, Arena& arena);
  // The value, as text: numbers as written, lists joined by `, `. Nothing where it is not there, null or empty.
  std::optional<std::string_view> value(const ValuePath& path, Arena& arena) const;
  // The cells of a line of CSV.
  const std::vector<std::string_view>& cells() const { return cells_; }

 private:
  struct Json;
  bool read_cells(char separator, std::string_view line, Arena& arena);

  std::unique_ptr<Json> json_;
  bool is_json_ = false;
  std::vector<std::string_view> cells_;
};

}  // namespace mailtrail::described
