// SQL: statements of a user on the facts of a store, read-only and bounded.
//
// A statement sees views named as the facts of EVENTS.md (journey, message, delivery, recipient, ...) and nothing else:
// no table of the store's own, no file, no setting. What it may say is decided by the parse tree of the database that
// runs it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_zone.h"

namespace mailtrail::store {

enum class SqlKind : std::uint8_t {
  kNull,
  kBool,    // `true` or `false`
  kNumber,  // a JSON number
  kText,    // any bytes; as they were logged
  kJson,    // a list, a struct or a map: a JSON value
};

struct SqlCell {
  SqlKind kind = SqlKind::kNull;
  std::string text;
};

struct SqlColumn {
  std::string name;
  std::string type;     // as the database names it
  std::string meaning;  // of a view's column: one sentence
};

struct SqlLimits {
  std::chrono::milliseconds time{60'000};
  std::uint64_t rows = 10'000;
};

struct SqlOutcome {
  std::uint64_t rows = 0;
  bool more = false;  // there are rows beyond the limit
};

struct SqlView {
  std::string name, meaning;
  std::vector<SqlColumn> columns;
};

// The views that SQL sees, in the order of EVENTS.md.
const std::vector<SqlView>& sql_views();

class SqlRunner {
 public:
  virtual ~SqlRunner() = default;

  // Takes the columns before the first row, then each row; both live until the call returns.
  struct Sink {
    std::function<void(const std::vector<SqlColumn>&)> columns;
    std::function<void(const std::vector<SqlCell>&)> row;
  };

  // Runs one SELECT (or WITH ... SELECT, DESCRIBE or SUMMARIZE of a view) in the state of one commit. Times are shown,
  // and days meant, in `zone`. Errors: it is no such statement, or speaks of what it may not; it is mistaken (the place
  // is told); it took longer than the limit, or more memory than the store has. Rows may have been told before one.
  // One call at a time.
  virtual Result<SqlOutcome> run(std::string_view statement, const TimeZone& zone, const SqlLimits& limits,
                                 const Sink& sink) = 0;
};

}  // namespace mailtrail::store
