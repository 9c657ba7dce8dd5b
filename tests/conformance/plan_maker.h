// PlanMaker: random searches that find something.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "query/plan.h"
#include "tests/conformance/dice.h"
#include "tests/conformance/told_facts.h"

namespace mailtrail::conformance {

// Makes plans from the texts and numbers of facts that it was shown: whole values, parts, patterns, domains, networks,
// in every field of the search language; some searches are written as a person would and parsed, some are trees that no
// search gives.
class PlanMaker {
 public:
  explicit PlanMaker(Dice& dice) : dice_(dice) {}

  // Draws values from this fact from now on.
  void learn(const AnyFact& fact);
  query::Plan plan();

  std::uint64_t parsed() const { return parsed_; }
  std::uint64_t refused() const { return refused_; }

 private:
  std::string value_of(std::initializer_list<std::string_view> columns);
  std::string varied(std::string value, bool address);
  std::string written(std::string_view value);
  std::string term_text();
  query::Expr tree(int depth);
  query::Expr leaf();

  Dice& dice_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;  // by column
  std::vector<Micros> times_;
  std::uint64_t parsed_ = 0, refused_ = 0;
};

}  // namespace mailtrail::conformance
