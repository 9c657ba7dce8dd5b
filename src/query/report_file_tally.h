// What a group of a report file keeps of its rows: bounded for each measure, exact while it can be.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ddsketch.h"
#include "base/hyperloglog.h"
#include "base/time.h"

namespace mailtrail::query {

// How many different values: exact up to 1,000, then estimated (0.8 % standard error). At most 33 KB.
class DistinctCount {
 public:
  static constexpr std::size_t kExact = 1'000;
  // `hash` is that of the value (hash_bytes).
  void add(std::uint64_t hash);
  bool exact() const { return sketch_ == nullptr; }
  std::uint64_t estimate() const { return exact() ? count_ : sketch_->estimate(); }

 private:
  void place(std::uint64_t hash);

  std::vector<std::uint64_t> slots_;  // 0 is empty; its size is a power of two, at least twice `count_`
  std::size_t count_ = 0;
  std::unique_ptr<HyperLogLog> sketch_;
};

// Quantiles of numbers that are zero or greater: exact up to 64 numbers, then within 1 %. At most 27 KB.
class QuantileCount {
 public:
  static constexpr std::size_t kExact = 64;
  void add(double value);
  std::uint64_t count() const { return sketch_ ? sketch_->count() : values_.size(); }
  // The value at rank q * (count - 1), rounded down; 0 where there are none.
  double quantile(double q) const;

 private:
  std::vector<double> values_;
  std::unique_ptr<DdSketch> sketch_;
};

// The first 8 different values with their counts, and how many rows had another.
class ValueCount {
 public:
  static constexpr std::size_t kMost = 8;
  void add(std::string_view text, std::uint64_t weight);
  // The most frequent first.
  std::vector<std::pair<std::string, std::uint64_t>> sorted() const;
  std::uint64_t others() const { return others_; }

 private:
  std::vector<std::pair<std::string, std::uint64_t>> values_;
  std::uint64_t others_ = 0;
};

// One measure of one group. Which members are used depends on the measure.
struct TallyCell {
  std::uint64_t count = 0;      // counts, a sum of whole numbers; kMails: also the mails
  double real = 0;              // a sum, the greatest
  Micros time = 0;              // the first or last
  std::uint64_t last_mail = 0;  // kMails: whose rows came last
  bool stated = false;          // something was seen
  std::unique_ptr<std::string> text;
  std::unique_ptr<DistinctCount> distinct;
  std::unique_ptr<QuantileCount> quantiles;
  std::unique_ptr<ValueCount> values;
};

// What a table of groups keeps for each.
struct GroupTally {
  std::vector<TallyCell> cells;
};

}  // namespace mailtrail::query
