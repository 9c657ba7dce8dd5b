// TraceFilter: which records can belong to what a search asks for, so that the others need not be understood.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "app/batch.h"
#include "model/event.h"

namespace mailtrail::app {

// A set of hashes that is asked far more often than it holds.
class HashSet {
 public:
  bool insert(std::uint64_t hash) {
    bloom_[(hash >> 6) % kWords] |= std::uint64_t{1} << (hash & 63);
    return set_.insert(hash).second;
  }
  bool contains(std::uint64_t hash) const {
    if ((bloom_[(hash >> 6) % kWords] & (std::uint64_t{1} << (hash & 63))) == 0) return false;
    return set_.contains(hash);
  }
  std::size_t size() const { return set_.size(); }

 private:
  static constexpr std::size_t kWords = 1024;
  std::vector<std::uint64_t> bloom_ = std::vector<std::uint64_t>(kWords, 0);
  std::unordered_set<std::uint64_t> set_;
};

// Grows from the lines that hold the wanted text: their queue ids, the ids that those lines name, the processes that
// wrote them. Reading the log again with it finds more, until nothing new is found; then `wants` holds for every record
// that a wanted journey can be made of, and for some others. `wants` is thread-safe while nobody calls `learn`.
class TraceFilter : public RecordFilter {
 public:
  bool wants(const record::Record& record) const override;

  // The line at `at` is wanted for what stands in it.
  void want_line(const model::LineRef& at) { lines_.insert(line_hash(at.source, at.position)); }
  // Takes note of a wanted event. True: something new was learnt.
  bool learn(const model::Event& event);

 private:
  static std::uint64_t line_hash(std::uint32_t source, std::uint64_t position);
  bool learn_id(std::string_view queue_id);

  HashSet ids_, processes_, lines_;
};

}  // namespace mailtrail::app
