// GroupedReport: rows as they stream by, to the table that a report file asks for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time_zone.h"
#include "model/fact_sink.h"
#include "query/report_file.h"
#include "query/row.h"

namespace mailtrail::query {

// What the report does not say itself.
struct ReportContext {
  TimeZone zone;      // of hours, days and all times shown
  TimeContext times;  // what `since:` in its searches counts back from
  // What varies in a reply, folded. Where absent, fold_notice.
  std::function<std::string(std::string_view)> reply_shape;
  std::optional<std::size_t> limit;  // in place of the file's own
  // Different groups that are counted exactly, 10 to 20,000; where absent, bound_of the file.
  std::optional<std::size_t> bound;
};

// One value of the table. Texts are as logged, cut where they were overlong, not escaped.
struct ReportCell {
  enum class Type : std::uint8_t { kAbsent, kText, kInteger, kReal, kTime, kValues };
  Type type = Type::kAbsent;
  bool approximate = false;  // an estimate (see ReportRow)
  std::string text;
  std::int64_t integer = 0;  // kTime: microseconds UTC
  double real = 0;           // a share is 0 to 1
  std::vector<std::pair<std::string, std::uint64_t>> values;
  std::uint64_t others = 0;  // kValues: rows with other values
};

// `error` is 0 where the row is exact. Else its `count` may be that much too high and is never too low; its other
// measures are of what was seen since its group was last taken up, so they may be too low.
struct ReportRow {
  std::vector<ReportCell> cells;  // an item each
  std::uint64_t error = 0;
};

struct ReportTable {
  ReportFile file;
  TimeZone zone;
  std::vector<std::pair<Per, std::uint64_t>> taken;  // rows of each kind that the report is told of
  std::vector<ReportRow> rows;                       // ordered; at most the limit
  // Groups (or rows of a list) in all, without those that `least` leaves out. Where `approximate` an estimate, and with
  // `least` those that are known.
  std::uint64_t groups = 0;
  bool approximate = false;  // there were more groups than could be kept
  std::size_t bound = 0;     // groups that are counted exactly
  std::vector<bool> silent;  // by measure: it is 0 over all rows and has a sentence to say so

  bool nothing() const { return rows.empty(); }
};

// How many groups of the file are counted exactly where the context does not say: as many as 128 MB hold of its
// measures at their largest, and at most 20,000.
std::size_t bound_of(const ReportFile& file);

// Takes rows, or facts (all of them; rows are made of them as RowsOfFacts does). Rows of one mail MUST come together,
// for `mails` counts where they change. Memory is bounded whatever comes: 128 MB, and of a list about twice the limit.
// Not thread-safe.
class GroupedReport : public model::FactSink {
 public:
  // Error: a search of the file is mistaken in this context (its times).
  static Result<std::unique_ptr<GroupedReport>> make(ReportFile file, ReportContext context);
  ~GroupedReport() override;
  GroupedReport(const GroupedReport&) = delete;
  GroupedReport& operator=(const GroupedReport&) = delete;

  // Whether the tracer must keep details for it (trace::TracerOptions::keep_details).
  bool needs_attempts() const;

  // A row of any kind. What the report is not told of is left out.
  void take(const Row& row);
  void on_journey(const model::fact::Journey& journey) override;
  void on_rejection(const model::fact::Rejection& rejection) override;
  void on_login(const model::fact::Login& login) override;

  // Once.
  ReportTable finish();

 private:
  class Impl;
  explicit GroupedReport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace mailtrail::query
