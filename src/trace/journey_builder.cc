#include "trace/journey_builder.h"

#include <algorithm>
#include <functional>

#include "base/hash.h"
#include "base/text.h"

namespace mailtrail::trace {
namespace {

using model::Outcome;
using model::Status;

bool same_address(Text a, Text b) {
  return equals_ignoring_case(a, b);
}

// Up to so many recipients are compared one by one; beyond, they are found by hash.
constexpr std::size_t kScan = 16;

// So many addresses that led to one recipient are told at most.
constexpr std::size_t kMostOrigins = 1'000;
// After so many stays in a row the first so many addresses are enough: no mail server lets a mail pass so many hops
// (Postfix: hopcount_limit, 50), but a made-up chain of thousands must not cost their square.
constexpr std::uint32_t kMostHops = 100;
constexpr std::size_t kMostOriginsFarOn = 100;

std::uint64_t address_hash(Text address) {
  char lower[320];
  if (address.size() > sizeof lower) return hash_bytes(address);
  for (std::size_t i = 0; i < address.size(); ++i) lower[i] = to_lower(address[i]);
  return hash_bytes({lower, address.size()});
}

void add_once(std::vector<Text>& list, Text text) {
  if (text.empty()) return;
  for (const Text one : list) {
    if (same_address(one, text)) return;
  }
  list.push_back(text);
}

// amavis says in its reply what it did with a mail that it did not hand on (amavisd-new, `final_*_destiny`).
Outcome outcome_of_filter_reply(Text reply) {
  if (reply.find("BOUNCE") != Text::npos) return Outcome::kBounced;
  if (find_ignoring_case(reply, "discarded") != Text::npos) return Outcome::kDiscarded;
  return Outcome::kInTransit;
}

// Where a cut tag hides whether smtp(8) or lmtp(8) made the attempt, an LMTP server says that it stored the mail.
bool may_be_smtp(const StayRecipient& recipient) {
  // Exim names its transports as it likes: `remote_smtp`.
  if (!recipient.mailer.empty()) return recipient.mailer.find("smtp") != Text::npos;
  return recipient.reply.find("Saved") == Text::npos;
}

// Sieve rejects or discards a mail that the attempt calls sent.
Outcome outcome_of_deeds(Deeds deeds) {
  if ((deeds & kDeedStored) != 0) return Outcome::kDelivered;
  if ((deeds & kDeedRejected) != 0) return Outcome::kBounced;
  if ((deeds & kDeedForwarded) != 0) return Outcome::kDelivered;
  return (deeds & kDeedDiscarded) != 0 ? Outcome::kDiscarded : Outcome::kUnknown;
}

Outcome outcome_of_deferred(const Stay& stay) {
  if (stay.expired) return Outcome::kExpired;
  if (stay.deleted) return Outcome::kDeleted;
  if (stay.requeued) return Outcome::kInTransit;
  if (stay.held) return Outcome::kHeld;
  // Gone from the queue without a word on this recipient: the lines that say why are not in the log.
  if (stay.gone) return Outcome::kUnknown;
  return Outcome::kDeferred;
}

Outcome outcome_before_attempts(const Stay& stay, const StayRecipient& recipient) {
  if (recipient.ruled != Outcome::kUnknown) return recipient.ruled;
  if (stay.discarded) return Outcome::kDiscarded;
  if (stay.deleted) return Outcome::kDeleted;
  if (stay.held) return Outcome::kHeld;
  if (stay.requeued) return Outcome::kInTransit;
  return Outcome::kUnknown;
}

// When the outcome was known; nothing while it is not.
std::optional<Micros> decided_of(const Stay& stay, const StayRecipient& recipient, Outcome outcome) {
  switch (outcome) {
    case Outcome::kUnknown:
    case Outcome::kDeferred:
    case Outcome::kInTransit:
      return std::nullopt;
    case Outcome::kExpired:
    case Outcome::kDeleted:
    case Outcome::kHeld:
    case Outcome::kRedirected:
      return stay.settled_at;
    case Outcome::kDiscarded:
      return recipient.status == Status::kNone ? stay.settled_at : recipient.last_attempt;
    default:
      return recipient.last_attempt;
  }
}

}  // namespace

Outcome outcome_of(const Stay& stay, const StayRecipient& recipient) {
  switch (recipient.status) {
    case Status::kSent:
      if (recipient.mailer == "discard") return Outcome::kDiscarded;
      if (const Outcome told = outcome_of_deeds(recipient.deeds); told != Outcome::kUnknown) return told;
      if (recipient.loopback && may_be_smtp(recipient)) return outcome_of_filter_reply(recipient.reply);
      return Outcome::kDelivered;
    case Status::kRelayed:
      return Outcome::kInTransit;
    case Status::kBounced:
      return Outcome::kBounced;
    case Status::kExpired:
      return Outcome::kExpired;
    case Status::kDiscarded:
      return Outcome::kDiscarded;
    case Status::kHeld:
      return Outcome::kHeld;
    case Status::kDeliverable:
      return Outcome::kDeliverable;
    case Status::kUndeliverable:
      return Outcome::kUndeliverable;
    case Status::kDeferred:
      return outcome_of_deferred(stay);
    case Status::kNone:
      return outcome_before_attempts(stay, recipient);
  }
  return Outcome::kUnknown;
}

// `add_once` of what every stay has: where there are many, they are found by hash.
void JourneyBuilder::add_named(std::vector<Text>& list, Text text) {
  if (list.size() <= kScan) return add_once(list, text);
  auto& [names, indexed] = &list == &hosts_ ? host_names_ : id_names_;
  for (; indexed < list.size(); ++indexed) {
    names.emplace(address_hash(list[indexed]), static_cast<std::uint32_t>(indexed));
  }
  const auto [begin, end] = names.equal_range(address_hash(text));
  if (std::none_of(begin, end, [&](const auto& one) { return same_address(list[one.second], text); })) {
    list.push_back(text);
  }
}

void JourneyBuilder::clear() {
  recipients_.clear();
  messages_.clear();
  deliveries_.clear();
  auth_results_.clear();
  verdicts_.clear();
  queue_ids_.clear();
  hosts_.clear();
  origins_.clear();
  joined_.clear();
  told_.clear();
  for (Names* names : {&host_names_, &id_names_}) {
    if (names->indexed != 0) *names = {};
  }
  givers_.clear();
  givers_of_.clear();
  journey_ = {};
}

const model::fact::Journey& JourneyBuilder::build_from(std::span<Stay* const> stays) {
  clear();
  order(stays);
  place_recipients(stays);
  const Stay& first = *ordered_.front();
  journey_.id = first.key;
  journey_.received = first.first_seen;
  journey_.offset_minutes = first.offset_minutes;
  journey_.notification = first.notification;
  journey_.parent_journey = first.link == model::Link::kBounce ? first.parent_journey : 0;
  journey_.parent_queue_id = first.link == model::Link::kBounce ? first.parent_queue_id : Text{};
  journey_.begin_missing = !first.has_begin;
  bool all_probes = true, any_recipient = false;
  for (const Stay* stay : ordered_) {
    if (journey_.message_id.empty()) journey_.message_id = stay->message_id;
    if (journey_.subject.empty()) journey_.subject = stay->subject;
    if (journey_.sender.empty()) journey_.sender = stay->sender.empty() ? stay->hinted_sender : stay->sender;
    if (!journey_.size) journey_.size = stay->size;
    journey_.last_seen = std::max(journey_.last_seen, stay->last_seen);
    journey_.open = journey_.open || !stay->gone;
    journey_.evicted = journey_.evicted || stay->evicted;
    add_named(queue_ids_, stay->queue_id);
    add_named(hosts_, stay->host);
    for (const StayRecipient& one : stay->recipients) {
      any_recipient = any_recipient || !one.hint;
      all_probes =
          all_probes && (one.status == Status::kDeliverable || one.status == Status::kUndeliverable || one.hint);
    }
  }
  journey_.probe = any_recipient && all_probes && ordered_.front()->queued;
  for (Place& place : places_) {
    if (place.next == nullptr) add_recipient(place);
  }
  for (const Stay* stay : ordered_) {
    if (stay->redirected) add_redirected(*stay);
    add_message(*stay);
    if (stay->details) add_details(*stay);
  }
  for (model::fact::Recipient& one : recipients_) one.internal = journey_.notification || journey_.probe;
  settle_deliveries();
  journey_.messages = messages_;
  journey_.recipients = recipients_;
  journey_.deliveries = deliveries_;
  journey_.auth_results = auth_results_;
  journey_.verdicts = verdicts_;
  journey_.queue_ids = queue_ids_;
  journey_.hosts = hosts_;
  return journey_;
}

// How many parents each stay has above it in this journey, by the place in `stays`; as many as there are stays where
// they go round in a circle.
void JourneyBuilder::find_depths(std::span<Stay* const> stays) {
  const auto count = static_cast<std::uint32_t>(stays.size());
  by_key_.clear();
  for (std::uint32_t i = 0; i < count; ++i) by_key_.emplace_back(stays[i]->key, i);
  std::sort(by_key_.begin(), by_key_.end());
  const auto parent_of = [&](std::uint32_t child) {
    const Stay& stay = *stays[child];
    if (stay.parent_key == 0 || stay.link == model::Link::kBounce) return kNone;
    auto at = std::lower_bound(by_key_.begin(), by_key_.end(), std::pair(stay.parent_key, std::uint32_t{0}));
    if (at != by_key_.end() && at->second == child) ++at;
    return at != by_key_.end() && at->first == stay.parent_key ? at->second : kNone;
  };
  constexpr std::uint32_t kUnderWay = kNone - 1;
  depths_.assign(count, kNone);
  for (std::uint32_t i = 0; i < count; ++i) {
    path_.clear();
    std::uint32_t at = i;
    while (at != kNone && depths_[at] == kNone) {
      depths_[at] = kUnderWay;
      path_.push_back(at);
      at = parent_of(at);
    }
    const bool circle = at != kNone && (depths_[at] == kUnderWay || depths_[at] == count);
    std::uint32_t depth = at == kNone ? 0 : depths_[at] + 1;
    for (auto one = path_.rbegin(); one != path_.rend(); ++one) depths_[*one] = circle ? count : depth++;
  }
}

// Parents before children, else by the first line; clocks of two hosts may disagree on the latter.
void JourneyBuilder::order(std::span<Stay* const> stays) {
  ordered_.assign(stays.begin(), stays.end());
  if (stays.size() == 1) return;
  find_depths(stays);
  ranks_.resize(stays.size());
  for (std::uint32_t i = 0; i < ranks_.size(); ++i) ranks_[i] = i;
  std::sort(ranks_.begin(), ranks_.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (depths_[a] != depths_[b]) return depths_[a] < depths_[b];
    if (stays[a]->first_seen != stays[b]->first_seen) return stays[a]->first_seen < stays[b]->first_seen;
    return stays[a]->key < stays[b]->key;
  });
  for (std::size_t i = 0; i < ranks_.size(); ++i) ordered_[i] = stays[ranks_[i]];
}

// Where the recipients of each stay begin in `next_`.
void JourneyBuilder::find_members(std::span<Stay* const> stays) {
  members_.clear();
  std::size_t begin = 0;
  for (const Stay* stay : stays) {
    members_.emplace_back(stay, begin);
    begin += stay->recipients.size();
  }
  std::sort(members_.begin(), members_.end(),
            [](const auto& a, const auto& b) { return std::less<>()(a.first, b.first); });
}

const std::pair<const Stay*, std::size_t>* JourneyBuilder::member(const Stay* stay) const {
  const auto at = std::lower_bound(members_.begin(), members_.end(), stay, [](const auto& one, const Stay* wanted) {
    return std::less<>()(one.first, wanted);
  });
  return at != members_.end() && at->first == stay ? &*at : nullptr;
}

void JourneyBuilder::place_recipients(std::span<Stay* const> stays) {
  std::size_t count = 0;
  for (const Stay* stay : stays) count += stay->recipients.size();
  places_.resize(count);
  find_members(stays);
  // `next_` is in the order of `stays`, the places in that of `ordered_`.
  std::size_t at = 0;
  for (const Stay* ordered : ordered_) {
    const std::size_t number = member(ordered)->second;
    const bool attempted = std::any_of(ordered->recipients.begin(), ordered->recipients.end(),
                                       [](const StayRecipient& one) { return !one.hint; });
    for (std::size_t i = 0; i < ordered->recipients.size(); ++i) {
      const StayRecipient& recipient = ordered->recipients[i];
      // A recipient that is only known from a header line is not told once the attempts name the real ones.
      if (recipient.hint && (attempted || recipient.ruled == Outcome::kRedirected)) continue;
      Place& place = places_[at++];
      place.stay = ordered;
      place.recipient = &recipient;
      place.next = next_[number + i];
      place.origins.clear();
      place.attempts_before = 0;
      place.hops = 0;
      place.passed_on = false;
      if (place.next != nullptr && member(place.next) == nullptr) place.next = nullptr;
      // Only those before it can have handed it on, and they are complete.
      if (stays.size() > 1) inherit(place);
      add_once(place.origins, recipient.orig);
      std::erase_if(place.origins, [&](Text one) { return same_address(one, recipient.address); });
      if (place.next != nullptr && count > kScan) note_giver(place);
    }
  }
  places_.resize(at);
}

void JourneyBuilder::note_giver(const Place& place) {
  const auto index = static_cast<std::uint32_t>(&place - places_.data());
  givers_.emplace(mix_hash(address_hash(place.recipient->address), place.next->key), index);
  givers_of_[place.next].push_back(index);
}

// Takes over what led to the places before that were handed on to this one's stay and are `wanted`; `address` is theirs
// where that is known. False: there is none.
template <class Wanted>
bool JourneyBuilder::inherit_from(Place& place, std::optional<Text> address, Wanted&& wanted) {
  bool found = false;
  const auto look_at = [&](Place& giver) {
    if (giver.stay == place.stay || giver.next != place.stay || !wanted(giver)) return;
    found = true;
    const std::size_t most = giver.hops < kMostHops ? kMostOrigins : kMostOriginsFarOn;
    place.hops = std::max(place.hops, giver.hops + 1);
    for (const Text origin : giver.origins) {
      if (place.origins.size() < most) add_once(place.origins, origin);
    }
    if (place.origins.size() < most) add_once(place.origins, giver.recipient->address);
    if (!giver.passed_on && same_address(giver.recipient->address, place.recipient->address)) {
      giver.passed_on = true;
      place.attempts_before += giver.attempts_before + giver.recipient->counted_attempts;
    }
  };
  if (places_.size() <= kScan) {
    for (Place* giver = places_.data(); giver != &place; ++giver) look_at(*giver);
  } else if (address) {
    const auto [begin, end] = givers_.equal_range(mix_hash(address_hash(*address), place.stay->key));
    same_hash_.clear();
    for (auto at = begin; at != end; ++at) same_hash_.push_back(at->second);
    std::sort(same_hash_.begin(), same_hash_.end());
    for (const std::uint32_t giver : same_hash_) look_at(places_[giver]);
  } else if (const auto givers = givers_of_.find(place.stay);
             givers != givers_of_.end() && givers->second.size() <= kScan) {
    for (const std::uint32_t giver : givers->second) look_at(places_[giver]);
  }
  return found;
}

// Takes over the addresses that led to this recipient in the stays before: those of the same address, else of the
// original recipient; else, where a filter put another address, of all that it was given, unless they are many.
void JourneyBuilder::inherit(Place& place) {
  const auto is = [](Text address) {
    return [address](const Place& giver) { return same_address(giver.recipient->address, address); };
  };
  const Text address = place.recipient->address, orig = place.recipient->orig;
  if (inherit_from(place, address, is(address))) return;
  if (!orig.empty() && inherit_from(place, orig, is(orig))) return;
  inherit_from(place, std::nullopt, [](const Place&) { return true; });
}

void JourneyBuilder::add_recipient(const Place& place) {
  const StayRecipient& from = *place.recipient;
  const Outcome outcome = outcome_of(*place.stay, from);
  model::fact::Recipient fact;
  fact.recipient = from.address;
  fact.orig_recipients = place.origins;
  fact.outcome = outcome;
  fact.status = from.status;
  fact.dsn = from.dsn;
  fact.smtp_code = from.smtp_code;
  fact.reply = from.reply;
  fact.relay_host = from.relay_host;
  fact.mailer = from.mailer;
  fact.attempts = place.attempts_before + from.attempts;
  fact.last_attempt = from.last_attempt;
  fact.message_key = place.stay->key;
  if (from.status == Status::kSent && outcome == Outcome::kBounced && from.deeds != 0) {
    // `250 ... Saved` is not why it came back.
    fact.reply = fact.dsn = {};
    fact.smtp_code.reset();
  }
  fact.decided = decided_of(*place.stay, from, outcome);
  // One address that was reached by two ways with one result is one recipient.
  if (model::fact::Recipient* told = find_told(from.address, outcome)) {
    std::uint32_t& number = joined_[static_cast<std::size_t>(told - recipients_.data())];
    if (number == kNone) {
      number = static_cast<std::uint32_t>(origins_.size());
      origins_.emplace_back(told->orig_recipients.begin(), told->orig_recipients.end());
    }
    std::vector<Text>& joined = origins_[number];
    for (const Text origin : place.origins) {
      if (joined.size() < kMostOrigins) add_once(joined, origin);
    }
    fact.attempts += told->attempts;
    if (fact.last_attempt >= told->last_attempt) *told = fact;
    told->attempts = fact.attempts;
    told->orig_recipients = joined;
    return;
  }
  if (places_.size() > kScan) {
    told_.emplace(address_hash(from.address), static_cast<std::uint32_t>(recipients_.size()));
  }
  recipients_.push_back(fact);
  joined_.push_back(kNone);
}

model::fact::Recipient* JourneyBuilder::find_told(Text address, Outcome outcome) {
  if (places_.size() <= kScan) {
    for (model::fact::Recipient& told : recipients_) {
      if (told.outcome == outcome && same_address(told.recipient, address)) return &told;
    }
    return nullptr;
  }
  const auto [begin, end] = told_.equal_range(address_hash(address));
  for (auto at = begin; at != end; ++at) {
    model::fact::Recipient& told = recipients_[at->second];
    if (told.outcome == outcome && same_address(told.recipient, address)) return &told;
  }
  return nullptr;
}

void JourneyBuilder::add_redirected(const Stay& stay) {
  for (const StayRecipient& one : stay.recipients) {
    if (one.ruled != Outcome::kRedirected || one.address.empty()) continue;
    model::fact::Recipient fact;
    fact.recipient = one.address;
    fact.outcome = Outcome::kRedirected;
    fact.decided = stay.settled_at != 0 ? stay.settled_at : stay.first_seen;
    fact.message_key = stay.key;
    recipients_.push_back(fact);
  }
}

void JourneyBuilder::add_message(const Stay& stay) {
  model::fact::Message fact;
  fact.message_key = stay.key;
  fact.journey = journey_.id;
  fact.host = stay.host;
  fact.instance = stay.instance;
  fact.queue_id = stay.queue_id;
  fact.first_seen = stay.first_seen;
  fact.last_seen = stay.last_seen;
  if (stay.has_begin) fact.received = stay.begun;
  if (stay.gone && !stay.end_missing) fact.removed = stay.removed;
  fact.offset_minutes = stay.offset_minutes;
  fact.begin_missing = !stay.has_begin;
  fact.sender_hinted = stay.sender.empty() && !stay.hinted_sender.empty();
  fact.sender = fact.sender_hinted ? stay.hinted_sender : stay.sender;
  fact.message_id = stay.message_id;
  fact.subject = stay.subject;
  fact.size = stay.size;
  fact.nrcpt = stay.nrcpt;
  fact.client_name = stay.client_name;
  fact.client_ip = stay.client_ip;
  fact.helo = stay.helo;
  fact.protocol = stay.protocol;
  fact.sasl_method = stay.sasl_method;
  fact.sasl_user = stay.sasl_user;
  fact.user = stay.user;
  fact.tls_version = stay.tls_version;
  fact.tls_cipher = stay.tls_cipher;
  fact.tls_bits = stay.tls_bits;
  fact.spf = stay.spf;
  fact.dkim = stay.dkim;
  fact.dmarc = stay.dmarc;
  fact.spam_score = stay.spam_score;
  fact.spam_action = stay.spam_action;
  fact.parent = stay.parent_key;
  fact.parent_queue_id = stay.parent_queue_id;
  fact.link = stay.link;
  fact.link_confidence = stay.link_confidence;
  fact.link_evidence = stay.link_evidence;
  // Of its own recipients, where they agree.
  bool first = true;
  for (const StayRecipient& one : stay.recipients) {
    if (one.hint && one.ruled == Outcome::kUnknown && stay.queued) continue;
    const Outcome outcome = one.handed_on ? Outcome::kInTransit : outcome_of(stay, one);
    if (first) {
      fact.outcome = outcome;
    } else if (fact.outcome != outcome) {
      fact.outcomes_differ = true;
    }
    first = false;
  }
  if (fact.outcomes_differ) fact.outcome = Outcome::kUnknown;
  if (stay.details) {
    fact.lines = stay.details->lines;
    fact.steps = stay.details->steps;
  }
  messages_.push_back(fact);
}

void JourneyBuilder::add_details(const Stay& stay) {
  for (const StayAttempt& attempt : stay.details->attempts) {
    model::fact::Delivery fact;
    fact.message_key = stay.key;
    fact.journey = journey_.id;
    fact.attempt = attempt.number;
    fact.time = attempt.time;
    fact.offset_minutes = attempt.offset_minutes;
    fact.time_notes = attempt.time_notes;
    fact.host = stay.host;
    fact.program = attempt.program;
    fact.instance = attempt.instance;
    fact.queue_id = stay.queue_id;
    fact.event = attempt.event;
    fact.sender = stay.sender;
    fact.message_id = stay.message_id;
    fact.client_name = stay.client_name;
    fact.client_ip = stay.client_ip;
    fact.sasl_user = stay.sasl_user;
    fact.subject = stay.subject;
    fact.size = stay.size;
    fact.at = attempt.at;
    deliveries_.push_back(fact);
  }
  auth_results_.insert(auth_results_.end(), stay.details->auth_results.begin(), stay.details->auth_results.end());
  verdicts_.insert(verdicts_.end(), stay.details->verdicts.begin(), stay.details->verdicts.end());
}

// Each attempt is told with what became of its recipient in the end: where the recipient was handed on, with the
// outcome of those that came of it, when they agree.
void JourneyBuilder::settle_deliveries() {
  if (deliveries_.empty()) return;
  std::stable_sort(deliveries_.begin(), deliveries_.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  std::unordered_multimap<std::uint64_t, Outcome> outcomes, by_origin;
  for (const model::fact::Recipient& one : recipients_) {
    if (one.outcome == Outcome::kRedirected) continue;
    outcomes.emplace(address_hash(one.recipient), one.outcome);
    for (const Text origin : one.orig_recipients) by_origin.emplace(address_hash(origin), one.outcome);
  }
  for (model::fact::Delivery& delivery : deliveries_) {
    const std::uint64_t hash = address_hash(delivery.event.recipient);
    const auto& from = outcomes.contains(hash) ? outcomes : by_origin;
    const auto [begin, end] = from.equal_range(hash);
    for (auto at = begin; at != end; ++at) {
      delivery.outcome = at != begin && delivery.outcome != at->second ? Outcome::kUnknown : at->second;
      if (delivery.outcome == Outcome::kUnknown) break;
    }
  }
}

}  // namespace mailtrail::trace
