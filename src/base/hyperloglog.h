// HyperLogLog: how many different keys a stream holds, in 16 KB.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/hash.h"

namespace mailtrail {

// Flajolet et al. 2007 with 2^14 registers and the estimator of Ertl, "New cardinality estimation algorithms for
// HyperLogLog sketches" (arXiv 1702.01284), which needs no table of corrections. Standard error 0.81 % at every size.
// Keys are given as 64-bit hashes (hash_bytes); the same key MUST have the same hash in sketches that are merged.
// Merging loses nothing. Not thread-safe.
class HyperLogLog {
 public:
  void add(std::uint64_t hash) {
    const std::uint64_t bits = mix_hash(hash, 0xA0761D6478BD642FULL);
    const std::size_t index = static_cast<std::size_t>(bits >> (64 - kBits));
    // The sentinel bit stops the count at kMost - 1 leading zeros.
    const std::uint64_t rest = (bits << kBits) | (std::uint64_t{1} << (kBits - 1));
    const auto rank = static_cast<std::uint8_t>(std::countl_zero(rest) + 1);
    registers_[index] = std::max(registers_[index], rank);
  }

  std::uint64_t estimate() const {
    std::array<std::uint32_t, kMost + 1> histogram{};
    for (const std::uint8_t rank : registers_) ++histogram[rank];
    const double m = kRegisters;
    double z = m * tau(1.0 - histogram[kMost] / m);
    for (int k = kMost - 1; k >= 1; --k) z = 0.5 * (z + histogram[static_cast<std::size_t>(k)]);
    z += m * sigma(histogram[0] / m);
    return static_cast<std::uint64_t>(std::llround(m * m / (2 * std::log(2.0)) / z));
  }

  void merge(const HyperLogLog& other) {
    for (std::size_t i = 0; i < kRegisters; ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
  }

 private:
  static constexpr int kBits = 14;
  static constexpr std::size_t kRegisters = std::size_t{1} << kBits;
  static constexpr int kMost = 64 - kBits + 1;  // the greatest rank

  static double sigma(double x) {
    if (x == 1.0) return std::numeric_limits<double>::infinity();
    double y = 1;
    double z = x;
    for (double before = -1; z != before;) {
      x *= x;
      before = z;
      z += x * y;
      y += y;
    }
    return z;
  }
  static double tau(double x) {
    if (x == 0.0 || x == 1.0) return 0.0;
    double y = 1;
    double z = 1 - x;
    for (double before = -1; z != before;) {
      x = std::sqrt(x);
      before = z;
      y *= 0.5;
      z -= (1 - x) * (1 - x) * y;
    }
    return z / 3;
  }

  std::array<std::uint8_t, kRegisters> registers_{};
};

}  // namespace mailtrail
