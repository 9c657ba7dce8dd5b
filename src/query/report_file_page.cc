#include "query/report_file_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "query/report_file_layout.h"
#include "query/report_layout.h"
#include "query/report_page_parts.h"

namespace mailtrail::query {
namespace {

using Type = ReportCell::Type;

constexpr std::size_t kGap = 2;             // blanks between columns
constexpr std::size_t kLeastFlexible = 12;  // columns of the terminal for a text
constexpr int kTurns = 5;                   // in which columns give way

std::string noun_of(Per per) {
  switch (per) {
    case Per::kMessage:
      return "queue stay";
    case Per::kRejection:
      return "refusal";
    default:
      return std::string(word(per));
  }
}

std::string percent(double part) {
  constexpr std::uint64_t kWhole = 1'000'000'000'000;
  if (part <= 0) return "0.0 %";
  if (part > 1) return fmt::format("{:.1f} %", part * 100);
  if (part == 1) return share(kWhole, kWhole);
  const auto count = static_cast<std::uint64_t>(std::llround(part * static_cast<double>(kWhole)));
  return share(std::clamp<std::uint64_t>(count, 1, kWhole - 1), kWhole);
}

double number_of(const ReportCell& cell) {
  return cell.type == Type::kReal ? cell.real : static_cast<double>(cell.integer);
}

std::string number_text(const ReportCell& cell) {
  if (cell.type == Type::kReal) return fmt::format("{:.2f}", cell.real);
  const auto magnitude = static_cast<std::uint64_t>(std::abs(cell.integer));
  return (cell.integer < 0 ? "-" : "") + grouped(magnitude);
}

class TablePage {
 public:
  TablePage(const ReportTable& table, const ReportScope& scope, const PageOptions& options)
      : table_(table),
        scope_(scope),
        width_(std::clamp<std::size_t>(options.width, 60, 200)),
        colour_(options.colour),
        glyphs_{options.unicode} {}

  std::string render() {
    append(flow(Line(), {{table_.file.title, Tone::kHeading}}, width_, 0, glyphs_));
    for (const Line& line : scope_lines()) {
      if (line.width() != 0) line.append_to(page_, colour_);
    }
    page_ += '\n';
    if (table_.nothing()) {
      append(flow(Line(), {{nothing_text(), Tone::kPlain}}, width_, 0, glyphs_));
      return std::move(page_);
    }
    append_table();
    page_ += '\n';
    append(flow(Line(), {{counts(), Tone::kFaint}}, width_, 0, glyphs_));
    for (const std::string& sentence : sentences())
      append(flow(Line(), {{sentence, Tone::kFaint}}, width_, 0, glyphs_));
    return std::move(page_);
  }

 private:
  void append(const Lines& lines) {
    for (const Line& line : lines) line.append_to(page_, colour_);
  }

  Lines scope_lines() const {
    Report report;
    report.zone = table_.zone;
    report.lines = scope_.lines;
    report.has_lines = scope_.whole;
    if (scope_.whole) report.first = scope_.lines.first, report.last = scope_.lines.last;
    return query::scope_lines(Canvas{report, width_, 0, glyphs_});
  }

  std::string nothing_text() const {
    const LineStats& lines = scope_.lines;
    if (lines.lines == 0) return "There is no line to tell of.";
    if (lines.lines == lines.unparsed) return "None of the lines was understood.";
    return table_.file.nothing;
  }

  std::string cell_text(const ReportLayoutColumn& column, const ReportCell& cell) const {
    switch (cell.type) {
      case Type::kAbsent:
        return "-";
      case Type::kText:
        return printable(cell.text);
      case Type::kTime:
        return time_text(cell.integer);
      case Type::kValues:
        return values_text(cell);
      case Type::kInteger:
      case Type::kReal:
        break;
    }
    switch (column.format) {
      case ReportFormat::kBytes:
        return byte_size(static_cast<std::uint64_t>(std::max(0.0, number_of(cell))));
      case ReportFormat::kDuration:
        return delay(number_of(cell));
      case ReportFormat::kPercent:
        return percent(cell.real);
      case ReportFormat::kText:
        return cell.type == Type::kInteger ? std::to_string(cell.integer) : number_text(cell);
      default:
        return number_text(cell);
    }
  }

  std::string time_text(Micros time) const {
    std::string text = format_rfc3339(time, table_.zone.offset_at(time)).substr(0, 16);
    text[10] = ' ';
    return text;
  }

  // `TLSv1.3 12, TLSv1.2 3`; what does not fit is `…`.
  std::string values_text(const ReportCell& cell, std::size_t width = SIZE_MAX) const {
    std::string text;
    const auto add = [&](const std::string& item, bool last) {
      const std::string more = text.empty() ? item : text + ", " + item;
      const std::size_t rest = last ? 0 : display_width(glyphs_.cut()) + 2;
      if (display_width(more) > width - std::min(width, rest)) return false;
      text = more;
      return true;
    };
    const std::size_t items = cell.values.size() + (cell.others != 0 ? 1 : 0);
    for (std::size_t i = 0; i < items; ++i) {
      const std::string item = i < cell.values.size()
                                   ? printable(cell.values[i].first) + ' ' + grouped(cell.values[i].second)
                                   : "others " + grouped(cell.others);
      if (add(item, i + 1 == items)) continue;
      if (text.empty()) return shorten(item, width, glyphs_);
      return text + ", " + std::string(glyphs_.cut());
    }
    return text;
  }

  Piece piece_of(const ReportLayoutColumn& column, const ReportCell& cell, double greatest) const {
    if (column.format == ReportFormat::kBar) {
      if (cell.type == Type::kAbsent || greatest <= 0) return {};
      constexpr double kScale = 1e6;
      const auto part = static_cast<std::uint64_t>(std::max(0.0, number_of(cell)) / greatest * kScale);
      return {bar(part, static_cast<std::uint64_t>(kScale), column.cells, glyphs_)};
    }
    std::string text = cell_text(column, cell);
    if (cell.approximate) text.insert(0, glyphs_.about());
    return {std::move(text), cell.type == Type::kAbsent ? Tone::kFaint : Tone::kPlain};
  }

  // How narrow a column may become in a turn of giving way: replies and lists of values first, then other texts.
  std::size_t least_of(std::size_t column, int turn) const {
    const ReportLayoutColumn& layout = table_.file.columns[column];
    const bool values = item_type(table_.file, layout.item) == ItemType::kValues;
    std::size_t least = SIZE_MAX;
    if (layout.format == ReportFormat::kReply) {
      least = turn >= 2 ? kLeastFlexible : 32;
    } else if (layout.format == ReportFormat::kText && values) {
      least = turn >= 3 ? kLeastFlexible : turn >= 1 ? 20 : SIZE_MAX;
    } else if (layout.format == ReportFormat::kText) {
      least = turn >= 4 ? kLeastFlexible : SIZE_MAX;
    }
    return std::max(least, display_width(layout.heading));
  }

  // The widths of as many columns as fit, at least one.
  std::vector<std::size_t> widths_of(const std::vector<std::vector<Piece>>& rows) const {
    const auto& columns = table_.file.columns;
    std::vector<std::size_t> widths;
    std::size_t least = 0, wanted = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::size_t gap = c == 0 ? 0 : kGap;
      std::size_t width = display_width(columns[c].heading);
      for (const auto& row : rows) width = std::max(width, display_width(row[c].text));
      least += gap + std::min(width, least_of(c, kTurns - 1));
      if (least > width_ && c != 0) break;
      wanted += gap + width;
      widths.push_back(width);
    }
    for (int turn = 0; turn < kTurns; ++turn) shrink(widths, wanted, turn);
    return widths;
  }

  // Takes width from the columns whose turn it is, the widest first.
  void shrink(std::vector<std::size_t>& widths, std::size_t& wanted, int turn) const {
    while (wanted > width_) {
      std::size_t widest = widths.size();
      for (std::size_t c = 0; c < widths.size(); ++c) {
        if (widths[c] <= least_of(c, turn)) continue;
        if (widest == widths.size() || widths[c] > widths[widest]) widest = c;
      }
      if (widest == widths.size()) return;
      --widths[widest];
      --wanted;
    }
  }

  // The text of a cell in at most `width` columns.
  std::string cut(const ReportLayoutColumn& column, const ReportCell& cell, const std::string& text,
                  std::size_t width) const {
    if (display_width(text) <= width) return text;
    if (column.format != ReportFormat::kReply) {
      return cell.type == Type::kValues ? values_text(cell, width) : shorten(text, width, glyphs_);
    }
    // Of `host mx.example.net[192.0.2.1] said: 550 no such user` the words of the other side.
    const std::size_t said = text.find(" said: ");
    const std::string_view words =
        said == std::string::npos ? std::string_view(text) : std::string_view(text).substr(said + 7);
    return shorten_reply(words, width, glyphs_);
  }

  void append_table() {
    const auto& columns = table_.file.columns;
    std::vector<double> greatest(columns.size(), 0);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      for (const ReportRow& row : table_.rows)
        greatest[c] = std::max(greatest[c], number_of(row.cells[columns[c].item]));
    }
    std::vector<std::vector<Piece>> rows;
    for (const ReportRow& row : table_.rows) {
      std::vector<Piece>& cells = rows.emplace_back();
      for (std::size_t c = 0; c < columns.size(); ++c) {
        cells.push_back(piece_of(columns[c], row.cells[columns[c].item], greatest[c]));
      }
    }
    const std::vector<std::size_t> widths = widths_of(rows);
    left_out_ = columns.size() - widths.size();
    std::vector<Table::Column> heads;
    for (std::size_t c = 0; c < widths.size(); ++c) heads.push_back({columns[c].heading, columns[c].right, c == 0});
    Table drawn(std::move(heads));
    for (std::size_t r = 0; r < rows.size(); ++r) {
      rows[r].resize(widths.size());
      for (std::size_t c = 0; c < widths.size(); ++c) {
        rows[r][c].text = cut(columns[c], table_.rows[r].cells[columns[c].item], rows[r][c].text, widths[c]);
      }
      drawn.add(std::move(rows[r]));
    }
    append(drawn.lines(width_, 0, glyphs_));
  }

  // `20 of 25 rows (--top N shows more), of 686 recipients`
  std::string counts() const {
    std::string of;
    for (const auto& [per, count] : table_.taken) of += (of.empty() ? "" : " and ") + counted(count, noun_of(per));
    std::string rows = counted(table_.groups, "row");
    if (table_.approximate) rows.insert(0, glyphs_.about());
    if (table_.rows.size() == table_.groups) return rows + " of " + of;
    return grouped(table_.rows.size()) + " of " + rows + " (--top N shows more), of " + of;
  }

  std::vector<std::string> sentences() const {
    std::vector<std::string> all;
    if (table_.approximate) {
      all.push_back(std::string(glyphs_.about()) + " marks estimates: more than " + grouped(table_.bound) +
                    " different rows, or too long ones, so the rarest were forgotten on the way.");
    }
    for (const ReportSilence& silence : table_.file.silences) {
      if (table_.silent[silence.measure]) all.push_back(silence.sentence);
    }
    if (!table_.file.note.empty()) all.push_back(table_.file.note);
    if (left_out_ != 0) {
      all.push_back(counted(left_out_, "column") + " found no room in " + std::to_string(width_) +
                    " columns; --json holds all.");
    }
    return all;
  }

  const ReportTable& table_;
  const ReportScope& scope_;
  std::size_t width_;
  bool colour_;
  Glyphs glyphs_;
  std::size_t left_out_ = 0;
  std::string page_;
};

}  // namespace

std::string render_report_table(const ReportTable& table, const ReportScope& scope, const PageOptions& options) {
  return TablePage(table, scope, options).render();
}

}  // namespace mailtrail::query
