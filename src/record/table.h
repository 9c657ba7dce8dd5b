// Table: logs whose lines are rows under a head that names the columns (RFC 4180; W3C's `#Fields:`).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "record/record.h"
#include "record/stamp.h"

namespace mailtrail::record {

// The head of one log. Read-only, thread-safe.
class Table {
 public:
  // What the rows are said to be from (Record::program), as `exchange` or `powermta`: no such log names its program.
  std::string_view program() const { return program_; }
  // The index of the column of that name; nothing where the table has none. Names are compared in any case.
  std::optional<std::size_t> find(std::string_view column) const;
  // No two tables of one run have the same: by it what was found of a table is kept.
  std::uint64_t id() const { return id_; }
  std::size_t size() const { return columns_.size(); }
  std::string_view column(std::size_t index) const { return columns_[index]; }

  // Whether the line is a head, and no row: a `#` line, or the names of the columns.
  bool is_head(std::string_view line) const;
  // Splits a row. Cells live in `line`, or in `arena` where quotes had to be taken out. False: a quote does not close,
  // or there are more cells than columns. Cells that the row lacks at its end are empty.
  bool split(std::string_view line, Arena& arena, std::vector<std::string_view>& cells) const;
  // The record of a line of the table; `raw` is set already. A row whose time is not understood has none.
  void frame(std::string_view line, StampReader& stamps, Record& record) const;

 private:
  friend std::shared_ptr<const Table> find_table(std::string_view head);

  std::uint64_t id_ = 0;
  std::string program_;
  std::vector<std::string> columns_;
  std::size_t time_column_ = 0;
  bool utc_ = false;
};

// The table whose head stands in the first bytes of a log; null where it is no table that is known. Known are
// Microsoft Exchange's message tracking and SMTP protocol logs, Microsoft 365's message traces, and PowerMTA's
// accounting files.
std::shared_ptr<const Table> find_table(std::string_view head);

}  // namespace mailtrail::record
