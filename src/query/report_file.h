// ReportFile: a report as data: a search, what its rows are grouped by and counted as, and a layout.
//
// docs/report.md ("Reports as files") is the format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/plan.h"
#include "query/report_file_expr.h"

namespace mailtrail::query {

// How a value is written on the page.
enum class ReportFormat : std::uint8_t {
  kText,      // cut in the middle where there is no room
  kReply,     // cut as replies are
  kNumber,    // 12,345
  kBytes,     // 1.2 MB
  kDuration,  // 4 min, of seconds
  kPercent,   // 94.4 %, of a share
  kTime,      // 2026-11-24 03:00
  kBar,       // as long as the number is great
};
std::string_view word(ReportFormat format);

// A value that each row of the report has: a key of a group, or a field of a list.
struct ReportValue {
  std::string name;
  ValueExpr expr;
  ValueType type = ValueType::kText;
  bool operator==(const ReportValue&) const = default;
};

// What is reckoned of the rows of a group. `MEASURE where SEARCH` is of those alone that the search takes.
struct ReportMeasure {
  enum class Op : std::uint8_t {
    kCount,     // count: how many; a line that stands for several logins or refusals counts as many
    kStated,    // stated(VALUE): those that state the value
    kEqual,     // equal(VALUE, WORD): those whose value is that word
    kMails,     // mails: the journeys that the rows belong to
    kDistinct,  // distinct(VALUE): how many different values
    kSum,       // sum(NUMBER)
    kMax,       // max(NUMBER)
    kQuantile,  // p50(NUMBER), p95, p99
    kFirst,     // first(TIME): the earliest
    kLast,      // last(TIME)
    kExample,   // example(VALUE): the first that was stated
    kValues,    // values(VALUE): up to 8 different values with their counts
    kShare,     // share(A): of the sum of the measure A over all rows; share(A, B): A of B in the same row
  };
  std::string name;
  Op op = Op::kCount;
  ValueExpr expr;
  ValueType type = ValueType::kText;  // of `expr`
  std::string text;                   // kEqual: the word
  std::string search;                 // empty: all rows; kShare has none
  double quantile = 0;                // kQuantile
  std::size_t part = 0;               // kShare: the measure A
  std::optional<std::size_t> whole;   // kShare: the measure B
  bool operator==(const ReportMeasure&) const = default;
};

struct ReportFilter {
  enum class Op : std::uint8_t { kWith, kWithout, kOnly };
  Op op = Op::kWith;
  ValueExpr expr;
  std::vector<std::string> words;  // kOnly
  bool operator==(const ReportFilter&) const = default;
};

// `items` of a report are its keys (or fields), then its measures.
struct ReportOrder {
  std::size_t item = 0;
  bool descending = false;
  bool operator==(const ReportOrder&) const = default;
};

struct ReportLayoutColumn {
  std::size_t item = 0;
  ReportFormat format = ReportFormat::kText;
  bool right = false;
  std::size_t cells = 0;  // kBar: the length of the greatest
  std::string heading;
  bool operator==(const ReportLayoutColumn&) const = default;
};

// What is said where a measure is 0 over all rows, since the log then does not tell.
struct ReportSilence {
  std::size_t measure = 0;
  std::string sentence;
  bool operator==(const ReportSilence&) const = default;
};

// Rows whose measure is smaller are left out.
struct ReportLeast {
  std::size_t measure = 0;
  std::uint64_t number = 0;
  bool operator==(const ReportLeast&) const = default;
};

struct ReportFile {
  std::string title, summary;
  std::vector<Per> per;                 // at least one; neither Per::kEvent nor one twice
  std::array<std::string, 7> searches;  // by kind of row
  std::vector<ReportFilter> filters;
  std::vector<ReportValue> values;  // keys of groups; where `is_list`, fields of single rows
  bool is_list = false;
  std::vector<ReportMeasure> measures;  // none where `is_list`
  std::vector<ReportLeast> least;
  std::vector<ReportOrder> order;
  std::size_t limit = 20;
  std::vector<ReportLayoutColumn> columns;
  std::vector<ReportSilence> silences;
  std::string note;     // said below the rows; may be empty
  std::string nothing;  // said where there are no rows

  std::size_t items() const { return values.size() + measures.size(); }
  std::string_view item_name(std::size_t item) const {
    return item < values.size() ? values[item].name : measures[item - values.size()].name;
  }
  bool operator==(const ReportFile&) const = default;
};

inline constexpr std::size_t kMaxReportFile = 64 * 1024;  // bytes
inline constexpr std::size_t kMaxReportRows = 10'000;     // `limit`

// Understands a report file. `name` is how its mistakes name it (a path, any bytes); `text` may hold any bytes. Pure.
// Error.where is `NAME:LINE`, .remedy what to write instead. All that is said in a ReportFile is UTF-8 on one line.
Result<ReportFile> parse_report_file(std::string_view text, std::string_view name);

// The file in its normal form: parse_report_file of it gives an equal ReportFile. `file` MUST come from
// parse_report_file.
std::string to_text(const ReportFile& file);

// The format in which an item is written where the file has no layout.
ReportFormat default_format(const ReportFile& file, std::size_t item);

// The reports that come with the program: src/query/reports/NAME.report (cmake/embed.cmake), by name.
struct ShippedReport {
  std::string_view name;
  std::string_view text;
};
std::span<const ShippedReport> shipped_reports();
const ShippedReport* find_shipped_report(std::string_view name);

}  // namespace mailtrail::query
