// CountQueue: the counts of a report on their way into its tables.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/folded_key.h"
#include "query/report_lists.h"

namespace mailtrail::query {

// Takes counts and makes them a little later, in the order in which they came, so that the memory of the tables is
// being fetched meanwhile: the tables do not fit into a processor's nearer caches. A table that is given to it MUST be
// read, or changed otherwise, only behind `flush`, and outlive it. Not thread-safe.
class CountQueue {
 public:
  // `text` as the key of the counts that are given next (see FoldedKey). Lives until these are made, if they come
  // before the next call of `fold`.
  std::string_view fold(std::string_view text) {
    // A key of which nothing was counted leaves its place; one that is still needed keeps it.
    while (made_ != given_ && folds_ - at(made_).fold >= kDepth) make();
    FoldedKey& key = keys_[++folds_ % kDepth];
    key.assign(text);
    return key.view();
  }

  // table.add(key, weight).add(split). `key` MUST be what the last `fold` gave, or a part of it.
  void add(SplitTable& table, std::string_view key, std::uint64_t weight, const Split& split) {
    give(table, key, weight, split, true);
  }
  // Where the key is in the table by then, adds `split` to its tally.
  void add_if_known(SplitTable& table, std::string_view key, const Split& split) { give(table, key, 0, split, false); }

  // Makes all counts that were given.
  void flush() {
    while (made_ != given_) make();
  }

 private:
  // How many counts lie between the steps of one: long enough for memory, short enough for the nearest cache.
  static constexpr std::uint64_t kStep = 6;
  static constexpr std::uint64_t kDepth = 32;
  static_assert(kDepth > 3 * kStep);

  struct Count {
    SplitTable* table = nullptr;
    SplitTable::Prepared key;
    std::uint64_t weight = 0;
    Split split;
    std::uint64_t fold = 0;
    bool always = false;
  };

  Count& at(std::uint64_t number) { return counts_[number % kDepth]; }
  void give(SplitTable& table, std::string_view key, std::uint64_t weight, const Split& split, bool always) {
    Count& count = at(given_++);
    count.table = &table;
    count.key = table.prepare(key);
    count.weight = weight;
    count.split = split;
    count.fold = folds_;
    count.always = always;
    const std::uint64_t waiting = given_ - made_;
    if (waiting > kStep) at(given_ - 1 - kStep).table->approach(at(given_ - 1 - kStep).key);
    if (waiting > 2 * kStep) at(given_ - 1 - 2 * kStep).table->reach(at(given_ - 1 - 2 * kStep).key);
    if (waiting > 3 * kStep) make();
  }
  void make() {
    const Count& count = at(made_++);
    if (count.always) {
      count.table->add(count.key, count.weight).add(count.split);
    } else if (Split* known = count.table->find(count.key)) {
      known->add(count.split);
    }
  }

  std::array<Count, kDepth> counts_;
  std::array<FoldedKey, kDepth> keys_;
  std::uint64_t given_ = 0, made_ = 0, folds_ = 0;
};

}  // namespace mailtrail::query
