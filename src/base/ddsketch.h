// DDSketch: quantiles of a stream of numbers within a stated relative error, in fixed memory.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mailtrail {

// Quantiles of values that are zero or greater, after Masson, Rim and Lee, "DDSketch" (VLDB 2019), with buckets that
// are linear within each power of two: no logarithm is taken for a value. `quantile` is within 1 % of the true value
// for values from 2^-20 to 2^30 (in seconds: a microsecond to 34 years); smaller ones count as zero, greater ones as
// 2^30. `max` and `count` are exact. At most 26 KB, and little where values
// are alike. Sketches merge without loss. Not thread-safe.
class DdSketch {
 public:
  // NaN and values below zero MUST NOT be given; they are taken for zero.
  void add(double value, std::uint64_t weight = 1) {
    count_ += weight;
    if (!(value >= kLeast)) {
      zeros_ += weight;
      return;
    }
    if (value > max_) max_ = value;
    counter(index_of(value)) += weight;
  }

  std::uint64_t count() const { return count_; }
  double max() const { return max_; }

  // For those who keep a sketch elsewhere: the bucket that a value counts in, -1 for what counts as zero; `weight`
  // values of a bucket of which none is above `max`; the buckets that are not empty, in ascending order.
  static int bucket_of(double value) { return value >= kLeast ? static_cast<int>(index_of(value)) : -1; }
  static constexpr int kMostBuckets = 50 * 64 + 1;
  void add_bucket(int bucket, std::uint64_t weight, double max) {
    count_ += weight;
    if (bucket < 0) {
      zeros_ += weight;
      return;
    }
    max_ = std::max(max_, max);
    counter(static_cast<std::size_t>(std::min(bucket, kMostBuckets - 1))) += weight;
  }
  template <class F>
  void for_each_bucket(F&& f) const {
    if (zeros_ != 0) f(-1, zeros_);
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      if (buckets_[i] != 0) f(static_cast<int>(first_ + i), buckets_[i]);
    }
  }

  // The value that stands at rank q * (count - 1) of the sorted values, `q` in 0..1; 0 where there are none.
  double quantile(double q) const {
    if (count_ == 0) return 0;
    const double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(count_ - 1);
    std::uint64_t seen = zeros_;
    if (static_cast<double>(seen) > rank) return 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (static_cast<double>(seen) > rank) return std::min(middle_of(first_ + i), max_);
    }
    return max_;
  }

  void merge(const DdSketch& other) {
    count_ += other.count_;
    zeros_ += other.zeros_;
    max_ = std::max(max_, other.max_);
    if (other.buckets_.empty()) return;
    counter(other.first_ + other.buckets_.size() - 1);
    std::uint64_t* const own = &counter(other.first_);
    for (std::size_t i = 0; i < other.buckets_.size(); ++i) own[i] += other.buckets_[i];
  }

 private:
  // 64 buckets a power of two: half a bucket is at most 1/128 of the value.
  static constexpr int kStepBits = 6;
  static constexpr int kShift = 52 - kStepBits;
  static constexpr double kLeast = 0x1p-20;
  static constexpr double kGreatest = 0x1p30;

  static std::size_t index_of(double value) {
    const std::uint64_t bits = std::bit_cast<std::uint64_t>(std::min(value, kGreatest));
    return static_cast<std::size_t>((bits >> kShift) - (std::bit_cast<std::uint64_t>(kLeast) >> kShift));
  }
  static double middle_of(std::size_t index) {
    const std::uint64_t step = (std::bit_cast<std::uint64_t>(kLeast) >> kShift) + index;
    return std::bit_cast<double>((step << kShift) | (std::uint64_t{1} << (kShift - 1)));
  }

  // The counter of a bucket, for which room is made.
  std::uint64_t& counter(std::size_t index) {
    if (buckets_.empty()) first_ = index;
    if (index < first_) {
      buckets_.insert(buckets_.begin(), first_ - index, 0);
      first_ = index;
    }
    if (index - first_ >= buckets_.size()) buckets_.resize(index - first_ + 1);
    return buckets_[index - first_];
  }

  // From the lowest bucket that is not empty to the highest: sketches of few values are many, and small.
  std::vector<std::uint64_t> buckets_;
  std::size_t first_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t zeros_ = 0;
  double max_ = 0;
};

}  // namespace mailtrail
