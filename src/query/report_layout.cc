#include "query/report_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace mailtrail::query {
namespace {

constexpr std::size_t kGap = 2;  // blanks between columns

std::string_view begin_of(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kHeading:
      return "\x1b[1m";
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kBad:
      return "\x1b[31m";
    case Tone::kWaiting:
      return "\x1b[33m";
    case Tone::kFaint:
      return "\x1b[2m";
  }
  return "";
}

std::size_t character_length(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return end - at;
}

// The longest beginning of `text` that takes at most `width` columns.
std::string_view head_of(std::string_view text, std::size_t width) {
  std::size_t used = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = character_length(text, at);
    used += display_width(text.substr(at, length));
    if (used > width) break;
    at += length;
  }
  return text.substr(0, at);
}

std::string_view tail_of(std::string_view text, std::size_t width) {
  std::size_t used = 0;
  std::size_t at = text.size();
  while (at > 0) {
    std::size_t from = at - 1;
    while (from > 0 && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) --from;
    used += display_width(text.substr(from, at - from));
    if (used > width) break;
    at = from;
  }
  return text.substr(at);
}

// Takes from `text` what fits into `width` columns, up to a blank where there is one.
std::string_view take_words(std::string_view& text, std::size_t width) {
  std::string_view head = head_of(text, std::max<std::size_t>(width, 1));
  if (head.empty()) head = text.substr(0, character_length(text, 0));
  if (head.size() < text.size()) {
    const std::size_t blank = head.rfind(' ');
    if (blank != std::string_view::npos && blank > 0) head = head.substr(0, blank);
  }
  text.remove_prefix(head.size());
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return head;
}

}  // namespace

Line& Line::add(std::string_view text, Tone tone) {
  if (text.empty()) return *this;
  width_ += display_width(text);
  pieces_.push_back({std::string(text), tone});
  return *this;
}

Line& Line::pad_to(std::size_t column) {
  const std::size_t blanks = column > width_ ? column - width_ : (width_ == 0 ? 0 : 1);
  return add(std::string(blanks, ' '));
}

void Line::append_to(std::string& out, bool colour) const {
  std::size_t last = pieces_.size();
  while (last > 0 && pieces_[last - 1].text.find_first_not_of(' ') == std::string::npos) --last;
  for (std::size_t i = 0; i < last; ++i) {
    std::string_view text = pieces_[i].text;
    if (i + 1 == last) text = text.substr(0, text.find_last_not_of(' ') + 1);
    const std::string_view begin = colour ? begin_of(pieces_[i].tone) : std::string_view();
    out.append(begin).append(text);
    if (!begin.empty()) out += "\x1b[0m";
  }
  out += '\n';
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  std::string text = grouped(number) + ' ' + std::string(noun);
  if (number == 1) return text;
  const bool consonant_y = noun.size() > 1 && noun.back() == 'y' &&
                           std::string_view("aeiou").find(noun[noun.size() - 2]) == std::string_view::npos;
  if (consonant_y) text.replace(text.size() - 1, 1, "ie");
  return text + 's';
}

std::string share(std::uint64_t part, std::uint64_t whole, int decimals) {
  if (whole == 0) return "";
  const double scale = std::pow(10.0, decimals);
  const double least = 1 / scale;
  double percent = std::round(100.0 * static_cast<double>(part) / static_cast<double>(whole) * scale) / scale;
  if (part < whole && percent >= 100) percent = 100 - least;
  if (part != 0 && percent < least) return fmt::format("<{:.{}f} %", least, decimals);
  return fmt::format("{:.{}f} %", percent, decimals);
}

std::string byte_size(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kUnits = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 999.5 && unit + 1 < kUnits.size()) size /= 1000, ++unit;
  if (unit == 0) return counted(bytes, "byte");
  return fmt::format("{:.{}f} {}", size, size < 9.95 ? 1 : 0, kUnits[unit]);
}

std::string delay(double seconds) {
  if (seconds <= 0) return "0 s";
  if (seconds < 0.0095) return "<0.01 s";
  if (seconds < 0.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
  return format_span(static_cast<Micros>(seconds * kSecond));
}

std::string bucket_name(Micros unit) {
  struct Name {
    Micros unit;
    std::string_view name;
  };
  constexpr std::array<Name, 4> kNames = {{{7 * kDay, "week"}, {kDay, "day"}, {kHour, "hour"}, {kMinute, "minute"}}};
  for (const Name& name : kNames) {
    if (unit == name.unit) return std::string(name.name);
    if (unit > name.unit && unit % name.unit == 0) {
      return counted(static_cast<std::uint64_t>(unit / name.unit), name.name);
    }
  }
  return format_span(unit);
}

std::string wall_time(Micros wall) {
  constexpr std::array<std::string_view, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime civil = civil_from_micros(wall);
  const std::int64_t days = days_from_civil(civil.year, civil.month, civil.day);
  return fmt::format("{} {} {} {:02}:{:02}", kDays[static_cast<std::size_t>((days % 7 + 7) % 7)], civil.day,
                     kMonths[static_cast<std::size_t>(civil.month - 1)], civil.hour, civil.minute);
}

std::string offset_name(int offset_minutes) {
  if (offset_minutes == 0) return "UTC";
  const int minutes = std::abs(offset_minutes);
  std::string name = fmt::format("UTC{}{}", offset_minutes < 0 ? '-' : '+', minutes / 60);
  if (minutes % 60 != 0) name += fmt::format(":{:02}", minutes % 60);
  return name;
}

std::string shorten(std::string_view text, std::size_t width, const Glyphs& glyphs) {
  if (display_width(text) <= width) return std::string(text);
  const std::size_t mark = display_width(glyphs.cut());
  if (width <= mark) return std::string(head_of(text, width));
  const std::size_t tail = (width - mark) / 2;
  std::string cut(head_of(text, width - mark - tail));
  cut += glyphs.cut();
  cut += tail_of(text, tail);
  return cut;
}

std::string shorten_reply(std::string_view text, std::size_t width, const Glyphs& glyphs) {
  if (display_width(text) <= width) return std::string(text);
  std::string without;
  for (std::size_t at = 0; at < text.size(); ++at) {
    without += text[at];
    const std::size_t close = text[at] == '<' ? text.find('>', at) : std::string_view::npos;
    if (close == std::string_view::npos || close < at + 4) continue;
    without += glyphs.cut();
    at = close - 1;
  }
  // Of `550 5.1.1 <…>: Recipient address rejected: User unknown` the last clause says why.
  const std::size_t code = without.find_first_not_of("0123456789. -");
  const std::string mark_and_blank = std::string(glyphs.cut()) + ' ';
  const bool has_code = code != std::string::npos && code >= 4;
  while (has_code && display_width(without) > width) {
    const std::size_t clause = without.find(": ", code);
    if (clause == std::string::npos || without.size() - clause < 12) break;
    without.replace(code, clause + 2 - code, mark_and_blank);
  }
  if (display_width(without) <= width) return without;
  const std::size_t mark = display_width(glyphs.cut());
  std::string cut(head_of(without, width - std::min(width, mark)));
  while (!cut.empty() && cut.back() == ' ') cut.pop_back();
  return cut.append(glyphs.cut());
}

std::string bar(std::uint64_t part, std::uint64_t whole, std::size_t cells, const Glyphs& glyphs) {
  if (part == 0 || whole == 0) return "";
  const double length = static_cast<double>(part) / static_cast<double>(whole) * static_cast<double>(cells);
  std::string text;
  if (!glyphs.unicode) return std::string(std::max<std::size_t>(static_cast<std::size_t>(std::lround(length)), 1), '#');
  constexpr std::array<std::string_view, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = std::max<std::size_t>(static_cast<std::size_t>(std::lround(length * 8)), 1);
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  return text.append(kEighths[eighths % 8]);
}

std::string sparkline(const std::vector<std::uint64_t>& values, const Glyphs& glyphs) {
  constexpr std::array<std::string_view, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::array<std::string_view, 8> kAscii = {".", ":", "-", "=", "+", "*", "%", "#"};
  const std::uint64_t most = values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  std::string text;
  for (const std::uint64_t value : values) {
    if (value == 0) {
      text += ' ';
      continue;
    }
    const auto level = static_cast<std::size_t>(
        std::ceil(static_cast<double>(value) / static_cast<double>(most) * static_cast<double>(kBlocks.size())));
    text += (glyphs.unicode ? kBlocks : kAscii)[std::clamp<std::size_t>(level, 1, kBlocks.size()) - 1];
  }
  return text;
}

Lines flow(Line line, const std::vector<Piece>& pieces, std::size_t width, std::size_t hang, const Glyphs& glyphs) {
  Lines lines;
  bool first_on_line = true;
  const auto break_line = [&] {
    lines.push_back(std::move(line));
    line = Line();
    line.pad_to(hang);
    first_on_line = true;
  };
  for (const Piece& piece : pieces) {
    if (piece.text.empty()) continue;
    const std::size_t needed = display_width(piece.text) + (first_on_line ? 0 : display_width(glyphs.dot()));
    if (!first_on_line && line.width() + needed > width) break_line();
    if (!first_on_line) line.add(glyphs.dot(), Tone::kFaint);
    std::string_view rest = piece.text;
    while (display_width(rest) + line.width() > width) {
      line.add(take_words(rest, width - std::min(width, line.width())), piece.tone);
      if (rest.empty()) break;
      break_line();
    }
    line.add(rest, piece.tone);
    first_on_line = false;
  }
  lines.push_back(std::move(line));
  return lines;
}

std::vector<std::size_t> Table::widths(std::size_t width) const {
  std::vector<std::size_t> widths;
  std::size_t fixed = kGap * (columns_.size() - 1);
  std::size_t wanted = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t widest = display_width(columns_[c].heading);
    for (const auto& row : rows_) widest = std::max(widest, display_width(row[c].text));
    widths.push_back(widest);
    (columns_[c].flexible ? wanted : fixed) += widest;
  }
  // Where it does not suffice, the widest flexible column gives way first.
  const std::size_t left = width > fixed ? width - fixed : 1;
  while (wanted > left) {
    std::size_t widest = columns_.size();
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (columns_[c].flexible && (widest == columns_.size() || widths[c] > widths[widest])) widest = c;
    }
    if (widest == columns_.size() || widths[widest] <= 1) break;
    --widths[widest];
    --wanted;
  }
  return widths;
}

Lines Table::lines(std::size_t width, std::size_t indent, const Glyphs& glyphs) const {
  const std::vector<std::size_t> columns = widths(width - std::min(width, indent));
  Lines lines;
  const auto draw = [&](const std::vector<Piece>& cells, std::size_t from) {
    Line line;
    std::size_t column = from;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      // A heading begins two columns further left, and may be as much wider.
      const std::size_t cell = columns[c] + (c == 0 ? indent - from : 0);
      const std::string text =
          columns_[c].reply ? shorten_reply(cells[c].text, cell, glyphs) : shorten(cells[c].text, cell, glyphs);
      if (!text.empty()) {
        const std::size_t start = columns_[c].right ? column + cell - display_width(text) : column;
        if (start > line.width()) line.pad_to(start);
        line.add(text, cells[c].tone);
      }
      column += cell + kGap;
    }
    lines.push_back(std::move(line));
  };
  std::vector<Piece> headings;
  bool any = false;
  for (const Column& column : columns_) {
    headings.push_back({column.heading, headings.empty() ? Tone::kHeading : Tone::kFaint});
    any = any || !column.heading.empty();
  }
  if (any) draw(headings, 0);
  for (const auto& row : rows_) draw(row, indent);
  return lines;
}

Lines beside(const Lines& left, const Lines& right, std::size_t column) {
  Lines lines;
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    Line line = i < left.size() ? left[i] : Line();
    if (i < right.size() && right[i].width() != 0) {
      line.pad_to(column);
      for (const Piece& piece : right[i].pieces()) line.add(piece.text, piece.tone);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace mailtrail::query
