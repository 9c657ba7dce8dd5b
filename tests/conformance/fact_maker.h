// FactMaker: random facts that a store must take and give back unharmed, whatever stands in them.
#pragma once

#include <string>
#include <vector>

#include "base/arena.h"
#include "tests/conformance/dice.h"
#include "tests/conformance/told_facts.h"

namespace mailtrail::conformance {

// Makes facts as the tracer could tell them of logs that attackers write: a journey's parts hang together as
// fact_columns.h says (complete_journey), all else is chance. Texts come from small lists of traps, so that facts meet
// in them; times from few days and from the ends of the calendar.
class FactMaker {
 public:
  // What it makes lives in `arena`.
  FactMaker(Dice& dice, Arena& arena) : dice_(dice), arena_(arena) {}

  AnyFact fact();
  model::fact::Journey journey();
  template <class T>
  T other();

  // A time as facts have it; never 0.
  Micros time();

 private:
  friend struct ColumnMaker;
  model::fact::Recipient recipient(const model::fact::Journey& journey,
                                   const std::vector<model::fact::Message>& messages);
  model::fact::Delivery delivery(const std::vector<model::fact::Message>& messages);
  model::Text text_for(std::string_view column);
  std::int64_t integer_for(std::string_view column, std::int64_t least, std::int64_t most);
  double fraction();
  std::uint64_t key();
  model::LineRef line();

  Dice& dice_;
  Arena& arena_;
  std::vector<std::uint64_t> keys_;  // that were given before
};

}  // namespace mailtrail::conformance
