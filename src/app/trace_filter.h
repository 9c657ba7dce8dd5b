// TraceFilter: which records can belong to what a search asks for, so that the others need not be understood.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "app/batch.h"
#include "app/block_digest.h"
#include "app/inputs.h"
#include "model/event.h"

namespace mailtrail::app {

// A set of hashes that is asked far more often than it holds.
class HashSet {
 public:
  bool insert(std::uint64_t hash) {
    bloom_[(hash >> 6) % kWords] |= std::uint64_t{1} << (hash & 63);
    return set_.insert(hash).second;
  }
  bool may_hold(std::uint64_t hash) const {
    return (bloom_[(hash >> 6) % kWords] & (std::uint64_t{1} << (hash & 63))) != 0;
  }
  bool contains(std::uint64_t hash) const { return may_hold(hash) && set_.contains(hash); }
  const std::unordered_set<std::uint64_t>& all() const { return set_; }

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
  bool may_want(std::string_view line, std::uint32_t source, std::uint64_t position) const override;
  bool skips(Batch& batch) const override;
  // Digests of the logs, by which blocks are skipped. The blocks that hold lines of `want_line` MUST have none.
  void use(std::shared_ptr<const BlockDigests> digests) { digests_ = std::move(digests); }

  // The line at `at` is wanted for what stands in it.
  void want_line(const model::LineRef& at) { lines_.insert(line_hash(at.source, at.position)); }
  // Takes note of a wanted event. True: something new was learnt, so that another reading may find more.
  bool learn(const model::Event& event);
  // Settles for each session that was learnt of since the last time which lines of its process belong to it.
  void find_sessions(const Inputs& inputs);

 private:
  // A line of a message that came through a server process, whose session is yet to be found.
  struct Arrival {
    std::uint64_t process;
    std::int32_t pid;
    model::LineRef at;
    bool whole;  // the session's lines with queue ids are wanted too
  };
  struct Window {
    std::uint64_t end = 0;
    bool whole = false;
  };
  // What is wanted of one process: all of its lines without a queue id, or those in some windows of the sources.
  // Where a rule acted before the queue id was given (`NOQUEUE: hold: ...`), the ids of the session are wanted, too.
  struct Process {
    std::int32_t pid = -1;
    bool all = false;
    bool whole = false;                                                 // with `all`: those with a queue id too
    std::map<std::pair<std::uint32_t, std::uint64_t>, Window> windows;  // by source and first byte
  };

  // Of a process whose lines are wanted between two places of a source.
  struct SoughtSession {
    std::uint32_t source;
    std::uint64_t begin, end;
    std::int32_t pid;
    bool whole;
  };

  static std::uint64_t line_hash(std::uint32_t source, std::uint64_t position);
  bool learn_id(std::string_view queue_id);
  bool wants_exim(const record::Record& record) const;
  bool wants_of_process(std::uint64_t process, std::uint32_t source, std::uint64_t position, bool has_id) const;
  bool may_hold_id(std::string_view text) const;
  void seek();

  HashSet ids_, lines_, arrivals_seen_;
  std::unordered_map<std::uint64_t, Process> processes_;
  std::vector<Arrival> arrivals_;
  bool any_whole_ = false;  // lines with a queue id are wanted of some process
  // The first and the last eight bytes of the ids, and the process ids: what most records are turned away by.
  HashSet heads_, tails_, pids_;
  bool short_ids_ = false;  // an id has less than eight bytes: heads and tails say nothing
  std::shared_ptr<const BlockDigests> digests_;
  bool asks_digests_ = false;
  std::vector<std::uint64_t> sought_;
  std::vector<SoughtSession> sought_sessions_;
};

}  // namespace mailtrail::app
