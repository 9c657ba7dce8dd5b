// SpaceSaving: the most frequent keys of a stream, exact while they are few, estimated in bounded memory beyond.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/hyperloglog.h"

namespace mailtrail {

// A table of counts by key. Up to `bound` different keys (and `text_bound` bytes of them) every count is exact. Beyond,
// the rarer half of the keys is forgotten in one sweep: an entry's `count` is then at most `error` too high and never
// too low (Metwally et al., "Space-Saving", 2005; sweeping by the median as in Anderson et al., "A High-Performance
// Algorithm for Identifying Frequent Items", 2017, which bounds `error` by twice the sum of all weights divided by
// `bound`).
//
// `Tally` is what the owner keeps for each key beside the count: default-constructible and movable, and for `merge`
// with `void merge(const Tally&)`. It holds what was seen since the key was last taken up, so its numbers refer to
// `count - error`.
//
// A key that is known costs no allocation. References to tallies live until the next `add` or `merge`. Not thread-safe.
template <class Tally>
class SpaceSaving {
 public:
  struct Ranked {
    std::string_view key;  // lives until the next `add` or `merge`
    std::string_view note;
    std::uint64_t count = 0;
    std::uint64_t error = 0;
    const Tally* tally = nullptr;
  };

  // A key on its way: hashed, and its place in the table being fetched. Where many keys are to be counted, prepare
  // several ahead and let each `approach`, then `reach` a few keys later: the memory's delays overlap.
  struct Prepared {
    std::string_view text;
    std::uint64_t hash = 0;
  };

  // `bound` MUST be 4 to 60,000.
  explicit SpaceSaving(std::size_t bound, std::size_t text_bound = std::size_t{4} << 20)
      : bound_(std::clamp<std::size_t>(bound, 4, kMostBound)), text_bound_(text_bound) {}

  [[gnu::always_inline]] Prepared prepare(std::string_view key) const {
    const std::uint64_t hash = hash_bytes(key);
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
    return {key, hash};
  }
  // Fetches the entry that the key's place names; then the text that tells whether it is the key's. Both change nothing
  // and may be left out; the table may change between them and `add`. (GCC takes a function that only fetches for one
  // that does nothing, and leaves out its calls, but not its body.)
  [[gnu::always_inline]] void approach(const Prepared& key) const {
    if (const Entry* entry = candidate(key.hash)) __builtin_prefetch(entry);
  }
  [[gnu::always_inline]] void reach(const Prepared& key) const {
    const Entry* entry = candidate(key.hash);
    if (entry == nullptr || entry->hash != key.hash || entry->key_length == 0) return;
    __builtin_prefetch(texts_.data() + entry->text);
    __builtin_prefetch(texts_.data() + entry->text + entry->key_length - 1);
  }

  // Counts `weight` for `key`. `note` is kept with a key that is new: what to show beside it; it is no part of the key.
  // Key and note MUST be shorter than 64 KB.
  Tally& add(std::string_view key, std::uint64_t weight = 1, std::string_view note = {}) {
    return add(Prepared{key, hash_bytes(key)}, weight, note);
  }
  Tally& add(const Prepared& key, std::uint64_t weight = 1, std::string_view note = {}) {
    total_ += weight;
    if (Entry* entry = lookup(key.hash, key.text)) {
      entry->count += weight;
      return entry->tally;
    }
    if (entries_.size() >= bound_ || texts_.size() + key.text.size() + note.size() > text_bound_) sweep();
    return insert(key.hash, key.text, note, floor_ + weight, floor_).tally;
  }

  // The tally of a key that is in the table, else null. Counts nothing.
  Tally* find(std::string_view key) { return find(Prepared{key, hash_bytes(key)}); }
  Tally* find(const Prepared& key) {
    Entry* entry = lookup(key.hash, key.text);
    return entry == nullptr ? nullptr : &entry->tally;
  }

  // False once keys were forgotten.
  bool exact() const { return distinct_ == nullptr; }
  // How many different keys were given; a HyperLogLog estimate (0.8 % standard error) where not `exact`.
  std::uint64_t distinct() const { return exact() ? entries_.size() : distinct_->estimate(); }
  // The sum of all weights. Always exact.
  std::uint64_t total() const { return total_; }

  // The `limit` greatest by count, then by key. Where not `exact`, keys of which no more than half the count is
  // certain are left out: their rank is not known.
  std::vector<Ranked> top(std::size_t limit) const {
    return top_by(limit, [](const Ranked& entry) { return entry.count; });
  }
  // The same, by another measure of an entry. Those for which it is zero are left out.
  template <class Measure>
  std::vector<Ranked> top_by(std::size_t limit, Measure&& measure) const {
    std::vector<std::pair<std::uint64_t, Ranked>> all;
    for (const Entry& entry : entries_) {
      if (entry.error * 2 >= entry.count && entry.error != 0) continue;
      const Ranked ranked{key_of(entry), note_of(entry), entry.count, entry.error, &entry.tally};
      const std::uint64_t value = measure(ranked);
      if (value != 0) all.emplace_back(value, ranked);
    }
    const auto before = [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second.key < b.second.key;
    };
    const std::size_t kept = std::min(limit, all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(), before);
    std::vector<Ranked> ranked;
    for (std::size_t i = 0; i < kept; ++i) ranked.push_back(all[i].second);
    return ranked;
  }

  // Takes in what another table counted. The bounds of error add up.
  void merge(const SpaceSaving& other) {
    if (!exact() || !other.exact()) begin_estimating();
    if (!other.exact()) distinct_->merge(*other.distinct_);
    // A key that the other table does not hold may have been there `other.floor_` times.
    for (Entry& entry : entries_) {
      entry.count += other.floor_;
      entry.error += other.floor_;
    }
    floor_ += other.floor_;
    total_ += other.total_;
    for (const Entry& from : other.entries_) {
      const std::string_view key = other.key_of(from);
      Entry* entry = lookup(from.hash, key);
      if (entry != nullptr) {
        entry->count += from.count - other.floor_;
        entry->error = entry->error - other.floor_ + from.error;
      } else {
        if (entries_.size() >= bound_ || texts_.size() + key.size() + from.note_length > text_bound_) sweep();
        // What this table itself can have counted for it: a key may also have gone in a sweep just now.
        const std::uint64_t own = floor_ - other.floor_;
        entry = &insert(from.hash, key, other.note_of(from), from.count + own, from.error + own);
      }
      entry->tally.merge(from.tally);
    }
  }

  std::size_t bytes() const {
    return entries_.capacity() * sizeof(Entry) + slots_.capacity() * sizeof(Slot) + texts_.capacity() +
           (exact() ? 0 : sizeof(HyperLogLog));
  }

 private:
  // In a cache line of its own where it is small.
  struct alignas(sizeof(Tally) <= 24 ? 64 : 8) Entry {
    std::uint64_t hash = 0;
    std::uint64_t count = 0;
    std::uint64_t error = 0;
    std::uint32_t text = 0;  // where the key, then the note, begins in texts_
    std::uint16_t key_length = 0;
    std::uint16_t note_length = 0;
    Tally tally{};
  };
  // `entry` is an index into entries_ plus one; 0 is an empty slot. `tag` is part of the hash. Small, so that the table
  // of slots stays near.
  struct Slot {
    std::uint16_t tag = 0;
    std::uint16_t entry = 0;
  };
  static std::uint16_t tag_of(std::uint64_t hash) { return static_cast<std::uint16_t>(hash >> 48); }

  std::string_view key_of(const Entry& entry) const {
    return std::string_view(texts_).substr(entry.text, entry.key_length);
  }
  std::string_view note_of(const Entry& entry) const {
    return std::string_view(texts_).substr(entry.text + entry.key_length, entry.note_length);
  }

  // The first entry that may be the key's, judged by its place alone.
  const Entry* candidate(std::uint64_t hash) const {
    if (slots_.empty()) return nullptr;
    const std::size_t mask = slots_.size() - 1;
    const std::uint16_t tag = tag_of(hash);
    for (std::size_t at = hash & mask; slots_[at].entry != 0; at = (at + 1) & mask) {
      if (slots_[at].tag == tag) return &entries_[slots_[at].entry - 1];
    }
    return nullptr;
  }

  Entry* lookup(std::uint64_t hash, std::string_view key) {
    if (slots_.empty()) return nullptr;
    const std::size_t mask = slots_.size() - 1;
    const std::uint16_t tag = tag_of(hash);
    for (std::size_t at = hash & mask; slots_[at].entry != 0; at = (at + 1) & mask) {
      if (slots_[at].tag != tag) continue;
      Entry& entry = entries_[slots_[at].entry - 1];
      if (entry.hash == hash && key_of(entry) == key) return &entry;
    }
    return nullptr;
  }

  Entry& insert(std::uint64_t hash, std::string_view key, std::string_view note, std::uint64_t count,
                std::uint64_t error) {
    if (!exact()) distinct_->add(hash);
    if (slots_.size() < (entries_.size() + 1) * 2) rebuild_slots(std::max<std::size_t>(64, slots_.size() * 2));
    Entry entry;
    entry.hash = hash;
    entry.count = count;
    entry.error = error;
    entry.text = static_cast<std::uint32_t>(texts_.size());
    entry.key_length = static_cast<std::uint16_t>(key.size());
    entry.note_length = static_cast<std::uint16_t>(note.size());
    texts_.append(key);
    texts_.append(note);
    entries_.push_back(std::move(entry));
    place(hash, entries_.size());
    return entries_.back();
  }

  void place(std::uint64_t hash, std::size_t entry) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].entry != 0) at = (at + 1) & mask;
    slots_[at] = {tag_of(hash), static_cast<std::uint16_t>(entry)};
  }

  void rebuild_slots(std::size_t size) {
    slots_.assign(size, Slot{});
    for (std::size_t i = 0; i < entries_.size(); ++i) place(entries_[i].hash, i + 1);
  }

  void begin_estimating() {
    if (!exact()) return;
    distinct_ = std::make_unique<HyperLogLog>();
    for (const Entry& entry : entries_) distinct_->add(entry.hash);
  }

  // Forgets the entries whose count is at most the median, but for a quarter of the bound: where most counts are alike,
  // a table that was emptied would name nothing.
  void sweep() {
    begin_estimating();
    if (entries_.empty()) return;
    std::vector<std::uint64_t> counts;
    counts.reserve(entries_.size());
    for (const Entry& entry : entries_) counts.push_back(entry.count);
    const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
    std::nth_element(counts.begin(), middle, counts.end());
    const std::uint64_t median = *middle;
    floor_ = std::max(floor_, median);
    std::size_t spare = std::min(bound_, entries_.size()) / 4;
    std::size_t kept = 0;
    std::string texts;
    texts.reserve(texts_.size() / 2);
    for (Entry& entry : entries_) {
      if (entry.count <= median && (entry.count < median || spare == 0)) continue;
      if (entry.count == median) --spare;
      const std::string_view text =
          std::string_view(texts_).substr(entry.text, std::size_t{entry.key_length} + entry.note_length);
      entry.text = static_cast<std::uint32_t>(texts.size());
      texts.append(text);
      if (&entries_[kept] != &entry) entries_[kept] = std::move(entry);
      ++kept;
    }
    entries_.resize(kept);
    texts_ = std::move(texts);
    rebuild_slots(slots_.size());
  }

  static constexpr std::size_t kMostBound = 60'000;

  std::size_t bound_;
  std::size_t text_bound_;
  std::uint64_t floor_ = 0;  // the most that a key that is not in the table can have been given
  std::uint64_t total_ = 0;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // its size is a power of two, at least twice that of entries_
  std::string texts_;
  std::unique_ptr<HyperLogLog> distinct_;
};

}  // namespace mailtrail
