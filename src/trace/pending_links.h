// PendingLinks: "queued as X" that was said before X was seen.
#pragma once

#include <cstdint>
#include <vector>

#include "trace/stay.h"

namespace mailtrail::trace {

// What was said: `from` handed its recipient number `recipient` (or, for a notification, itself) on as the id of
// `hash`.
struct PendingLink {
  std::uint64_t hash = 0;
  StayRef from;
  std::uint32_t recipient = 0;
  model::Link link = model::Link::kNone;
  Micros time = 0;
};

// Remembers the last kMost of them; older ones are forgotten. A mail that goes to a host whose log is not here leaves
// one that nobody ever takes.
class PendingLinks {
 public:
  void add(const PendingLink& pending) {
    if (heads_.empty()) heads_.resize(kBuckets, 0);
    const std::size_t at = count_ % kMost;
    if (at == ring_.size()) {
      ring_.emplace_back();
      next_.emplace_back();
    }
    ring_[at] = pending;
    std::uint64_t& head = heads_[pending.hash % kBuckets];
    next_[at] = head;
    head = ++count_;
  }

  // Calls f(pending) for each that has this hash, the latest first.
  template <class F>
  void for_each(std::uint64_t hash, F&& f) const {
    if (heads_.empty()) return;
    // Numbers count from 1; what is kMost or more behind has been written over, and so has all that it points to.
    for (std::uint64_t number = heads_[hash % kBuckets]; number != 0 && number + kMost > count_;) {
      const std::size_t at = (number - 1) % kMost;
      if (ring_[at].hash == hash) f(ring_[at]);
      const std::uint64_t older = next_[at];
      if (older >= number) break;
      number = older;
    }
  }

  // Those that are remembered, in the order in which they were added.
  std::vector<PendingLink> in_order() const {
    std::vector<PendingLink> all;
    all.reserve(ring_.size());
    for (std::uint64_t number = count_ - ring_.size(); number < count_; ++number) all.push_back(ring_[number % kMost]);
    return all;
  }

  // Brings near what `for_each` and `any` look at first.
  [[gnu::always_inline]] void fetch(std::uint64_t hash) const {
    if (!heads_.empty()) __builtin_prefetch(&heads_[hash % kBuckets]);
  }

  bool any(std::uint64_t hash) const {
    bool found = false;
    for_each(hash, [&](const PendingLink&) { found = true; });
    return found;
  }

 private:
  static constexpr std::size_t kMost = 1u << 16;
  static constexpr std::size_t kBuckets = 1u << 17;
  std::vector<PendingLink> ring_;
  std::vector<std::uint64_t> next_;
  std::vector<std::uint64_t> heads_;
  std::uint64_t count_ = 0;
};

}  // namespace mailtrail::trace
