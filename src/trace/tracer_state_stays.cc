// Stays, journeys and what they wait for, as fields of a saved state.
#include "base/hash.h"
#include "trace/stay_set.h"
#include "trace/text_mover.h"
#include "trace/tracer_state_fields.h"

namespace mailtrail::trace {
namespace {

// What every attempt of every stay may sum up to: sums of them are counted in 32 bits.
constexpr std::int64_t kMostAttempts = INT32_MAX / 2;

std::uint64_t index_key(const StayRecipient& recipient) {
  return hash_bytes(recipient.orig, hash_bytes(recipient.address));
}

// One copy of a text that is the same is enough.
void share(Text& text, Text kept) {
  if (text == kept) text = kept;
}

}  // namespace

// Names the recipients that the index does not find: they share their hash with a later one.
void StateWriter::recipient_index(unsigned number, const Stay& stay) {
  if (!stay.recipient_index) return;
  std::string hidden;
  ByteWriter numbers(hidden);
  for (std::uint32_t i = 0; i < stay.recipients.size(); ++i) {
    if (stay.recipients[i].hint) continue;
    const auto found = stay.recipient_index->find(index_key(stay.recipients[i]));
    if (found == stay.recipient_index->end() || found->second != i) numbers.number(i);
  }
  always(number, hidden);
}

void StateReader::recipient_index(unsigned number, Stay& stay) {
  std::optional<Text> hidden;
  (*this)(number, hidden);
  constexpr std::size_t kEntry = 64;
  if (!hidden || !charge(stay.recipients.size(), kEntry)) return;
  ByteReader numbers(*hidden);
  std::uint64_t next_hidden = numbers.left() == 0 ? UINT64_MAX : numbers.number();
  stay.recipient_index = std::make_unique<std::unordered_map<std::uint64_t, std::uint32_t>>();
  for (std::uint32_t i = 0; i < stay.recipients.size(); ++i) {
    if (i == next_hidden) {
      next_hidden = numbers.left() == 0 ? UINT64_MAX : numbers.number();
    } else if (!stay.recipients[i].hint) {
      stay.recipient_index->emplace(index_key(stay.recipients[i]), i);
    }
  }
}

void StaySet::save(StateWriter& v) const {
  // Every member; whoever adds one MUST save it or say here why that is not needed.
  auto& [sink, options, chunks, stats, table, stays, free_stays, journeys, free_journeys, leaving, pending, hosts,
         last_host, nameless_host, builder, linger, has_host, first_host, scratch, passes] = *this;
  // Given anew; by the pools; by the stays, in any order (no look-up depends on it); what was used last; buffers.
  reckoned(sink, chunks, stats, table, last_host, nameless_host, builder, scratch);

  std::vector<const std::string*> names(hosts.size());
  for (const auto& [name, host] : hosts) names[host.number] = &name;
  v.list_by(1, names.size(), [&](auto&& record) {
    for (const std::string* name : names) record([&] { v(1, *name); });
  });
  v(2, first_host), v(3, has_host), v(4, linger != options.linger_on_one_host), v(5, passes), v(6, stays.size());
  const Micros base = v.base();
  v.list_by(7, stays.size() - free_stays.size(), [&](auto&& record) {
    for (const auto& stay : stays_) {
      if (stay->used) record([&] { fields(v, *stay); });
    }
  });
  v.set_base(base);

  // The order in which places are used again decides the order of what is told at one time.
  std::string numbers;
  ByteWriter write(numbers);
  for (const Index index : free_stays) write.number(index), write.number(stays[index]->recipients.capacity());
  v(8, numbers), v(9, journeys.size());
  numbers.clear();
  for (std::size_t number = 0; number < journeys.size(); ++number) {
    const auto& [of_journey, waiting, used] = journeys[number];
    // By the stays.
    reckoned(waiting);
    if (!used) continue;
    write.number(number), write.number(of_journey.size());
    for (const Index index : of_journey) write.number(index);
  }
  v(10, numbers);
  numbers.clear();
  for (const std::uint32_t number : free_journeys) write.number(number);
  v(11, numbers), v.list(12, leaving), v.list(13, pending.in_order());
}

void StaySet::restore(StateReader& v) {
  v.list_by(1, [&] {
    Text name;
    v(1, name);
    if (!v.charge(1, sizeof(Host) + 64 + name.size())) return;
    const auto number = static_cast<std::uint32_t>(hosts_.size());
    v.check(hosts_.emplace(std::string(name), Host{std::string(name), number}).second, "a host is named twice");
  });
  std::string first_host;
  bool lingers_for_long = false;
  v(2, first_host), v(3, has_host_), v(4, lingers_for_long), v(5, passes_);
  first_host_ = first_host;
  if (lingers_for_long) linger_ = options_.linger;
  restore_stays(v);
  restore_places(v);
  restore_journeys(v);
  v.list(12, leaving_);
  std::vector<PendingLink> pending;
  v.list(13, pending);
  for (const PendingLink& one : pending) pending_.add(one);
}

void StaySet::restore_stays(StateReader& v) {
  std::size_t count = 0;
  v(6, count);
  v.check(count < kNobody, "there are too many stays");
  if (v.ok() && v.charge(count, sizeof(Stay) + sizeof(stays_[0]))) stays_.resize(count);
  const Micros base = v.base();
  std::int64_t attempts = 0;
  TextMover mover(v);
  v.list_by(7, [&] {
    auto made = std::make_unique<Stay>(chunks_);
    Stay& stay = *made;
    fields(v, stay);
    v.check(stay.self < stays_.size() && !stays_[stay.self], "a stay has no place of its own");
    for (const StayRecipient& one : stay.recipients) {
      v.check(one.attempts >= 0 && one.counted_attempts >= 0, "attempts are fewer than none");
      attempts += std::max<std::int64_t>(one.attempts, one.counted_attempts);
    }
    v.check(attempts <= kMostAttempts, "there are too many attempts");
    if (!v.ok()) return;
    stay.used = true;
    stay.hash = hash_bytes(stay.queue_id);
    const Host& host = host_of(stay.host);
    stay.host_number = host.number;
    if (!host.name.empty()) stay.host = host.name;
    if (stay.details) {
      for (auto& one : stay.details->auth_results) share(one.host, stay.host);
      for (auto& one : stay.details->verdicts) share(one.host, stay.host);
    }
    mover.move(stay, stay.pool);
    if (stay.in_table) table_.insert(stay.hash, stay.self);
    if (!stay.gone) ++stats_.open_now;
    stays_[stay.self] = std::move(made);
  });
  v.set_base(base);
}

void StaySet::restore_places(StateReader& v) {
  Text numbers;
  v(8, numbers);
  ByteReader read(numbers);
  while (v.ok() && read.left() != 0) {
    const std::uint64_t index = read.number(), room = read.number();
    if (!read.ok() || index >= stays_.size() || stays_[index] || room > 4) return v.fail("a free place is none");
    Stay& stay = *(stays_[index] = std::make_unique<Stay>(chunks_));
    stay.self = static_cast<Index>(index);
    stay.generation = 1;
    if (v.charge(room, sizeof(StayRecipient))) stay.recipients.reserve(room);
    free_stays_.push_back(stay.self);
  }
  for (const auto& stay : stays_) v.check(stay != nullptr, "a place is neither used nor free");
}

void StaySet::restore_journeys(StateReader& v) {
  std::size_t count = 0, placed = 0;
  Text used, unused;
  v(9, count), v(10, used), v(11, unused);
  v.check(count < kNobody, "there are too many journeys");
  if (v.ok() && v.charge(count, sizeof(JourneyState) + 8)) journeys_.resize(count);
  for (ByteReader read(used); v.ok() && read.left() != 0;) {
    const std::uint64_t number = read.number(), size = read.number();
    if (number >= journeys_.size() || journeys_[number].used || size == 0 || size > read.left()) {
      return v.fail("a journey is none");
    }
    JourneyState& journey = journeys_[number];
    journey.used = true;
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t index = read.number();
      if (index >= stays_.size() || !stays_[index]->used || stays_[index]->journey != 0) {
        return v.fail("a journey has a stay that is not its own");
      }
      // One more, until all have theirs.
      stays_[index]->journey = static_cast<std::uint32_t>(number) + 1;
      if (!stays_[index]->lingered) ++journey.waiting;
      journey.stays.push_back(static_cast<Index>(index));
      ++placed;
    }
    v.check(read.ok(), "a journey is cut");
  }
  for (ByteReader read(unused); v.ok() && read.left() != 0;) {
    const std::uint64_t number = read.number();
    if (!read.ok() || number >= journeys_.size() || journeys_[number].used) return v.fail("a free journey is none");
    free_journeys_.push_back(static_cast<std::uint32_t>(number));
  }
  for (const auto& stay : stays_) {
    if (v.ok() && stay->used) --stay->journey;
  }
  v.check(placed + free_stays_.size() == stays_.size(), "a stay is in no journey");
}

}  // namespace mailtrail::trace
