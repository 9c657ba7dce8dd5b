// Histories: what is done to a store one step after another, run on it and beside it, and made smaller where they fail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.h"
#include "tests/conformance/dice.h"
#include "tests/conformance/question.h"
#include "tests/conformance/stores.h"
#include "tests/conformance/told_facts.h"

namespace mailtrail::conformance {

struct Step {
  enum class Sort : std::uint8_t { kCommit, kRollBack, kExpire, kReopen } sort = Sort::kCommit;
  std::vector<AnyFact> settled, tail;  // told before: kCommit, kRollBack
  store::Commit commit;                // kCommit
  Micros day = 0;                      // kExpire
};

// A case: steps, and what is asked behind the last of them.
struct Case {
  std::vector<Step> steps;
  Question question;
};

// A random history whose facts live in `arena`.
std::vector<Step> make_history(Dice& dice, Arena& arena);

// Where a store answers otherwise than it must.
struct Difference {
  Case failing;
  std::string expected, got;
};

// Runs the history on a new store of the kind and on the reference. Behind the last step asks everything that the
// product asks: fixed questions, and `plans` random searches as rows of every kind; behind each other step a part of
// that, by chance. The first difference.
std::optional<Difference> run(const StoreKind& kind, const std::vector<Step>& steps, Dice dice, int plans);

// The difference of one question behind the last step.
std::optional<Difference> check(const StoreKind& kind, const Case& one);

// A case that still fails and has fewer steps, facts and conditions. `difference` MUST be one of `check`.
Difference smallest(const StoreKind& kind, Difference difference);

// The case, as a person reads it.
std::string text_of(const Difference& difference);

}  // namespace mailtrail::conformance
