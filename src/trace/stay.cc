#include "trace/stay.h"

#include <algorithm>

#include "base/hash.h"

namespace mailtrail::trace {

void Stay::reset() {
  pool.clear();
  ++generation;
  host_number = 0;
  hash = key = parent_key = parent_journey = 0;
  journey = 0;
  host = queue_id = instance = {};
  first_seen = last_seen = begun = removed = settled_at = 0;
  offset_minutes = 0;
  used = has_begin = has_receive = awaits_link = queued = gone = lingered = in_table = refused = expired = held =
      deleted = requeued = false;
  discarded = redirected = evicted = notification = end_missing = false;
  sender = message_id = subject = client_name = client_ip = helo = protocol = sasl_method = sasl_user = user = {};
  tls_version = tls_cipher = spf = dkim = dmarc = spam_action = hinted_sender = refusal = parent_queue_id = {};
  size.reset();
  nrcpt.reset();
  tls_bits.reset();
  spam_score.reset();
  parent = {};
  link = model::Link::kNone;
  link_confidence = 0;
  link_evidence = "";
  if (recipients.capacity() > 4) {
    std::vector<StayRecipient>().swap(recipients);
  } else {
    recipients.clear();
  }
  recipient_index.reset();
  details.reset();
}

void Stay::set_queue_id(Text id) {
  if (id.size() > sizeof id_bytes) {
    queue_id = pool.add(id);
    return;
  }
  std::copy(id.begin(), id.end(), id_bytes);
  queue_id = {id_bytes, id.size()};
}

StayRecipient& Stay::recipient(Text address, Text orig) {
  constexpr std::size_t kScan = 24;
  constexpr std::size_t kIndexEntry = 64;  // bytes of a node and its share of the buckets
  const auto same = [&](const StayRecipient& one) { return one.address == address && one.orig == orig && !one.hint; };
  if (recipients.size() <= kScan) {
    for (StayRecipient& one : recipients) {
      if (same(one)) return one;
    }
  } else {
    if (!recipient_index) {
      recipient_index = std::make_unique<std::unordered_map<std::uint64_t, std::uint32_t>>();
      for (std::uint32_t i = 0; i < recipients.size(); ++i) {
        const StayRecipient& one = recipients[i];
        if (!one.hint) recipient_index->emplace(hash_bytes(one.orig, hash_bytes(one.address)), i);
      }
      pool.count(recipients.size() * kIndexEntry);
    }
    const auto found = recipient_index->find(hash_bytes(orig, hash_bytes(address)));
    if (found != recipient_index->end() && same(recipients[found->second])) return recipients[found->second];
  }
  StayRecipient& one = append(recipients, pool);
  one.address = pool.add(address);
  one.orig = pool.add(orig);
  if (recipient_index) {
    pool.count(kIndexEntry);
    (*recipient_index)[hash_bytes(orig, hash_bytes(address))] = static_cast<std::uint32_t>(recipients.size() - 1);
  }
  return one;
}

void HashIndex::insert(std::uint64_t hash, Index stay) {
  if ((used_ + 1) * 2 > slots_.size()) {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.stay != kNobody) place(slot);
    }
  }
  place({stay, static_cast<std::uint32_t>(hash >> 32), static_cast<std::uint32_t>(hash)});
  ++used_;
}

void HashIndex::place(Slot slot) {
  std::size_t at = slot.home & mask();
  while (slots_[at].stay != kNobody) at = (at + 1) & mask();
  slots_[at] = slot;
}

void HashIndex::erase(std::uint64_t hash, Index stay) {
  std::size_t at = hash & mask();
  while (slots_[at].stay != stay) {
    if (slots_[at].stay == kNobody) return;
    at = (at + 1) & mask();
  }
  // Close the gap: whoever stands behind and would rather be here moves up.
  for (std::size_t next = (at + 1) & mask(); slots_[next].stay != kNobody; next = (next + 1) & mask()) {
    const std::size_t home = slots_[next].home & mask();
    if (((next - home) & mask()) >= ((next - at) & mask())) {
      slots_[at] = slots_[next];
      at = next;
    }
  }
  slots_[at] = Slot{};
  --used_;
}

}  // namespace mailtrail::trace
