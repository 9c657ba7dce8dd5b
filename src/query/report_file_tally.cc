#include "query/report_file_tally.h"

#include <algorithm>
#include <cmath>

namespace mailtrail::query {

void DistinctCount::place(std::uint64_t hash) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at] != 0 && slots_[at] != hash) at = (at + 1) & mask;
  if (slots_[at] == 0) ++count_;
  slots_[at] = hash;
}

void DistinctCount::add(std::uint64_t hash) {
  hash = hash == 0 ? 1 : hash;
  if (sketch_) return sketch_->add(hash);
  if (slots_.size() < (count_ + 1) * 2) {
    std::vector<std::uint64_t> before =
        std::exchange(slots_, std::vector<std::uint64_t>(std::max<std::size_t>(4, slots_.size() * 2)));
    count_ = 0;
    for (const std::uint64_t each : before) {
      if (each != 0) place(each);
    }
  }
  place(hash);
  if (count_ <= kExact) return;
  sketch_ = std::make_unique<HyperLogLog>();
  for (const std::uint64_t each : slots_) {
    if (each != 0) sketch_->add(each);
  }
  slots_ = {};
}

void QuantileCount::add(double value) {
  if (!(value > 0)) value = 0;
  if (sketch_) return sketch_->add(value);
  values_.push_back(value);
  if (values_.size() <= kExact) return;
  sketch_ = std::make_unique<DdSketch>();
  for (const double each : values_) sketch_->add(each);
  values_ = {};
}

double QuantileCount::quantile(double q) const {
  if (sketch_) return sketch_->quantile(q);
  if (values_.empty()) return 0;
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[static_cast<std::size_t>(std::floor(q * static_cast<double>(sorted.size() - 1)))];
}

void ValueCount::add(std::string_view text, std::uint64_t weight) {
  for (auto& [value, count] : values_) {
    if (value != text) continue;
    count += weight;
    return;
  }
  if (values_.size() < kMost) {
    values_.emplace_back(text, weight);
  } else {
    others_ += weight;
  }
}

std::vector<std::pair<std::string, std::uint64_t>> ValueCount::sorted() const {
  std::vector<std::pair<std::string, std::uint64_t>> sorted = values_;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return sorted;
}

}  // namespace mailtrail::query
