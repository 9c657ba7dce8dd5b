#include "cli/value_table.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace mailtrail::cli {
namespace {

constexpr std::size_t kLeastRoom = 8;  // columns of a value that is cut

std::string cut(std::string text, std::size_t width) {
  if (display_width(text) <= width) return text;
  std::size_t taken = 0, at = 0;
  while (at < text.size()) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    const std::size_t columns = display_width(std::string_view(text).substr(at, next - at));
    if (taken + columns + 1 > width) break;
    taken += columns;
    at = next;
  }
  text.resize(at);
  return text + "…";
}

// Takes from the widest columns until all fit.
void shrink(std::vector<std::size_t>& widths, std::size_t room) {
  std::size_t total = std::accumulate(widths.begin(), widths.end(), 2 * (widths.size() - 1));
  for (; total > room; --total) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kLeastRoom) return;
    --*widest;
  }
}

}  // namespace

std::string value_table(const std::vector<ValueColumn>& columns, const std::vector<std::vector<std::string>>& rows,
                        std::optional<std::size_t> width) {
  if (columns.empty()) return {};
  std::vector<std::vector<std::string>> lines(1);
  for (const ValueColumn& column : columns) lines[0].push_back(printable(column.name));
  for (const std::vector<std::string>& row : rows) {
    std::vector<std::string>& line = lines.emplace_back();
    for (const std::string& value : row) line.push_back(printable(value));
  }
  std::vector<std::size_t> widths(columns.size());
  for (const std::vector<std::string>& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], display_width(line[i]));
  }
  if (width) shrink(widths, *width);
  std::string out;
  for (const std::vector<std::string>& line : lines) {
    std::size_t blanks = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string text = cut(line[i], widths[i]);
      const std::size_t room = widths[i] - std::min(widths[i], display_width(text));
      if (columns[i].is_number) blanks += room;
      if (!text.empty()) {
        out.append(blanks, ' ');
        blanks = 0;
        out += text;
      }
      blanks += 2 + (columns[i].is_number ? 0 : room);
    }
    out += '\n';
  }
  return out;
}

}  // namespace mailtrail::cli
