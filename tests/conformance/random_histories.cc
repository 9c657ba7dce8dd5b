// Random facts, searches and histories, on every store.
//
// MAILTRAIL_CONFORMANCE_ROUNDS: how many histories (6); MAILTRAIL_CONFORMANCE_SEED: the first of their seeds (1).
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/conformance/fact_maker.h"
#include "tests/conformance/history.h"
#include "tests/conformance/plan_maker.h"

namespace mailtrail::conformance {
namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class RandomHistories : public testing::TestWithParam<StoreKind> {};

TEST_P(RandomHistories, TheStoreAnswersAsTheFactsDo) {
  const std::uint64_t rounds = number_from("MAILTRAIL_CONFORMANCE_ROUNDS", 6);
  const std::uint64_t first = number_from("MAILTRAIL_CONFORMANCE_SEED", 1);
  for (std::uint64_t seed = first; seed < first + rounds; ++seed) {
    Dice dice(seed);
    Arena arena;
    const std::vector<Step> steps = make_history(dice, arena);
    const auto difference = run(GetParam(), steps, dice, 4);
    if (!difference) continue;
    const auto again = check(GetParam(), difference->failing);
    FAIL() << "seed " << seed << (again ? "" : " (it does not fail when it is asked at once)") << '\n'
           << text_of(again ? smallest(GetParam(), *again) : *difference);
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, RandomHistories, testing::ValuesIn(store_kinds()),
                         [](const auto& one) { return one.param.name; });

// The suite itself: chance that finds nothing tests nothing.
TEST(RandomSearches, FindSomeButNotAll) {
  Dice dice(7);
  Arena arena;
  FactMaker facts(dice, arena);
  PlanMaker plans(dice);
  std::vector<AnyFact> told;
  for (int i = 0; i < 60; ++i) plans.learn(told.emplace_back(facts.fact()));
  const TellFacts tell_all = [&](model::FactSink& sink) {
    for (const AnyFact& fact : told) tell(fact, sink);
  };
  const std::string all = rows_text({}, query::Per::kRecipient, tell_all);
  int none = 0, some = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string rows = rows_text(plans.plan(), query::Per::kRecipient, tell_all);
    none += rows.empty();
    some += !rows.empty() && rows.size() < all.size();
  }
  EXPECT_GT(some, 100);
  EXPECT_LT(none, 250);
  EXPECT_GT(plans.parsed(), 5 * plans.refused());
}

}  // namespace
}  // namespace mailtrail::conformance
