#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/hyperloglog.h"

namespace mailtrail {
namespace {

void add_users(HyperLogLog& sketch, int from, int to) {
  for (int i = from; i < to; ++i) sketch.add(hash_bytes("user" + std::to_string(i) + "@example.com"));
}

TEST(HyperLogLog, EmptyIsZero) {
  EXPECT_EQ(HyperLogLog().estimate(), 0u);
}

class HyperLogLogOfSize : public testing::TestWithParam<int> {};

// Three standard errors; between 20,000 and 80,000 lies the range in which the estimator of 2007 is biased.
TEST_P(HyperLogLogOfSize, IsWithinThreeStandardErrors) {
  HyperLogLog sketch;
  add_users(sketch, 0, GetParam());
  add_users(sketch, 0, GetParam() / 2);  // again: counts once
  EXPECT_NEAR(static_cast<double>(sketch.estimate()), GetParam(), GetParam() * 0.0243 + 0.5);
}
INSTANTIATE_TEST_SUITE_P(Sizes, HyperLogLogOfSize, testing::Values(1, 10, 1'000, 20'000, 41'000, 80'000, 500'000));

TEST(HyperLogLog, MergeIsTheUnion) {
  HyperLogLog one, other, both;
  add_users(one, 0, 60'000);
  add_users(other, 40'000, 100'000);
  add_users(both, 0, 100'000);
  one.merge(other);
  EXPECT_EQ(one.estimate(), both.estimate());
}

}  // namespace
}  // namespace mailtrail
