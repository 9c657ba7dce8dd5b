#include "store/delay_counts.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mailtrail::store {
namespace {

void expect_same(const DelayCounts& counts, const DdSketch& expected) {
  const DdSketch got = counts.sketch();
  EXPECT_EQ(counts.count(), expected.count());
  EXPECT_EQ(counts.max(), expected.max());
  EXPECT_EQ(got.count(), expected.count());
  EXPECT_EQ(got.max(), expected.max());
  for (int percent = 0; percent <= 100; ++percent) {
    EXPECT_EQ(got.quantile(percent / 100.0), expected.quantile(percent / 100.0)) << percent;
  }
}

TEST(DelayCounts, CountAsASketchDoesInAnyOrderAndMerged) {
  DelayCounts counts, even, odd;
  DdSketch sketch;
  std::uint64_t random = 1;
  for (int i = 0; i < 2000; ++i) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    const double delay = i % 50 == 0 ? 0 : std::exp2(static_cast<double>(random >> 40) / 400'000 - 10);
    counts.add(delay);
    sketch.add(delay);
    (i % 2 == 0 ? even : odd).add(delay);
  }
  expect_same(counts, sketch);
  even.add(odd);
  expect_same(even, sketch);
}

TEST(DelayCounts, OfNothingAreEmptyAndABucketBehindTheLastIsTheLast) {
  expect_same(DelayCounts(), DdSketch());
  DelayCounts counts;
  DdSketch sketch;
  for (const int bucket : {DdSketch::kMostBuckets + 5, DdSketch::kMostBuckets - 1, -1, 3}) {
    counts.add_bucket(bucket, 2, 7.5);
    sketch.add_bucket(bucket, 2, 7.5);
  }
  expect_same(counts, sketch);
}

}  // namespace
}  // namespace mailtrail::store
