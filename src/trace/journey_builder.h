// JourneyBuilder: the stays of one mail to the fact that tells it: who was the recipient in the end, and what became of
// them.
#pragma once

#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/fact_sink.h"
#include "trace/stay.h"

namespace mailtrail::trace {

// Keeps its buffers from one journey to the next. Not thread-safe.
class JourneyBuilder {
 public:
  // `stays` are those of one journey, in any order, at least one. `stay_at(ref)` gives a stay that is still the same,
  // or null. The fact and all that it points to live until the next call.
  template <class StayAt>
  const model::fact::Journey& build(std::span<Stay* const> stays, StayAt&& stay_at) {
    next_.clear();
    for (Stay* stay : stays) {
      for (const StayRecipient& one : stay->recipients) next_.push_back(one.handed_on ? stay_at(one.next) : nullptr);
    }
    return build_from(stays);
  }

 private:
  // One recipient of one stay, while the way to it is worked out.
  struct Place {
    const Stay* stay;
    const StayRecipient* recipient;
    const Stay* next;              // who took it over, in this journey
    std::vector<Text> origins;     // addresses that led here, the first given first
    std::int32_t attempts_before;  // in earlier stays, for the same address
    std::uint32_t hops;            // stays before, along the way
    bool passed_on;                // its attempts are counted by one that came of it
  };

  static constexpr std::uint32_t kNone = UINT32_MAX;

  const model::fact::Journey& build_from(std::span<Stay* const> stays);
  void clear();
  void order(std::span<Stay* const> stays);
  void find_depths(std::span<Stay* const> stays);
  void find_members(std::span<Stay* const> stays);
  const std::pair<const Stay*, std::size_t>* member(const Stay* stay) const;
  void add_named(std::vector<Text>& list, Text text);
  void place_recipients(std::span<Stay* const> stays);
  void inherit(Place& place);
  template <class Wanted>
  bool inherit_from(Place& place, std::optional<Text> address, Wanted&& wanted);
  void note_giver(const Place& place);
  void add_recipient(const Place& place);
  model::fact::Recipient* find_told(Text address, model::Outcome outcome);
  void add_redirected(const Stay& stay);
  void add_message(const Stay& stay);
  void add_details(const Stay& stay);
  void settle_deliveries();

  std::vector<const Stay*> next_;
  std::vector<const Stay*> ordered_;
  std::vector<Place> places_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> by_key_;  // key and place of each stay
  std::vector<std::uint32_t> depths_, path_, ranks_;
  std::vector<std::pair<const Stay*, std::size_t>> members_;  // each stay, and where its recipients begin in `next_`
  // Where there are many places: those that were handed on, by their address and the stay that took them over, and by
  // the stay that took them over.
  std::unordered_multimap<std::uint64_t, std::uint32_t> givers_;
  std::unordered_map<const Stay*, std::vector<std::uint32_t>> givers_of_;
  std::vector<std::uint32_t> same_hash_;
  std::vector<std::vector<Text>> origins_;
  std::vector<model::fact::Recipient> recipients_;
  std::vector<std::uint32_t> joined_;  // of each recipient: its index into origins_, or kNone
  std::vector<model::fact::Message> messages_;
  std::vector<model::fact::Delivery> deliveries_;
  std::vector<model::fact::AuthResult> auth_results_;
  std::vector<model::fact::Verdict> verdicts_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> told_;  // by address: index into recipients_
  std::vector<Text> queue_ids_, hosts_;
  // Where there are many: by hash of the text its index, and how many of the list are in it.
  struct Names {
    std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash;
    std::size_t indexed = 0;
  };
  Names host_names_, id_names_;
  model::fact::Journey journey_;
};

// The outcome of a recipient that nobody took over, as its stay leaves it.
model::Outcome outcome_of(const Stay& stay, const StayRecipient& recipient);

}  // namespace mailtrail::trace
