// StaySet: the stays that are under way, the journeys that they form, and when one is over.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "trace/journey_builder.h"
#include "trace/pending_links.h"
#include "trace/stay.h"
#include "trace/tracer.h"

namespace mailtrail::trace {

class StateWriter;
class StateReader;

// A stay that waits for the end of its time to linger, since `time`.
struct LeavingStay {
  StayRef stay;
  Micros time = 0;
  bool doubtful = false;
  bool sure = false;
};

// Owns stays and journeys, links them, tells a journey to the sink when nothing more can come to it. Not thread-safe.
class StaySet {
 public:
  StaySet(model::FactSink& sink, const TracerOptions& options, ChunkStore& chunks, TracerStats& stats);

  // The stay that the id of `event` names now (it may be gone and linger), or null.
  Stay* find(const model::Event& event);
  // A new stay for it. A stay that had the id until now is no more found by it; where it was still in the queue, its
  // end is missing (`TracerStats::id_reused`).
  Stay& begin(const model::Event& event);
  // The stay of an id on a host.
  Stay* find(Text host, Text queue_id);
  // Brings near what `find` will look at: the place of the id first, and, some events later, the stay itself.
  [[gnu::always_inline]] void fetch_place(std::uint64_t id_hash) const { table_.fetch(id_hash); }
  [[gnu::always_inline]] void fetch_stay(std::uint64_t id_hash) const {
    const Index index = table_.find(id_hash, [](Index) { return true; });
    if (index == kNobody) {
      // A stay will begin: who named it before?
      pending_.fetch(id_hash);
    } else {
      fetch(index, 5);
    }
  }

  Stay* at(StayRef ref) const {
    return ref.index < stays_.size() && stays_[ref.index]->generation == ref.generation && stays_[ref.index]->used
               ? stays_[ref.index].get()
               : nullptr;
  }
  StayRef ref(const Stay& stay) const { return {index_of(stay), stay.generation}; }

  // The stay left its queue; it lingers for the links that may yet come.
  void gone(Stay& stay, Micros time);
  // Its message may never have been accepted: unless the queue manager takes it up meanwhile, it is dropped when its
  // time to linger is over. `sure`: the log says that it was refused, so that it is dropped at the end of the log, too,
  // however soon that comes.
  void doubt(Stay& stay, Micros time, bool sure);
  // All that the log told of the stay is over, and its program logs no end: it is gone once it was quiet for
  // `TracerOptions::linger`, at a time that is not known.
  void rest(Stay& stay, Micros time);

  // `child` came of `parent`, by its recipient number `recipient` (kWhole: not by one of its recipients). Says false
  // where `child` has another parent, or the two cannot belong together.
  static constexpr std::uint32_t kWhole = UINT32_MAX;
  bool join(Stay& parent, std::uint32_t recipient, Stay& child, model::Link link, double confidence,
            const char* evidence);
  // "queued as `queue_id`": joins with the stay of that id, now or when it is seen.
  void hand_on(Stay& parent, std::uint32_t recipient, Text queue_id, model::Link link, Micros time);
  // Joins a stay with those who named it before, once its message id can be compared.
  void settle_links(Stay& stay);

  // Tells what has lingered for long enough at `now`, and gives up the quietest where memory is short.
  void pass(Micros now) {
    if (!leaving_.empty() && leaving_.front().time + linger_ < now) [[unlikely]]
      release(now);
    if (leaving_.size() > options_.linger_count) [[unlikely]]
      release_front();
    if ((++passes_ & 0x3FF) == 0) [[unlikely]]
      check_memory();
  }
  // Tells everything that is left. `now` is the time of the last line.
  void finish(Micros now);

  // As fields of a record (tracer_state_stays.cc).
  void save(StateWriter& writer) const;
  // Into a set that is empty.
  void restore(StateReader& reader);

 private:
  struct JourneyState {
    std::vector<Index> stays;
    std::uint32_t waiting = 0;  // stays that have not lingered
    bool used = false;
  };
  struct Host {
    std::string name;
    std::uint32_t number = 0;
  };

  Index index_of(const Stay& stay) const { return stay.self; }
  // Brings near the first `lines` cache lines of a stay.
  [[gnu::always_inline]] void fetch(Index index, std::size_t lines) const {
    const char* stay = reinterpret_cast<const char*>(stays_[index].get());
    for (std::size_t line = 0; line < lines; ++line) __builtin_prefetch(stay + line * 64);
  }
  Stay* find(Text host, Text queue_id, std::uint64_t id_hash);
  const Host& host_of(Text host);
  Stay& allocate();
  void merge(std::uint32_t into, std::uint32_t from);
  void release(Micros now);
  // `now` 0: what rests is told, however short it was quiet.
  void release_front(Micros now = 0);
  void settle(Stay& stay, bool doubtful, bool at_end);
  bool settle_resting(Stay& stay, const LeavingStay& leaving, Micros now);
  void drop(Stay& stay);
  void tell(std::uint32_t journey);
  void free_stay(Stay& stay);
  void check_memory();
  void evict();
  std::size_t bytes() const;
  bool belong_together(const Stay& parent, const Stay& child, model::Link link, Micros time) const;
  void restore_stays(StateReader& reader);
  void restore_places(StateReader& reader);
  void restore_journeys(StateReader& reader);

  model::FactSink& sink_;
  const TracerOptions options_;
  ChunkStore& chunks_;
  TracerStats& stats_;
  HashIndex table_;
  std::vector<std::unique_ptr<Stay>> stays_;
  std::vector<Index> free_stays_;
  std::vector<JourneyState> journeys_;
  std::vector<std::uint32_t> free_journeys_;
  std::deque<LeavingStay> leaving_;
  PendingLinks pending_;
  std::map<std::string, Host, std::less<>> hosts_;
  const Host* last_host_ = nullptr;
  Host nameless_host_;
  JourneyBuilder builder_;
  Micros linger_;
  bool has_host_ = false;
  std::string first_host_;  // of the first stay; a stay of another makes them linger for longer
  std::vector<Stay*> scratch_;
  std::uint64_t passes_ = 0;
};

}  // namespace mailtrail::trace
