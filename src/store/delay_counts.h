// DelayCounts: how often which delay was counted, in no more memory than what was counted needs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/ddsketch.h"

namespace mailtrail::store {

// Counts in the buckets of DdSketch. A series has very many of these, of few delays each, which would be kilobytes
// apart as a DdSketch. Not thread-safe.
class DelayCounts {
 public:
  // Seconds, as DdSketch::add takes them.
  void add(double seconds) {
    const int bucket = DdSketch::bucket_of(seconds);
    add_bucket(bucket, 1, bucket < 0 ? 0 : seconds);
  }
  // As DdSketch::add_bucket. Fast where buckets come in ascending order.
  void add_bucket(int bucket, std::uint64_t weight, double max) {
    count_ += weight;
    bucket = std::clamp(bucket, -1, DdSketch::kMostBuckets - 1);
    if (bucket >= 0) max_ = std::max(max_, max);
    if (buckets_.empty() || buckets_.back().first < bucket) {
      buckets_.emplace_back(bucket, weight);
      return;
    }
    const auto place = std::lower_bound(buckets_.begin(), buckets_.end(), bucket,
                                        [](const auto& one, int wanted) { return one.first < wanted; });
    if (place->first == bucket) {
      place->second += weight;
    } else {
      buckets_.insert(place, {bucket, weight});
    }
  }

  void add(const DelayCounts& other) {
    for (const auto& [bucket, weight] : other.buckets_) add_bucket(bucket, weight, other.max_);
  }

  std::uint64_t count() const { return count_; }
  double max() const { return max_; }
  // The same counts, for quantiles and to be merged with others.
  DdSketch sketch() const {
    DdSketch all;
    for (const auto& [bucket, weight] : buckets_) all.add_bucket(bucket, weight, max_);
    return all;
  }

 private:
  std::vector<std::pair<int, std::uint64_t>> buckets_;  // in ascending order
  std::uint64_t count_ = 0;
  double max_ = 0;
};

}  // namespace mailtrail::store
