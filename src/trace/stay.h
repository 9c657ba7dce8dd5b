// Stay: one message in one queue, while it is under way; and the table that finds it by the hash of its queue id.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "model/event.h"
#include "model/fact.h"
#include "trace/text_pool.h"

namespace mailtrail::trace {

using model::Text;

// Index into the stays, or kNobody. A slot is used again; `StayRef` tells whether it is still the same stay.
using Index = std::uint32_t;
inline constexpr Index kNobody = UINT32_MAX;

struct StayRef {
  Index index = kNobody;
  std::uint32_t generation = 0;
};

// What a mail store said that it did with a message for a recipient: bits.
using Deeds = std::uint8_t;
inline constexpr Deeds kDeedStored = 1, kDeedForwarded = 2, kDeedDiscarded = 4, kDeedRejected = 8;

// One recipient of a stay, under one original recipient.
struct StayRecipient {
  Text address, orig;
  Text dsn, reply, relay_host, mailer;
  std::optional<std::int32_t> smtp_code;
  model::Status status = model::Status::kNone;
  model::Outcome ruled = model::Outcome::kUnknown;  // what a rule made of it before any attempt
  bool hint = false;                                // known from a header or an access line alone, not from an attempt
  bool loopback = false;                            // its last relay is an SMTP server on this host
  bool handed_on = false;                           // `next` took it over
  Deeds deeds = 0;
  StayRef next;
  std::int32_t attempts = 0;
  std::int32_t counted_attempts = 0;  // without the one that handed it on
  Micros last_attempt = 0;
};

// An attempt, kept where details are wanted. Its texts are in the stay's pool.
struct StayAttempt {
  model::event::Delivery event;
  Text program, instance;
  Micros time = 0;
  std::int16_t offset_minutes = 0;
  std::uint8_t time_notes = 0;
  std::int32_t number = 0;
  model::LineRef at;
};

// What only exists where details are wanted.
struct StayDetails {
  std::vector<StayAttempt> attempts;
  std::vector<model::fact::Step> steps;
  std::vector<model::fact::AuthResult> auth_results;
  std::vector<model::fact::Verdict> verdicts;
  std::vector<model::LineRef> lines;
};

struct Stay {
  explicit Stay(ChunkStore& store) : pool(store) {}

  // What a look-up by queue id touches stands first.
  std::uint64_t hash = 0;  // of the queue id
  std::uint32_t host_number = 0;
  Index self = kNobody;  // its own index
  std::uint32_t generation = 0;
  std::uint32_t journey = 0;
  std::int16_t offset_minutes = 0;
  bool used = false;
  bool has_begin = false;    // its beginning is in the log
  bool has_receive = false;  // the line that says from whom it came was read
  bool awaits_link = false;  // somebody said "queued as" this id before it was seen
  bool queued = false;       // the queue manager had it, or an attempt was made
  bool gone = false;         // its end is in the log
  bool lingered = false;     // gone, and nothing more is waited for
  bool end_missing = false;  // gone only because its id came again
  bool in_table = false;
  bool refused = false;  // refused after DATA: never a message
  bool expired = false, held = false, deleted = false, requeued = false, discarded = false;
  bool redirected = false;
  bool evicted = false;
  bool notification = false;
  Text queue_id;
  char id_bytes[24] = {};  // where `queue_id` stands, unless it is longer
  std::vector<StayRecipient> recipients;
  std::uint64_t key = 0;  // message_key
  Micros first_seen = 0, last_seen = 0, begun = 0, removed = 0, settled_at = 0;
  TextPool pool;
  Text host, instance;
  Text sender, message_id, subject, client_name, client_ip, helo, protocol, sasl_method, sasl_user, user;
  Text tls_version, tls_cipher, spf, dkim, dmarc, spam_action, hinted_sender, refusal;
  std::optional<std::int64_t> size;
  std::optional<std::int32_t> nrcpt, tls_bits;
  std::optional<double> spam_score;
  StayRef parent;
  std::uint64_t parent_key = 0, parent_journey = 0;
  Text parent_queue_id;
  model::Link link = model::Link::kNone;
  double link_confidence = 0;
  const char* link_evidence = "";
  // By hash of address and original recipient, once there are many.
  std::unique_ptr<std::unordered_map<std::uint64_t, std::uint32_t>> recipient_index;
  std::unique_ptr<StayDetails> details;

  void reset();
  void set_queue_id(Text id);
  // The recipient under this original recipient; made where it is new.
  StayRecipient& recipient(Text address, Text orig);
};

// From a 64-bit hash to indexes of things kept elsewhere. Several may share a hash: candidates come one after another.
class HashIndex {
 public:
  HashIndex() : slots_(1u << 12) {}

  void insert(std::uint64_t hash, Index stay);
  void erase(std::uint64_t hash, Index stay);

  // Brings near the place where `find` begins. (GCC takes a function that only fetches for one that does nothing, and
  // leaves out its calls, but not its body: such functions are always inlined.)
  [[gnu::always_inline]] void fetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask()]); }

  // Calls f(index) for each stay with this hash until f says true; gives that index, or kNobody.
  template <class F>
  Index find(std::uint64_t hash, F&& f) const {
    const std::uint32_t tag = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash & mask(); slots_[at].stay != kNobody; at = (at + 1) & mask()) {
      if (slots_[at].tag == tag && f(slots_[at].stay)) return slots_[at].stay;
    }
    return kNobody;
  }

 private:
  struct Slot {
    Index stay = kNobody;
    std::uint32_t tag = 0;
    std::uint32_t home = 0;  // low bits of the hash
  };
  std::size_t mask() const { return slots_.size() - 1; }
  void place(Slot slot);

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace mailtrail::trace
