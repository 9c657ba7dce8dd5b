// RowValues: the values of expressions on one row after another.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.h"
#include "query/report_cause.h"
#include "query/report_file_expr.h"
#include "query/row.h"

namespace mailtrail::query {

// One value. The text lives until the next row is shown.
struct Value {
  bool stated = false;
  ValueType type = ValueType::kText;
  std::string_view text;
  std::int64_t integer = 0;  // kTime: microseconds UTC
  double real = 0;

  // The number; 0 of a text.
  double number() const { return type == ValueType::kReal ? real : static_cast<double>(integer); }
};

// Give it the expressions, then the rows one by one. Nothing is reckoned that is not asked for. Not thread-safe.
class RowValues {
 public:
  // `shape` folds what varies in a reply; where empty, fold_notice does.
  RowValues(TimeZone zone, std::function<std::string(std::string_view)> shape);

  // Takes in an expression; gives the handle by which its value is asked for. All expressions MUST be added before the
  // first row.
  std::size_t add(const ValueExpr& expr);
  // The row whose values are asked for from now on. It MUST live until the next call. Its kind MUST NOT be Per::kEvent.
  void show(const Row& row);
  const Value& value(std::size_t handle);

  // `2026-11-24 03:00:15` on the wall of the zone.
  std::string wall_text(Micros time) const;

 private:
  struct Node {
    ValueExpr::Op op;
    std::vector<std::size_t> parts;
    std::size_t slot = 0;         // kColumn
    std::uint64_t known_for = 0;  // the row that `value` is of
    Value value;
    std::string text;
  };

  std::size_t slot_of(std::string_view column);
  void read_columns();
  void reckon(Node& node);
  void keep(Node& node, std::string text);

  TimeZone zone_;
  std::function<std::string(std::string_view)> shape_;
  std::deque<Node> nodes_;
  std::vector<std::string> columns_;     // by slot
  std::vector<std::vector<int>> slots_;  // by kind of row: the slot of each field in its order, or -1
  std::vector<Value> values_;            // by slot
  std::vector<std::string> texts_;       // by slot: where the value had to be made
  const Row* row_ = nullptr;
  std::uint64_t row_number_ = 0;
  bool read_ = false;
  std::unique_ptr<CauseFinder> causes_;
};

}  // namespace mailtrail::query
