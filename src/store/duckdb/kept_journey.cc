#include "store/duckdb/kept_journey.h"

#include <array>

namespace mailtrail::store::duckdb {
namespace {

namespace fact = model::fact;

// A journey with more parts than these is indexed: searching its parts one by one would take the square of their
// number.
constexpr std::size_t kFewParts = 16;

// Shorter texts are not worth a mark, and stand in a reply by chance.
constexpr std::size_t kLeastMarked = 4;

// What a reply may repeat, in the order of KeptWith<Delivery>::Same from kRemoteQueueId on.
std::array<model::Text, 4> repeated_in_reply(const model::event::Delivery& event) {
  return {event.remote_queue_id, event.recipient, event.relay_host, event.relay_ip};
}
constexpr char mark_of(std::size_t index) {
  return static_cast<char>(kFirstReplyMark + static_cast<char>(index));
}
constexpr std::uint16_t bit_of(std::size_t index) {
  return static_cast<std::uint16_t>(KeptWith<fact::Delivery>::kRemoteQueueId << index);
}

bool holds_mark(std::string_view reply) {
  for (const char c : reply) {
    if (c >= mark_of(0) && c <= mark_of(3)) return true;
  }
  return false;
}

// Whether all that a recipient takes from its deciding delivery is in this one.
bool says_all(const fact::Delivery& delivery, const fact::Recipient& one) {
  const model::event::Delivery& event = delivery.event;
  return event.recipient == one.recipient && delivery.outcome == one.outcome && event.status == one.status &&
         event.dsn == one.dsn && event.smtp_code == one.smtp_code && event.reply == one.reply &&
         delivery.reason == one.reason && delivery.actor == one.actor && event.relay_host == one.relay_host &&
         event.mailer == one.mailer && delivery.action == one.action && delivery.provider == one.provider &&
         delivery.time == one.last_attempt && delivery.message_key == one.message_key;
}

}  // namespace

void JourneyPacker::begin(const fact::Journey& journey) {
  journey_ = &journey;
  messages_ = deliveries_ = 0;
  stays_.clear();
  last_delivery_.clear();
  indexed_ = journey.messages.size() > kFewParts || journey.deliveries.size() > kFewParts;
  if (!indexed_) return;
  for (std::size_t i = 0; i < journey.messages.size(); ++i) {
    stays_.emplace(journey.messages[i].message_key, static_cast<std::uint32_t>(i + 1));
  }
  for (std::size_t i = 0; i < journey.deliveries.size(); ++i) {
    last_delivery_[journey.deliveries[i].event.recipient] = static_cast<std::uint32_t>(i + 1);
  }
}

std::uint32_t JourneyPacker::stay_of(std::uint64_t message_key) {
  if (indexed_) {
    const auto found = stays_.find(message_key);
    return found == stays_.end() ? 0 : found->second;
  }
  for (std::size_t i = 0; i < journey_->messages.size(); ++i) {
    if (journey_->messages[i].message_key == message_key) return static_cast<std::uint32_t>(i + 1);
  }
  return 0;
}

std::uint32_t JourneyPacker::last_delivery_to(std::string_view recipient) {
  if (indexed_) {
    const auto found = last_delivery_.find(recipient);
    return found == last_delivery_.end() ? 0 : found->second;
  }
  for (std::size_t i = journey_->deliveries.size(); i > 0; --i) {
    if (journey_->deliveries[i - 1].event.recipient == recipient) return static_cast<std::uint32_t>(i);
  }
  return 0;
}

const JourneyPacker::Packed<fact::Message>& JourneyPacker::pack(const fact::Message& message) {
  using P = KeptWith<fact::Message>;
  KeptWith<fact::Message>& place = message_.first;
  fact::Message& kept = message_.second;
  kept = message;
  place.stay = ++messages_;
  place.same = 0;
  const auto leave_out = [&](std::uint16_t bit, auto& member, const auto& other) {
    if (member != other) return;
    place.same |= bit;
    member = {};
  };
  // `received` and `removed` go by the message's own times: before these are blank.
  leave_out(P::kReceived, kept.received, std::optional(message.first_seen));
  leave_out(P::kRemoved, kept.removed, std::optional(message.last_seen));
  leave_out(P::kKey, kept.message_key, journey_->id);
  leave_out(P::kMessageId, kept.message_id, journey_->message_id);
  leave_out(P::kSender, kept.sender, journey_->sender);
  leave_out(P::kSubject, kept.subject, journey_->subject);
  leave_out(P::kSize, kept.size, journey_->size);
  leave_out(P::kFirstSeen, kept.first_seen, journey_->received);
  leave_out(P::kLastSeen, kept.last_seen, journey_->last_seen);
  return message_;
}

const JourneyPacker::Packed<fact::Delivery>& JourneyPacker::pack(const fact::Delivery& delivery) {
  auto& [place, kept] = delivery_;
  kept = delivery;
  place.place = ++deliveries_;
  place.stay = stay_of(delivery.message_key);
  place.same = 0;
  if (place.stay != 0) kept.message_key = 0;
  if (kept.time == journey_->last_seen) {
    place.same |= KeptWith<fact::Delivery>::kTime;
    kept.time = 0;
  }
  if (!kept.event.reply.empty() && !holds_mark(kept.event.reply)) pack_reply(place, kept.event);
  return delivery_;
}

void JourneyPacker::pack_reply(KeptWith<fact::Delivery>& place, model::event::Delivery& event) {
  const std::array<model::Text, 4> texts = repeated_in_reply(event);
  bool copied = false;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].size() < kLeastMarked) continue;
    const std::size_t at = event.reply.find(texts[i]);
    if (at == std::string_view::npos || holds_mark(texts[i])) continue;
    if (!copied) reply_ = event.reply;
    copied = true;
    reply_.replace(at, texts[i].size(), 1, mark_of(i));
    event.reply = reply_;
    place.same |= bit_of(i);
  }
}

const JourneyPacker::Packed<fact::Recipient>& JourneyPacker::pack(const fact::Recipient& recipient) {
  auto& [place, kept] = recipient_;
  place = {};
  place.decided_by = last_delivery_to(recipient.recipient);
  if (place.decided_by == 0 || !says_all(journey_->deliveries[place.decided_by - 1], recipient)) {
    place.decided_by = 0;
    kept = recipient;
    return recipient_;
  }
  kept = {};
  kept.orig_recipients = recipient.orig_recipients;
  kept.attempts = recipient.attempts;
  kept.internal = recipient.internal;
  if (recipient.decided == std::optional(recipient.last_attempt)) {
    place.same = KeptWith<fact::Recipient>::kDecided;
  } else {
    kept.decided = recipient.decided;
  }
  return recipient_;
}

void unpack(const fact::Journey& journey, std::span<const KeptWith<fact::Message>> places,
            std::span<fact::Message> messages) {
  using P = KeptWith<fact::Message>;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    fact::Message& message = messages[i];
    const std::uint16_t same = places[i].same;
    if (same & P::kKey) message.message_key = journey.id;
    if (same & P::kMessageId) message.message_id = journey.message_id;
    if (same & P::kSender) message.sender = journey.sender;
    if (same & P::kSubject) message.subject = journey.subject;
    if (same & P::kSize) message.size = journey.size;
    if (same & P::kFirstSeen) message.first_seen = journey.received;
    if (same & P::kLastSeen) message.last_seen = journey.last_seen;
    if (same & P::kReceived) message.received = message.first_seen;
    if (same & P::kRemoved) message.removed = message.last_seen;
  }
}

void unpack(const fact::Journey& journey, std::span<const fact::Message> messages,
            std::span<const KeptWith<fact::Delivery>> places, std::span<fact::Delivery> deliveries, Arena& arena) {
  for (std::size_t i = 0; i < deliveries.size(); ++i) {
    fact::Delivery& delivery = deliveries[i];
    const KeptWith<fact::Delivery>& place = places[i];
    if (place.stay != 0 && place.stay <= messages.size()) delivery.message_key = messages[place.stay - 1].message_key;
    if (place.same & KeptWith<fact::Delivery>::kTime) delivery.time = journey.last_seen;
    if ((place.same & ~KeptWith<fact::Delivery>::kTime) == 0) continue;
    const std::array<model::Text, 4> texts = repeated_in_reply(delivery.event);
    std::size_t size = delivery.event.reply.size();
    for (const model::Text text : texts) size += text.size();
    char* const reply = static_cast<char*>(arena.allocate(size, 1));
    char* end = reply;
    std::uint16_t left = place.same;
    for (const char c : delivery.event.reply) {
      const std::size_t index = static_cast<std::size_t>(c - kFirstReplyMark);
      if (index >= texts.size() || (left & bit_of(index)) == 0) {
        *end++ = c;
        continue;
      }
      left = static_cast<std::uint16_t>(left & ~bit_of(index));
      end = std::copy(texts[index].begin(), texts[index].end(), end);
    }
    delivery.event.reply = {reply, static_cast<std::size_t>(end - reply)};
  }
}

void unpack(std::span<const fact::Delivery> deliveries, std::span<const KeptWith<fact::Recipient>> places,
            std::span<fact::Recipient> recipients) {
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    fact::Recipient& one = recipients[i];
    const KeptWith<fact::Recipient>& place = places[i];
    if (place.decided_by == 0 || place.decided_by > deliveries.size()) continue;
    const fact::Delivery& delivery = deliveries[place.decided_by - 1];
    const model::event::Delivery& event = delivery.event;
    one.recipient = event.recipient;
    one.outcome = delivery.outcome;
    one.status = event.status;
    one.dsn = event.dsn;
    one.smtp_code = event.smtp_code;
    one.reply = event.reply;
    one.reason = delivery.reason;
    one.actor = delivery.actor;
    one.relay_host = event.relay_host;
    one.mailer = event.mailer;
    one.action = delivery.action;
    one.provider = delivery.provider;
    one.last_attempt = delivery.time;
    one.message_key = delivery.message_key;
    if (place.same & KeptWith<fact::Recipient>::kDecided) one.decided = delivery.time;
  }
}

}  // namespace mailtrail::store::duckdb
