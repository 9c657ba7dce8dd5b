// ValueExpr: what a report file asks a row for, as `DOMAIN(recipient)`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/plan.h"

namespace mailtrail::query {

enum class ValueType : std::uint8_t { kText, kInteger, kReal, kTime };

// A column that report files can ask for.
struct ValueColumn {
  std::string_view name;
  ValueType type = ValueType::kText;
};

// The columns of a kind of row, under the names of `columns(per)`, but for those that tell where a line stands
// (`source`, `line`, `lines`, `steps`). Attempts have beside these `mail_received` (when the first line of their mail
// was logged), attempts and messages `notification` and `probe` (of their mail). Per::kEvent has none.
std::span<const ValueColumn> value_columns(Per per);

// What is asked of a row. Pure data.
struct ValueExpr {
  enum class Op : std::uint8_t {
    kColumn,
    kLower,      // LOWER(text): ASCII letters in lower case
    kDomain,     // DOMAIN(text): what stands behind the last `@`, in lower case; absent where there is none
    kHour,       // HOUR(time): `2026-11-24 03:00` on the wall of the report's zone
    kDay,        // DAY(time): `2026-11-24`
    kHourOfDay,  // HOUR_OF_DAY(time): `03:00`
    kShape,      // SHAPE(text): a reply with what varies folded (ReportContext::reply_shape)
    kFirstLine,  // FIRST_LINE(text): of a reply of several lines, the first
    kFirstOf,    // FIRST_OF(a, b, ...): the first that is stated
    kRelay,      // RELAY: of an attempt, whom the mail was handed to (relay_of)
    kCause,      // CAUSE: of a rejection, why: the words of query::Cause
  };
  Op op = Op::kColumn;
  std::string column;
  std::vector<ValueExpr> parts;
  bool operator==(const ValueExpr&) const = default;
};

// The type of the expression's values.
struct TypedExpr {
  ValueExpr expr;
  ValueType type = ValueType::kText;
};

// Understands an expression about rows of the kinds `per` (at least one). Each column MUST be one of at least one kind;
// rows of the others have it absent. At most 8 deep. Error without `where`.
Result<TypedExpr> parse_value_expr(std::string_view text, std::span<const Per> per);

// The expression as it is written.
std::string to_text(const ValueExpr& expr);

// Whether rows of the kind can state it.
bool has_value(const ValueExpr& expr, Per per);

}  // namespace mailtrail::query
