#include "trace/stay_set.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "base/hash.h"

namespace mailtrail::trace {
namespace {

// What one line of a stay can be late by without being taken for another mail of the same id.
constexpr Micros kSkew = kHour;

}  // namespace

StaySet::StaySet(model::FactSink& sink, const TracerOptions& options, ChunkStore& chunks, TracerStats& stats)
    : sink_(sink), options_(options), chunks_(chunks), stats_(stats), linger_(options.linger_on_one_host) {}

// Hosts come from outside: so many are told apart by their names, and more by a hash of them.
const StaySet::Host& StaySet::host_of(Text host) {
  constexpr std::size_t kMostHosts = 100'000;
  if (last_host_ != nullptr && last_host_->name == host) return *last_host_;
  const auto found = hosts_.find(host);
  if (found != hosts_.end()) return *(last_host_ = &found->second);
  if (hosts_.size() >= kMostHosts) {
    nameless_host_.number = 0x80000000U | static_cast<std::uint32_t>(hash_bytes(host));
    return nameless_host_;
  }
  Host made{std::string(host), static_cast<std::uint32_t>(hosts_.size())};
  last_host_ = &hosts_.emplace(std::string(host), std::move(made)).first->second;
  return *last_host_;
}

Stay* StaySet::find(Text host, Text queue_id, std::uint64_t id_hash) {
  const std::uint32_t number = host_of(host).number;
  const Index index = table_.find(id_hash, [&](Index one) {
    const Stay& stay = *stays_[one];
    return stay.hash == id_hash && stay.host_number == number && stay.queue_id == queue_id;
  });
  return index == kNobody ? nullptr : stays_[index].get();
}

Stay* StaySet::find(Text host, Text queue_id) {
  return find(host, queue_id, hash_bytes(queue_id));
}

Stay* StaySet::find(const model::Event& event) {
  return find(event.host, event.queue_id, model::id_hash_of(event));
}

Stay& StaySet::allocate() {
  if (free_stays_.empty()) {
    stays_.push_back(std::make_unique<Stay>(chunks_));
    stays_.back()->self = static_cast<Index>(stays_.size() - 1);
    return *stays_.back();
  }
  Stay& stay = *stays_[free_stays_.back()];
  free_stays_.pop_back();
  return stay;
}

Stay& StaySet::begin(const model::Event& event) {
  std::uint64_t again = 0;
  if (Stay* old = find(event)) {
    table_.erase(old->hash, old->self);
    old->in_table = false;
    if (old->first_seen / kSecond == event.time / kSecond) again = old->key;
    if (!old->gone) {
      ++stats_.id_reused;
      gone(*old, old->last_seen);
      old->end_missing = true;
    }
  }
  Stay& stay = allocate();
  stay.used = true;
  stay.hash = model::id_hash_of(event);
  stay.set_queue_id(event.queue_id);
  const Host& host = host_of(event.host);
  stay.host_number = host.number;
  stay.host = host.name.empty() ? stay.pool.add(event.host) : Text(host.name);
  stay.instance = stay.pool.add(event.instance);
  stay.first_seen = stay.last_seen = stay.begun = event.time;
  stay.offset_minutes = event.offset_minutes;
  // Whole seconds, so that the key is the same whether the log states fractions or not.
  stay.key = hash_bytes(stay.queue_id, hash_bytes(stay.host, static_cast<std::uint64_t>(event.time / kSecond) ^ again));
  if (stay.queue_id.empty()) stay.key = mix_hash(stay.key, stay.hash);
  table_.insert(stay.hash, stay.self);
  stay.in_table = true;
  stay.awaits_link = pending_.any(stay.hash);
  if (free_journeys_.empty()) {
    stay.journey = static_cast<std::uint32_t>(journeys_.size());
    journeys_.emplace_back();
  } else {
    stay.journey = free_journeys_.back();
    free_journeys_.pop_back();
  }
  JourneyState& journey = journeys_[stay.journey];
  journey.used = true;
  journey.waiting = 1;
  journey.stays.push_back(stay.self);
  if (options_.keep_details) {
    stay.details = std::make_unique<StayDetails>();
    stay.pool.count(sizeof(StayDetails));
  }
  if (!has_host_) {
    has_host_ = true;
    first_host_ = stay.host;
  } else if (stay.host != first_host_) {
    linger_ = options_.linger;
  }
  ++stats_.messages;
  ++stats_.open_now;
  stats_.open_peak = std::max(stats_.open_peak, stats_.open_now);
  return stay;
}

void StaySet::gone(Stay& stay, Micros time) {
  if (stay.gone) return;
  stay.gone = true;
  stay.removed = time;
  --stats_.open_now;
  leaving_.push_back({ref(stay), time, false, true});
}

void StaySet::doubt(Stay& stay, Micros time, bool sure) {
  if (!stay.gone) leaving_.push_back({ref(stay), time, true, sure});
}

void StaySet::rest(Stay& stay, Micros time) {
  if (!stay.gone) leaving_.push_back({ref(stay), time, false, false});
}

// Of a stay that rests. True: it is left for later, when there may be more to tell.
bool StaySet::settle_resting(Stay& stay, const LeavingStay& leaving, Micros now) {
  // Something came after it began to rest, which had it rest anew or has it wait.
  if (stay.gone || stay.lingered || stay.last_seen > leaving.time) return true;
  if (now != 0 && stay.last_seen + options_.linger > now) {
    leaving_.push_back({leaving.stay, now, false, false});
    return true;
  }
  stay.gone = stay.end_missing = true;
  stay.removed = stay.last_seen;
  --stats_.open_now;
  return false;
}

bool StaySet::join(Stay& parent, std::uint32_t recipient, Stay& child, model::Link link, double confidence,
                   const char* evidence) {
  if (&parent == &child) return false;
  if (child.parent_key != 0 && child.parent_key != parent.key) return false;
  if (parent.parent_key == child.key && parent.parent_key != 0) return false;
  if (child.parent_key == 0) {
    child.parent = ref(parent);
    child.parent_key = parent.key;
    child.parent_queue_id = child.pool.add(parent.queue_id);
    child.link = link;
    child.link_confidence = confidence;
    child.link_evidence = evidence;
    if (link == model::Link::kBounce) {
      child.notification = true;
      const JourneyState& journey = journeys_[parent.journey];
      child.parent_journey = stays_[journey.stays.front()]->key;
    } else {
      merge(parent.journey, child.journey);
    }
  }
  if (recipient != kWhole && recipient < parent.recipients.size()) {
    StayRecipient& one = parent.recipients[recipient];
    if (!one.handed_on) {
      one.handed_on = true;
      // The attempt that handed it on is not one of the recipient's own.
      one.counted_attempts = one.status == model::Status::kDeferred ? one.attempts : std::max(0, one.attempts - 1);
    }
    one.next = ref(child);
  }
  return true;
}

void StaySet::merge(std::uint32_t into, std::uint32_t from) {
  if (into == from) return;
  JourneyState& target = journeys_[into];
  JourneyState& source = journeys_[from];
  for (const Index index : source.stays) {
    stays_[index]->journey = into;
    target.stays.push_back(index);
  }
  target.waiting += source.waiting;
  source.stays.clear();
  source.waiting = 0;
  source.used = false;
  free_journeys_.push_back(from);
}

bool StaySet::belong_together(const Stay& parent, const Stay& child, model::Link link, Micros time) const {
  if (&parent == &child || child.first_seen > time + options_.linger || child.first_seen + kSkew < parent.first_seen) {
    return false;
  }
  if (child.parent_key != 0) return child.parent_key == parent.key;
  if (!parent.message_id.empty() && !child.message_id.empty()) return parent.message_id == child.message_id;
  // Without two message ids to compare, a mail on the same host must at least have gone to this host.
  return link == model::Link::kFilter || parent.host != child.host;
}

void StaySet::hand_on(Stay& parent, std::uint32_t recipient, Text queue_id, model::Link link, Micros time) {
  const std::uint64_t hash = hash_bytes(queue_id);
  // Where several hosts gave this id, a filter's is that of this host, and otherwise the one that was given nearest to
  // now: it is the same in whichever order the table names them.
  Stay* nearest = nullptr;
  const auto distance = [&](const Stay& child) {
    return std::tuple(link == model::Link::kFilter && child.host != parent.host, std::abs(child.first_seen - time),
                      child.key);
  };
  table_.find(hash, [&](Index one) {
    Stay& child = *stays_[one];
    if (child.queue_id != queue_id || !belong_together(parent, child, link, time)) return false;
    if (nearest == nullptr || distance(child) < distance(*nearest)) nearest = &child;
    return false;
  });
  if (nearest != nullptr) {
    Stay& child = *nearest;
    const bool agree = !parent.message_id.empty() && parent.message_id == child.message_id;
    if (agree || child.queued) {
      const model::Link kind = parent.host == child.host ? model::Link::kFilter : model::Link::kRelay;
      join(parent, recipient, child, kind, agree ? 1.0 : 0.8,
           agree ? "\"queued as\", message id agrees" : "\"queued as\", message id not logged");
      return;
    }
    child.awaits_link = true;
  }
  pending_.add({hash, ref(parent), recipient, link, time});
}

void StaySet::settle_links(Stay& child) {
  if (!child.awaits_link) return;
  child.awaits_link = false;
  pending_.for_each(child.hash, [&](const PendingLink& pending) {
    Stay* parent = at(pending.from);
    if (parent == nullptr || !belong_together(*parent, child, pending.link, pending.time)) return;
    if (pending.link == model::Link::kBounce || pending.link == model::Link::kForward) {
      if (parent->host == child.host) {
        join(*parent, pending.recipient, child, pending.link, 1.0,
             pending.link == model::Link::kBounce ? "notification" : "\"forwarded as\"");
      }
      return;
    }
    const bool agree = !parent->message_id.empty() && parent->message_id == child.message_id;
    const model::Link kind = parent->host == child.host ? model::Link::kFilter : model::Link::kRelay;
    join(*parent, pending.recipient, child, kind, agree ? 1.0 : 0.8,
         agree ? "\"queued as\", message id agrees" : "\"queued as\", message id not logged");
  });
}

void StaySet::release(Micros now) {
  while (!leaving_.empty() && leaving_.front().time + linger_ < now) release_front(now);
}

void StaySet::release_front(Micros now) {
  // Whoever leaves was last touched long ago.
  constexpr std::size_t kAhead = 4;
  if (leaving_.size() > kAhead) {
    const Index ahead = leaving_[kAhead].stay.index;
    if (ahead < stays_.size()) fetch(ahead, sizeof(Stay) / 64);
  }
  const LeavingStay leaving = leaving_.front();
  leaving_.pop_front();
  Stay* stay = at(leaving.stay);
  if (stay == nullptr) return;
  if (!leaving.doubtful && !leaving.sure && settle_resting(*stay, leaving, now)) return;
  settle(*stay, leaving.doubtful, false);
}

// The time to linger is over.
void StaySet::settle(Stay& stay, bool doubtful, bool at_end) {
  if (doubtful) {
    if (!stay.gone && !stay.queued && !stay.held) drop(stay);
    return;
  }
  if (stay.lingered) return;
  if (stay.refused && !stay.queued) return drop(stay);
  stay.lingered = true;
  JourneyState& journey = journeys_[stay.journey];
  if (--journey.waiting == 0 && !at_end) tell(stay.journey);
}

// A message that was never accepted is no message.
void StaySet::drop(Stay& stay) {
  JourneyState& journey = journeys_[stay.journey];
  const std::uint32_t number = stay.journey;
  std::erase(journey.stays, stay.self);
  if (!stay.lingered) --journey.waiting;
  --stats_.messages;
  free_stay(stay);
  if (journey.stays.empty()) {
    journey.used = false;
    free_journeys_.push_back(number);
  } else if (journey.waiting == 0) {
    tell(number);
  }
}

void StaySet::free_stay(Stay& stay) {
  if (stay.in_table) table_.erase(stay.hash, stay.self);
  if (!stay.gone) --stats_.open_now;
  stay.reset();
  free_stays_.push_back(stay.self);
}

void StaySet::tell(std::uint32_t number) {
  scratch_.clear();
  JourneyState& journey = journeys_[number];
  for (const Index index : journey.stays) scratch_.push_back(stays_[index].get());
  for (Stay* stay : scratch_) {
    // A notification points to the mail that it tells of by the first stay of that mail.
    if (Stay* parent = stay->link == model::Link::kBounce ? at(stay->parent) : nullptr) {
      stay->parent_journey = stays_[journeys_[parent->journey].stays.front()]->key;
    }
    if (!stay->has_begin) ++stats_.begin_missing;
  }
  const model::fact::Journey& fact = builder_.build(scratch_, [this](StayRef one) { return at(one); });
  ++stats_.journeys;
  sink_.on_journey(fact);
  for (Stay* stay : scratch_) free_stay(*stay);
  journey.stays.clear();
  journey.waiting = 0;
  journey.used = false;
  free_journeys_.push_back(number);
}

std::size_t StaySet::bytes() const {
  const std::size_t kept = stays_.size() - free_stays_.size();
  return chunks_.bytes() + kept * (sizeof(Stay) + sizeof(StayRecipient) + 3 * 16 + sizeof(JourneyState));
}

void StaySet::check_memory() {
  stats_.bytes_now = bytes();
  stats_.bytes_peak = std::max(stats_.bytes_peak, stats_.bytes_now);
  if (stats_.bytes_now > options_.memory_limit) evict();
}

// Gives up the quarter that was quiet for longest, so that this is seldom done.
void StaySet::evict() {
  std::vector<std::pair<Micros, Index>> quiet;
  for (const auto& stay : stays_) {
    if (stay->used) quiet.emplace_back(stay->last_seen, stay->self);
  }
  if (quiet.empty()) return;
  const std::size_t quarter = (quiet.size() + 3) / 4;
  std::nth_element(quiet.begin(), quiet.begin() + static_cast<std::ptrdiff_t>(quarter - 1), quiet.end());
  quiet.resize(quarter);
  std::sort(quiet.begin(), quiet.end());
  for (const auto& [time, index] : quiet) {
    Stay& stay = *stays_[index];
    if (!stay.used) continue;
    for (const Index one : journeys_[stay.journey].stays) {
      if (!stays_[one]->gone) {
        stays_[one]->evicted = true;
        ++stats_.evicted;
      }
    }
    tell(stay.journey);
  }
}

void StaySet::finish(Micros now) {
  check_memory();
  // Whose session ended just before the log did may yet be taken up by the queue manager.
  constexpr Micros kJustNow = 5 * kSecond;
  while (!leaving_.empty()) {
    const LeavingStay leaving = leaving_.front();
    leaving_.pop_front();
    Stay* stay = at(leaving.stay);
    if (stay == nullptr || (leaving.doubtful && !leaving.sure && leaving.time + kJustNow >= now)) continue;
    if (!leaving.doubtful && !leaving.sure && settle_resting(*stay, leaving, 0)) continue;
    settle(*stay, leaving.doubtful, true);
  }
  // In the order of their first lines: the facts of one log come in one order.
  std::vector<std::pair<Micros, std::uint32_t>> rest;
  for (std::uint32_t number = 0; number < journeys_.size(); ++number) {
    if (journeys_[number].used) rest.emplace_back(stays_[journeys_[number].stays.front()]->first_seen, number);
  }
  std::sort(rest.begin(), rest.end());
  for (const auto& [time, number] : rest) tell(number);
}

}  // namespace mailtrail::trace
