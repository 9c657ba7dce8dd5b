#include "cli/row_table.h"

#include <algorithm>

#include "base/text.h"

namespace mailtrail::cli {
namespace {

constexpr std::size_t kLookedAt = 100;  // rows: more than a screen

std::string_view tone_code(query::TableCell::Tone tone) {
  switch (tone) {
    case query::TableCell::Tone::kPlain:
      return "";
    case query::TableCell::Tone::kGood:
      return "\x1b[32m";
    case query::TableCell::Tone::kBad:
      return "\x1b[31m";
    case query::TableCell::Tone::kWaiting:
      return "\x1b[33m";
    case query::TableCell::Tone::kFaint:
      return "\x1b[2m";
  }
  return "";
}

void append_cell(std::string& out, std::string_view text, std::string_view code) {
  out += code;
  out += text;
  if (!code.empty()) out += "\x1b[0m";
}

}  // namespace

void RowTable::append_headings(std::string& out, const std::vector<Cells>& rows) {
  for (const std::string_view heading : headings_) widths_.push_back(display_width(heading));
  for (std::size_t i = 0; i < std::min(rows.size(), kLookedAt); ++i) {
    for (std::size_t column = 0; column < std::min(widths_.size(), rows[i].size()); ++column) {
      widths_[column] = std::max(widths_[column], display_width(rows[i][column].text));
    }
  }
  Cells cells;
  for (const std::string_view heading : headings_) {
    cells.push_back({std::string(heading), query::TableCell::Tone::kFaint});
  }
  append_row(out, cells);
}

void RowTable::append_row(std::string& out, const Cells& cells) const {
  std::size_t blanks = 0;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    const query::TableCell& cell = cells[column];
    const std::size_t width = display_width(cell.text);
    if (width != 0) {
      out.append(blanks, ' ');
      blanks = 0;
      append_cell(out, cell.text, colour_ ? tone_code(cell.tone) : std::string_view());
    }
    blanks += 2 + (column < widths_.size() && widths_[column] > width ? widths_[column] - width : 0);
  }
  out += '\n';
}

}  // namespace mailtrail::cli
