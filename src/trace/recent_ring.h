// RecentRing: the last things of a kind, found by either of two hashes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace mailtrail::trace {

// Remembers the last kMost; older ones are forgotten. Not thread-safe.
template <class T>
class RecentRing {
 public:
  static constexpr std::size_t kMost = 1u << 12;

  // A hash that is 0 finds nothing. What is given back lives until kMost more were added.
  T& add(T one, std::uint64_t first_hash, std::uint64_t second_hash) {
    if (heads_.empty()) heads_.resize(kBuckets, 0);
    const std::size_t at = static_cast<std::size_t>(count_ % kMost);
    if (at == ring_.size()) ring_.emplace_back();
    Entry& entry = ring_[at];
    entry.value = std::move(one);
    entry.hashes = {first_hash, second_hash};
    ++count_;
    for (std::size_t key = 0; key < 2; ++key) {
      if (entry.hashes[key] == 0) continue;
      std::uint64_t& head = heads_[entry.hashes[key] % kBuckets];
      entry.older[key] = head;
      head = count_ * 2 + key;
    }
    return entry.value;
  }

  bool empty() const { return count_ == 0; }

  // Calls f(thing) for each that was added with this hash, the latest first; twice where both of its hashes are this.
  template <class F>
  void for_each(std::uint64_t hash, F&& f) {
    if (heads_.empty() || hash == 0) return;
    // Numbers count from 1; what is kMost or more behind has been written over, and so has all that it points to.
    for (std::uint64_t link = heads_[hash % kBuckets]; link != 0 && link / 2 + kMost > count_;) {
      Entry& entry = ring_[static_cast<std::size_t>((link / 2 - 1) % kMost)];
      const std::size_t key = link % 2;
      if (entry.hashes[key] == hash) f(entry.value);
      const std::uint64_t older = entry.older[key];
      if (older >= link) break;
      link = older;
    }
  }

  // Calls f(thing) for each that is remembered, in the order in which they were added.
  template <class F>
  void for_each_in_order(F&& f) const {
    for (std::uint64_t number = count_ - ring_.size(); number < count_; ++number) {
      f(ring_[static_cast<std::size_t>(number % kMost)].value);
    }
  }
  std::size_t size() const { return ring_.size(); }

 private:
  static constexpr std::size_t kBuckets = 1u << 13;
  struct Entry {
    T value{};
    std::array<std::uint64_t, 2> hashes{};
    std::array<std::uint64_t, 2> older{};  // number of the thing before in the chain, times 2, and which of its hashes
  };
  std::vector<Entry> ring_;
  std::vector<std::uint64_t> heads_;
  std::uint64_t count_ = 0;
};

}  // namespace mailtrail::trace
