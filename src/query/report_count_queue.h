// CountQueue: the counts of a report on their way into its tables.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "query/report_lists.h"

namespace mailtrail::query {

// Takes counts and makes them later, many at once and in the order in which they came: on a thread of its own where
// that is wanted, else on the caller's. The tables do not fit into a processor's nearer caches, so the memory for the
// next counts is fetched while one is made. A table that is given to it MUST be read, or changed otherwise, only behind
// `flush` and before the next count, and outlive it. Its functions MUST be called by one thread at a time.
class CountQueue {
 public:
  explicit CountQueue(bool own_thread);
  ~CountQueue();
  CountQueue(const CountQueue&) = delete;
  CountQueue& operator=(const CountQueue&) = delete;

  // `text` as the key of the counts that are given next (see FoldedKey). Lives until the next call of `fold` or
  // `flush`.
  std::string_view fold(std::string_view text);

  // table.add(key, weight).add(split). `key` MUST be what the last `fold` gave, or a part of it.
  void add(SplitTable& table, std::string_view key, std::uint64_t weight, const Split& split) {
    filling_->counts.push_back({&table, {key, 0}, weight, split, true});
  }
  // Where the key is in the table by then, adds `split` to its tally.
  void add_if_known(SplitTable& table, std::string_view key, const Split& split) {
    filling_->counts.push_back({&table, {key, 0}, 0, split, false});
  }

  // Makes all counts that were given.
  void flush();

 private:
  struct Count {
    SplitTable* table;
    SplitTable::Prepared key;
    std::uint64_t weight;
    Split split;
    bool always;
  };
  // Counts, and the texts of their keys.
  struct Chunk {
    std::vector<Count> counts;
    std::unique_ptr<char[]> texts;
    std::size_t used = 0;
  };

  // Small enough for the caches, large enough that handing it over costs nothing beside what is in it.
  static constexpr std::size_t kCounts = 1024;
  static constexpr std::size_t kTexts = 32 * 1024;
  static constexpr std::size_t kChunks = 4;

  void hand_over();
  static void make(Chunk& chunk);
  void work();

  std::array<Chunk, kChunks> chunks_;
  Chunk* filling_ = nullptr;
  // Chunks by number, counted on for ever: those from made_ to given_ wait to be made, given_ is being filled.
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t given_ = 0, made_ = 0;
  bool closing_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace mailtrail::query
