#include "query/report_spans_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/text.h"
#include "query/report_layout.h"

namespace mailtrail::query {
namespace {

using model::Outcome;

constexpr std::size_t kLeastBar = 6, kGreatestBar = 24;

// `12.3k`: at most five columns.
std::string rounded(std::uint64_t number) {
  if (number < 10'000) return std::to_string(number);
  constexpr std::string_view kSigns = "kMGTPE";
  auto value = static_cast<double>(number);
  std::size_t sign = 0;
  for (value /= 1000; value >= 999.5 && sign + 1 < kSigns.size(); ++sign) value /= 1000;
  return fmt::format("{:.{}f}{}", value, value < 99.95 ? 1 : 0, kSigns[sign]);
}

// A delay in at most seven columns.
std::string short_delay(double seconds, bool whole_seconds) {
  if (whole_seconds && seconds < 0.5) return "<1 s";
  if (whole_seconds && seconds < 59.5) return fmt::format("{:.0f} s", seconds);
  if (seconds < 59.5) return delay(seconds);
  if (seconds < 3570) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 36 * 3600) return fmt::format("{:.1f} h", seconds / 3600);
  return fmt::format("{:.1f} d", seconds / 86400);
}

std::string two_digits(int number) {
  return fmt::format("{:02}", number);
}

// How a span is called: `Sun 22 Nov`, `Sun 22 Nov 03:00 UTC+1`, `2026-11`. `narrow`: hours without the day of the week.
class SpanNames {
 public:
  SpanNames(const SpanReport& report, bool narrow) : report_(report), narrow_(narrow) {}

  std::string name(const SpanReport::Row& row) const {
    const int offset = report_.zone.offset_at(row.span.begin);
    const Micros wall = row.span.begin + offset * kMinute;
    const CivilTime civil = civil_from_micros(wall);
    if (report_.unit == SpanUnit::kMonth) return fmt::format("{:04}-{}", civil.year, two_digits(civil.month));
    std::string text = wall_time(wall);
    if (report_.unit != SpanUnit::kHour) text.resize(text.size() - 6);
    if (years_differ()) text.insert(report_.unit == SpanUnit::kHour ? text.size() - 6 : text.size(), year_of(civil));
    // Where clocks are changed the wall shows an hour twice.
    if (report_.unit == SpanUnit::kHour && offsets_differ()) text += ' ' + offset_name(offset);
    if (report_.unit == SpanUnit::kHour && narrow_) text.erase(0, 4);
    return text;
  }

 private:
  static std::string year_of(const CivilTime& civil) { return fmt::format(" {:04}", civil.year); }
  int offset_of(const SpanReport::Row& row) const { return report_.zone.offset_at(row.span.begin); }
  bool offsets_differ() const {
    return std::any_of(report_.rows.begin(), report_.rows.end(),
                       [&](const SpanReport::Row& row) { return offset_of(row) != offset_of(report_.rows.front()); });
  }
  bool years_differ() const {
    const auto year = [&](const SpanReport::Row& row) {
      return civil_from_micros(row.span.begin + offset_of(row) * kMinute).year;
    };
    return year(report_.rows.front()) != year(report_.rows.back());
  }
  const SpanReport& report_;
  bool narrow_;
};

struct Column {
  std::string_view heading, narrow, meaning;
  std::function<std::uint64_t(const PeriodTally&)> count;
  Tone tone = Tone::kPlain;
  bool optional = true;  // may be left out where it is zero in every row
};

std::vector<Column> count_columns() {
  const auto outcome = [](Outcome which) { return [which](const PeriodTally& of) { return of.outcome(which); }; };
  return {{"journeys", "mails", "journeys", [](const PeriodTally& of) { return of.journeys; }, Tone::kPlain, false},
          {"rcpts", "rcpts", "recipients", [](const PeriodTally& of) { return of.recipients; }, Tone::kPlain, false},
          {"delivered", "deliv", "delivered", outcome(Outcome::kDelivered), Tone::kGood, false},
          {"deferred", "defer", "deferred", outcome(Outcome::kDeferred), Tone::kWaiting},
          {"bounced", "bounce", "bounced", outcome(Outcome::kBounced), Tone::kBad},
          {"expired", "expire", "expired", outcome(Outcome::kExpired), Tone::kBad},
          {"refused", "refuse", "refused", [](const PeriodTally& of) { return of.refused; }},
          {"no login", "nologin", "failed logins", [](const PeriodTally& of) { return of.logins_failed; }}};
}

// The rows' cells, and how wide each column is.
class SpanTable {
 public:
  SpanTable(const SpanReport& report, const PageOptions& options)
      : report_(report), width_(std::clamp<std::size_t>(options.width, 60, 200)), glyphs_{options.unicode} {}

  Lines lines() {
    columns_ = count_columns();
    // What gives way first where the width does not suffice.
    for (int step = 0; step <= 4; ++step) {
      if (step == 1) gap_ = 1;
      if (step == 2) leave_out_zeros();
      narrow_ = step >= 3;
      rounds_ = step >= 4;
      fill();
      if (used() <= width_) break;
    }
    bar_ = used() + 2 + kLeastBar <= width_ ? std::min(width_ - used() - 2, kGreatestBar) : 0;
    Lines lines;
    for (std::size_t row = 0; row < cells_.size(); ++row) lines.push_back(line(row));
    return lines;
  }
  const std::vector<std::string_view>& left_out() const { return left_out_; }
  bool rounds() const { return rounds_; }

 private:
  void leave_out_zeros() {
    for (auto column = columns_.begin(); column != columns_.end();) {
      if (column->optional && column->count(report_.total) == 0) {
        left_out_.push_back(column->meaning);
        column = columns_.erase(column);
      } else {
        ++column;
      }
    }
  }

  std::vector<std::string> row_cells(std::string name, const PeriodTally& figures, bool part) const {
    std::vector<std::string> cells = {std::move(name) + (part ? "*" : "")};
    for (const Column& column : columns_) {
      const std::uint64_t count = column.count(figures);
      cells.push_back(rounds_ ? rounded(count) : grouped(count));
    }
    const DdSketch& delays = figures.end_to_end;
    for (const double quantile : {0.5, 0.95}) {
      cells.push_back(delays.count() == 0 ? "" : short_delay(delays.quantile(quantile), report_.total.whole_seconds));
    }
    return cells;
  }

  void fill() {
    cells_.clear();
    std::vector<std::string> headings = {"Per " + std::string(word(report_.unit))};
    for (const Column& column : columns_) headings.emplace_back(narrow_ ? column.narrow : column.heading);
    headings.insert(headings.end(), {"median", "p95"});
    cells_.push_back(std::move(headings));
    const SpanNames names(report_, narrow_);
    for (const SpanReport::Row& row : report_.rows) {
      cells_.push_back(row_cells(names.name(row), row.figures, row.part));
      most_ = std::max(most_, row.figures.recipients);
    }
    cells_.push_back(row_cells("total", report_.total, false));
    widths_.assign(cells_.front().size(), 0);
    for (const auto& cells : cells_) {
      for (std::size_t c = 0; c < cells.size(); ++c) widths_[c] = std::max(widths_[c], display_width(cells[c]));
    }
  }

  std::size_t used() const {
    std::size_t sum = gap_ * (widths_.size() - 1);
    for (const std::size_t width : widths_) sum += width;
    return sum;
  }

  Tone tone(std::size_t row, std::size_t column) const {
    if (row == 0) return column == 0 ? Tone::kHeading : Tone::kFaint;
    if (column == 0) return row + 1 == cells_.size() ? Tone::kHeading : Tone::kPlain;
    if (column > columns_.size()) return Tone::kPlain;
    return cells_[row][column] == "0" ? Tone::kFaint : columns_[column - 1].tone;
  }

  Line line(std::size_t row) const {
    Line line;
    line.add(cells_[row][0], tone(row, 0));
    std::size_t end = widths_[0];
    for (std::size_t c = 1; c < widths_.size(); ++c) {
      end += gap_ + widths_[c];
      line.pad_to(end - display_width(cells_[row][c])).add(cells_[row][c], tone(row, c));
    }
    if (bar_ == 0) return line;
    if (row == 0) return line.pad_to(end + 2).add("rcpts", Tone::kFaint), line;
    if (row + 1 == cells_.size()) return line;
    const std::uint64_t recipients = report_.rows[row - 1].figures.recipients;
    return line.pad_to(end + 2).add(bar(recipients, most_, bar_, glyphs_)), line;
  }

  const SpanReport& report_;
  std::size_t width_;
  Glyphs glyphs_;
  std::vector<Column> columns_;
  std::vector<std::string_view> left_out_;
  std::vector<std::vector<std::string>> cells_;
  std::vector<std::size_t> widths_;
  std::uint64_t most_ = 0;
  std::size_t bar_ = 0;
  std::size_t gap_ = 2;
  bool narrow_ = false, rounds_ = false;
};

std::vector<Piece> notes(const SpanReport& report, const SpanTable& table) {
  std::vector<Piece> pieces;
  const auto say = [&](std::string text) { pieces.push_back({std::move(text), Tone::kFaint}); };
  if (std::any_of(report.rows.begin(), report.rows.end(), [](const SpanReport::Row& row) { return row.part; })) {
    const auto time = [&](const std::optional<Micros>& at) {
      return at ? format_rfc3339(*at, report.zone.offset_at(*at)).substr(0, 19) : std::string("?");
    };
    say("* a part: figures are from " + time(report.from) + " to " + time(report.to));
  }
  if (report.total.gaps != 0) say("lines are missing in " + counted(report.total.gaps, "place") + ": figures too low");
  if (report.untimed != 0) say(counted(report.untimed, "fact") + " without a time in no row");
  std::string names;
  for (const std::string_view name : table.left_out()) names += (names.empty() ? "" : ", ") + std::string(name);
  if (!names.empty()) say("none in any row: " + names);
  if (table.rounds()) say("k and M: rounded to thousands and millions");
  say("mail counts when it was received, with what became of it");
  return pieces;
}

}  // namespace

std::string render_spans(const SpanReport& report, const PageOptions& options) {
  if (report.rows.empty()) return "No mail, refusal or login with a time.\n";
  SpanTable table(report, options);
  Lines lines = table.lines();
  lines.emplace_back();
  const Lines more =
      flow(Line(), notes(report, table), std::clamp<std::size_t>(options.width, 60, 200), 0, Glyphs{options.unicode});
  lines.insert(lines.end(), more.begin(), more.end());
  std::string page;
  for (const Line& line : lines) line.append_to(page, options.colour);
  return page;
}

}  // namespace mailtrail::query
