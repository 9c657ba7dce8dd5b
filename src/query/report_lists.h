// The tables behind a report's lists.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/space_saving.h"
#include "query/report_figures.h"

namespace mailtrail::query {

// What the count of a key splits into; see TopRow.
struct Split {
  std::uint64_t good = 0, bad = 0, waiting = 0;
  void add(const Split& other) {
    good += other.good;
    bad += other.bad;
    waiting += other.waiting;
  }
  void merge(const Split& other) { add(other); }
};
using SplitTable = SpaceSaving<Split>;

struct ReasonTally {
  std::uint64_t waiting = 0;
  Micros example_time = 0;  // of the last attempt for the recipient of the example
  std::string example, relay, dsn;
  std::optional<std::int32_t> smtp_code;
};
struct NoticeTally {
  Micros example_time = 0;
  std::string example;
  Micros first = 0, last = 0;
};

// The `rows` greatest of a table.
TopList top_list(const SplitTable& table, std::size_t rows);
// All names of a table with their counts, the greatest first.
std::vector<NamedCount> named_counts(const SplitTable& table);
// Reasons by title; the table's keys are joined_key(title, actor, shape).
std::vector<ReasonGroup> reason_groups(const SpaceSaving<ReasonTally>& table, std::size_t rows);
// Notices, the gravest first; the table's keys are joined_key(severity word, program, shape).
std::vector<NoticeGroup> notice_groups(const SpaceSaving<NoticeTally>& table, std::size_t rows);

// Three texts as one key: each cut at 400 bytes, NUL bytes in them dropped.
std::string joined_key(std::string_view one, std::string_view two, std::string_view three);

}  // namespace mailtrail::query
