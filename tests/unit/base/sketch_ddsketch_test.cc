#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "base/ddsketch.h"

namespace mailtrail {
namespace {

TEST(DdSketch, IsEmptyAtFirst) {
  const DdSketch sketch;
  EXPECT_EQ(sketch.count(), 0u);
  EXPECT_EQ(sketch.quantile(0.5), 0.0);
  EXPECT_EQ(sketch.max(), 0.0);
}

TEST(DdSketch, QuantilesAreWithinOnePercent) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> delays(0.0, 3.0);
  DdSketch sketch;
  std::vector<double> all;
  for (int i = 0; i < 50'000; ++i) {
    const double value = delays(random);
    sketch.add(value);
    all.push_back(value);
  }
  std::sort(all.begin(), all.end());
  for (const double q : {0.0, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999, 1.0}) {
    const double truth = all[static_cast<std::size_t>(q * 49'999.0)];
    EXPECT_NEAR(sketch.quantile(q), truth, truth * 0.01) << "q " << q;
  }
  EXPECT_EQ(sketch.max(), all.back());
}

TEST(DdSketch, ZeroIsAValue) {
  DdSketch sketch;
  sketch.add(0.0, 98);
  sketch.add(10.0, 2);
  EXPECT_EQ(sketch.quantile(0.5), 0.0);
  EXPECT_NEAR(sketch.quantile(0.99), 10.0, 0.1);
}

TEST(DdSketch, NeverSaysMoreThanTheGreatest) {
  DdSketch sketch;
  sketch.add(64.0);
  EXPECT_EQ(sketch.quantile(1.0), 64.0);
}

TEST(DdSketch, HoldsHostileNumbers) {
  DdSketch sketch;
  for (const double value : {-1.0, std::nan(""), HUGE_VAL, 1e300, 5e-324}) sketch.add(value);
  EXPECT_EQ(sketch.count(), 5u);
  EXPECT_EQ(sketch.quantile(0.0), 0.0);
  EXPECT_GE(sketch.quantile(1.0), 0x1p30);
}

TEST(DdSketch, MergeIsAsIfAllWereAddedToOne) {
  DdSketch one, other, both;
  for (int i = 1; i < 1000; ++i) {
    (i % 3 == 0 ? one : other).add(i * 0.37);
    both.add(i * 0.37);
  }
  one.merge(other);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.max(), both.max());
  for (const double q : {0.1, 0.5, 0.9}) EXPECT_EQ(one.quantile(q), both.quantile(q));
}

// Room is made from the first value on, to both sides.
TEST(DdSketch, TheOrderOfValuesAndOfMergesIsAllOne) {
  const double values[] = {60, 0.25, 3'600, 0, 1e-3, 60, 86'400};
  DdSketch forward, backward;
  for (const double value : values) forward.add(value);
  for (std::size_t i = std::size(values); i-- > 0;) backward.add(values[i]);
  DdSketch low, middle, high, merged;
  low.add(1e-3), low.add(0), low.add(0.25);
  middle.add(60, 2);
  high.add(3'600), high.add(86'400);
  for (const DdSketch* one : {&middle, &high, &low}) merged.merge(*one);
  merged.merge(DdSketch());
  for (const double q : {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}) {
    EXPECT_EQ(forward.quantile(q), backward.quantile(q)) << q;
    EXPECT_EQ(forward.quantile(q), merged.quantile(q)) << q;
  }
  std::vector<std::pair<int, std::uint64_t>> told;
  merged.for_each_bucket([&](int bucket, std::uint64_t count) { told.emplace_back(bucket, count); });
  const std::vector<std::pair<int, std::uint64_t>> wanted = {{-1, 1},
                                                             {DdSketch::bucket_of(1e-3), 1},
                                                             {DdSketch::bucket_of(0.25), 1},
                                                             {DdSketch::bucket_of(60), 2},
                                                             {DdSketch::bucket_of(3'600), 1},
                                                             {DdSketch::bucket_of(86'400), 1}};
  EXPECT_EQ(told, wanted);
}

}  // namespace
}  // namespace mailtrail
