// `mailtrail search`.
#include <algorithm>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/log_reading.h"
#include "cli/row_reading.h"
#include "cli/row_table.h"
#include "query/report_layout.h"

namespace mailtrail::cli {
namespace {

using query::Per;

constexpr std::size_t kMostSorted = 100'000;  // rows
constexpr std::size_t kUncut = 1000;          // columns, where the output is not for a screen
constexpr std::size_t kFlushed = 64 * 1024;

// Keeps the rows to sort them by time, as long as they are few; then lets them pass.
class FoundRows {
 public:
  FoundRows(Per per, bool json, bool colour, std::size_t limit, const app::Road& road, const Streams& streams)
      : json_(json),
        width_(streams.width.value_or(kUncut)),
        limit_(limit),
        road_(road),
        streams_(streams),
        table_(per, colour) {}

  // Told when rows begin to pass unsorted.
  std::function<void()> on_unsorted;

  void take(const query::Row& row) {
    ++count_;
    if (unsorted_ && count_ > limit_) return;
    rows_.push_back({order_of(row), cells_of(row)});
    if (!unsorted_ && rows_.size() <= kMostSorted) return;
    if (!unsorted_) {
      unsorted_ = true;
      if (on_unsorted) on_unsorted();
      if (rows_.size() > limit_) rows_.resize(limit_);
      write_headings();
    }
    for (const Found& found : rows_) write(found.cells);
    rows_.clear();
  }

  // What is to be written yet: all of it where the rows are few.
  std::string finish() {
    if (!unsorted_ && count_ != 0) {
      std::stable_sort(rows_.begin(), rows_.end(), [](const Found& a, const Found& b) { return a.order < b.order; });
      if (rows_.size() > limit_) rows_.resize(limit_);
      write_headings();
      for (const Found& found : rows_) append(found.cells);
    }
    return std::move(text_);
  }
  std::uint64_t count() const { return count_; }
  bool is_unsorted() const { return unsorted_; }

 private:
  struct Found {
    RowOrder order;
    Cells cells;  // in JSON: one, the line
  };

  Cells cells_of(const query::Row& row) const {
    if (!json_) return query::table_cells(row, width_);
    Cells cells(1);
    query::append_row_json(cells[0].text, row, road_.sources());
    return cells;
  }
  void write_headings() {
    if (json_) return;
    std::vector<Cells> first;
    for (std::size_t i = 0; i < std::min<std::size_t>(rows_.size(), 100); ++i) first.push_back(rows_[i].cells);
    table_.append_headings(text_, first);
  }
  void append(const Cells& cells) {
    if (!json_) return table_.append_row(text_, cells);
    text_ += cells[0].text;
    text_ += '\n';
  }
  void write(const Cells& cells) {
    append(cells);
    if (text_.size() < kFlushed) return;
    streams_.out.write(text_);
    text_.clear();
  }

  bool json_;
  std::size_t width_, limit_;
  const app::Road& road_;
  const Streams& streams_;
  RowTable table_;
  std::vector<Found> rows_;
  std::string text_;
  std::uint64_t count_ = 0;
  bool unsorted_ = false;
};

}  // namespace

int search(const Arguments& arguments, const Streams& streams) {
  const Result<std::uint64_t> limit = number_of(arguments, "limit", 1, 1'000'000'000, 1'000'000'000);
  if (!limit.ok()) {
    say(streams, limit.error().to_string());
    return kWrongUse;
  }
  const Per per = query::per_from_word(arguments.value("per").value_or("attempt")).value_or(Per::kAttempt);
  LogReading reading(arguments, streams);
  if (!reading.open()) return reading.status(kDone);
  const std::optional<query::Plan> plan = reading.plan();
  if (!plan) return reading.status(kDone);

  FoundRows found(per, arguments.has("json"), wants_colour(arguments, streams), static_cast<std::size_t>(*limit),
                  reading.road(), streams);
  found.on_unsorted = [&] {
    reading.progress().stop();
    say(streams, "search: more than " + query::grouped(kMostSorted) +
                     " rows: they come as the log decides them, not in the order of time");
  };
  OtherRows others;
  read_rows(
      reading.road(), *plan, per, [&](const query::Row& row) { found.take(row); }, others);
  const std::string rest = found.finish();
  reading.progress().clear();
  if (found.is_unsorted()) {
    streams.out.write(rest);
  } else {
    show_page(streams, rest, !arguments.has("no-pager"));
  }
  streams.out.flush();
  reading.tell_problems();
  if (found.count() == 0) say(streams, "search: " + nothing_found_text(per, others));
  if (found.count() > *limit) {
    say(streams, "search: " + query::grouped(found.count() - *limit) + " more rows match (--limit)");
  }
  return reading.status(found.count() == 0 ? kNothingFound : kDone);
}

}  // namespace mailtrail::cli
