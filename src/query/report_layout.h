// The parts of a page for a terminal: toned text, tables, bars, numbers as a person reads them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/time_zone.h"

namespace mailtrail::query {

enum class Tone : std::uint8_t { kPlain, kHeading, kGood, kBad, kWaiting, kFaint };

// A piece of text in one tone. The text MUST be printable (append_printable).
struct Piece {
  std::string text;
  Tone tone = Tone::kPlain;
};

class Line {
 public:
  Line& add(std::string_view text, Tone tone = Tone::kPlain);
  // Blanks up to `column`; at least one where the line is that wide already.
  Line& pad_to(std::size_t column);
  std::size_t width() const { return width_; }
  // Without trailing blanks, with a line end.
  void append_to(std::string& out, bool colour) const;
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
  std::size_t width_ = 0;
};
using Lines = std::vector<Line>;

// What the page is drawn with.
struct Glyphs {
  bool unicode = true;
  std::string_view dot() const { return unicode ? " · " : " - "; }
  std::string_view about() const { return unicode ? "≈" : "~"; }
  std::string_view alarm() const { return unicode ? "▲" : "!"; }
  std::string_view cut() const { return unicode ? "…" : ".."; }
};

// `1,204,331`
std::string grouped(std::uint64_t number);
// `12,345`, with the plural of `noun` made by `s` unless the number is one.
std::string counted(std::uint64_t number, std::string_view noun);
// `94.4 %`; never `0.0 %` for something nor `100.0 %` for less than all. Empty where `whole` is 0.
std::string share(std::uint64_t part, std::uint64_t whole, int decimals = 1);
// `1.2 GB`, of 1000.
std::string byte_size(std::uint64_t bytes);
// A delay in seconds: `0.04 s`, `8.9 s`, `4 min`.
std::string delay(double seconds);
// The width of a bucket: `minute`, `10 minutes`, `hour`.
std::string bucket_name(Micros unit);
// `Sun 22 Nov 00:00`; `wall` as micros_from_civil gives it.
std::string wall_time(Micros wall);
// `UTC+1`, `UTC+5:30`, `UTC`.
std::string offset_name(int offset_minutes);

// `text` in at most `width` columns, the middle cut out.
std::string shorten(std::string_view text, std::size_t width, const Glyphs& glyphs);
// A reply or message in at most `width` columns: what stands in `<...>` goes first, then, of a reply that begins with a
// code, the clauses before the last, then the end.
std::string shorten_reply(std::string_view text, std::size_t width, const Glyphs& glyphs);
// `part` of `whole` as a bar of at most `cells` columns; something is never nothing.
std::string bar(std::uint64_t part, std::uint64_t whole, std::size_t cells, const Glyphs& glyphs);
// One column for each value, scaled to the greatest.
std::string sparkline(const std::vector<std::uint64_t>& values, const Glyphs& glyphs);

// The pieces with dots between, broken between pieces so that no line is wider than `width`; a piece that is wider
// alone is broken at blanks. Lines after the first begin at `hang`; `line` is what the first begins with.
Lines flow(Line line, const std::vector<Piece>& pieces, std::size_t width, std::size_t hang, const Glyphs& glyphs);

// Rows of cells, each column as wide as its widest cell.
class Table {
 public:
  struct Column {
    std::string heading;
    bool right = false;     // numbers
    bool flexible = false;  // gives way where the width does not suffice
    bool reply = false;     // cut as shorten_reply does, not in the middle
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // `cells` MUST be as many as the columns.
  void add(std::vector<Piece> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  // With the headings as the first line where any is not empty. `first_heading` is drawn as a heading, the others
  // faint.
  Lines lines(std::size_t width, std::size_t indent, const Glyphs& glyphs) const;

 private:
  std::vector<std::size_t> widths(std::size_t width) const;
  std::vector<Column> columns_;
  std::vector<std::vector<Piece>> rows_;
};

// Two blocks side by side, the right one at `column`.
Lines beside(const Lines& left, const Lines& right, std::size_t column);

}  // namespace mailtrail::query
