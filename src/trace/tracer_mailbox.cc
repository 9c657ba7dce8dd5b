// What a mail store says of a message that it was given, as steps of the stay that it came from.
//
// Dovecot's lines name no queue id. An LMTP reply `250 2.0.0 <bob@example.net> SESSION Saved` names the session that
// they carry: that is sure. Where the reply names none (a refusal, the delivery agent run by pipe(8) or local(8)), a
// line belongs to the attempt on the same host of the message with the same Message-ID, to the same user, that was
// under way at its time; where two attempts fit, to none. Either line may be logged first.
#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "trace/tracer_impl.h"

namespace mailtrail::trace {

using model::Event;
using model::Text;
namespace event = model::event;

namespace {

// Clocks of whole seconds, and lines that come through other processes.
constexpr Micros kSlack = 2 * kSecond;
// How long an attempt may have been under way where its line does not say.
constexpr double kUnstatedSeconds = 10;
constexpr double kMostSeconds = 3600;

// Longer users and texts are cut.
constexpr std::size_t kMostUser = 320;
constexpr std::size_t kMostText = 1000;

std::uint64_t hash_of(Text text) {
  return text.empty() ? 0 : std::max<std::uint64_t>(hash_bytes(text), 1);
}

// Without angle brackets. Dovecot writes `unspecified` where the message has none.
std::uint64_t message_id_hash(Text id) {
  if (id.starts_with('<') && id.ends_with('>') && id.size() >= 2) id = id.substr(1, id.size() - 2);
  return id == "unspecified" ? 0 : hash_of(id);
}

// `SESSION` in `250 2.0.0 <bob@example.net> SESSION Saved`.
Text session_in(Text reply) {
  constexpr Text kSaved = " Saved";
  if (!reply.ends_with(kSaved)) return {};
  reply.remove_suffix(kSaved.size());
  const std::size_t space = reply.rfind(' ');
  if (space == Text::npos || !reply.starts_with('2')) return {};
  const Text word = reply.substr(space + 1);
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return is_alnum(c) || c == '+' || c == '/' || c == ':' || c == '=' || c == '-' || c == '_';
  });
  return plain && word.size() >= 8 ? word : Text{};
}

// `bob@example.net`, or `bob` alone, is the mailbox of bob@example.net and of bob+lists@example.net.
bool is_user(Text user, Text recipient) {
  if (equals_ignoring_case(user, recipient)) return true;
  const std::size_t at = recipient.rfind('@');
  const Text local = recipient.substr(0, at), domain = at == Text::npos ? Text{} : recipient.substr(at);
  const Text plain = local.substr(0, local.find('+'));
  if (user.find('@') == Text::npos) return equals_ignoring_case(user, local) || equals_ignoring_case(user, plain);
  return user.size() == plain.size() + domain.size() && equals_ignoring_case(user.substr(0, plain.size()), plain) &&
         equals_ignoring_case(user.substr(plain.size()), domain);
}

Deeds deed_of(const event::Mailbox& body) {
  if (body.action == "stored") return kDeedStored;
  if (body.action == "forwarded") return kDeedForwarded;
  if (body.action == "discarded") return kDeedDiscarded;
  // A store that failed (`save failed to INBOX: Quota exceeded`) is tried again or bounced: the attempt says which.
  if (body.action == "rejected" && body.folder.empty()) return kDeedRejected;
  return 0;
}

// `ACTION: WHAT of USER`.
std::string text_of(const Event& event, const event::Mailbox& body) {
  std::string text(body.action);
  text += ": ";
  if (!body.folder.empty()) {
    text += body.folder;
    if (!body.reason.empty()) text += ": ";
  }
  text += body.reason;
  for (const model::Extra& extra : event.extra) {
    if (extra.name == "forwarded_to" || extra.name == "vacation_to") text.append("to ").append(extra.value);
  }
  if (text.size() > kMostText) text.resize(kMostText);
  if (!body.user.empty()) text.append(" of ").append(body.user.substr(0, kMostUser));
  return text;
}

// A copy or an expunge that a client made in its mailbox, which mail_log tells with the uid, is no delivery.
bool is_of_a_client(const Event& event) {
  return std::any_of(event.extra.begin(), event.extra.end(),
                     [](const model::Extra& extra) { return extra.name == "uid"; });
}

bool same(const StayRecipientRef& a, const StayRecipientRef& b) {
  return a.stay.index == b.stay.index && a.stay.generation == b.stay.generation && a.recipient == b.recipient;
}

}  // namespace

void Tracer::Impl::on_mailbox(const Event& event) {
  const auto& body = event.as<event::Mailbox>();
  if (body.action == "expunged" || is_of_a_client(event)) return;
  MailboxDeed made;
  made.session = hash_of(body.session_id);
  made.message_id = message_id_hash(body.message_id);
  made.host = hash_of(event.host);
  made.time = event.time;
  made.at = event.at;
  made.user = body.user.substr(0, kMostUser);
  made.text = text_of(event, body);
  made.deed = deed_of(body);
  const std::uint64_t session = made.session, message_id = made.message_id;
  MailboxDeed& deed = mailbox_deeds_.add(std::move(made), session, message_id);
  const auto offer = [&](const LocalDelivery& delivery) { offer_deed(deed, delivery); };
  local_deliveries_.for_each(session, offer);
  local_deliveries_.for_each(message_id, offer);
}

void Tracer::Impl::note_local_delivery(const Stay& stay, std::uint32_t recipient, const Event& event,
                                       const event::Delivery& body) {
  LocalDelivery made;
  made.session = hash_of(session_in(body.reply));
  if (made.session == 0 && (body.mailer == "smtp" || (body.mailer.empty() && body.relay_path.empty()))) return;
  made.message_id = message_id_hash(stay.message_id);
  made.host = hash_of(event.host);
  double seconds = kUnstatedSeconds;
  if (body.delay_transmit) seconds = body.delay_connect.value_or(0) + *body.delay_transmit;
  made.from = event.time - static_cast<Micros>(std::clamp(seconds, 0.0, kMostSeconds) * kSecond) - kSlack;
  made.until = event.time + kSlack;
  made.of = {stays_.ref(stay), recipient};
  const LocalDelivery& delivery = local_deliveries_.add(made, made.session, made.message_id);
  const auto offer = [&](MailboxDeed& deed) { offer_deed(deed, delivery); };
  mailbox_deeds_.for_each(delivery.session, offer);
  mailbox_deeds_.for_each(delivery.message_id, offer);
}

// The deed becomes the attempt's where it fits, and nobody's where it fits two.
void Tracer::Impl::offer_deed(MailboxDeed& deed, const LocalDelivery& delivery) {
  if (deed.message_id != 0 && delivery.message_id != 0 && deed.message_id != delivery.message_id) return;
  if (delivery.session != 0) {
    if (deed.session != delivery.session) return;
    // Two hosts can be copies of each other: the one that wrote the line goes before another.
    if (deed.sure && (deed.host != delivery.host || !is_owned_elsewhere(deed))) return;
    take_back(deed);
    deed.sure = true;
    return bind_deed(deed, delivery.of);
  }
  Stay* stay = stays_.at(delivery.of.stay);
  if (stay == nullptr || deed.sure || deed.contested || deed.message_id == 0 || delivery.message_id == 0) return;
  if (deed.host != delivery.host || deed.time < delivery.from || deed.time > delivery.until) return;
  if (!is_user(deed.user, stay->recipients[delivery.of.recipient].address)) return;
  if (deed.owned && !same(deed.owner, delivery.of)) {
    take_back(deed);
    deed.contested = true;
  } else if (!deed.owned) {
    bind_deed(deed, delivery.of);
  }
}

// Its owner is still under way, on another host.
bool Tracer::Impl::is_owned_elsewhere(const MailboxDeed& deed) {
  const Stay* owner = deed.owned ? stays_.at(deed.owner.stay) : nullptr;
  return owner != nullptr && hash_of(owner->host) != deed.host;
}

void Tracer::Impl::bind_deed(MailboxDeed& deed, const StayRecipientRef& owner) {
  Stay* stay = stays_.at(owner.stay);
  if (stay == nullptr) return;
  deed.owned = true;
  deed.owner = owner;
  stay->recipients[owner.recipient].deeds |= deed.deed;
  if (!stay->details) return;
  append(stay->details->steps, stay->pool) = {deed.time, model::Kind::kMailbox, stay->pool.add(deed.text), {}, deed.at};
  append(stay->details->lines, stay->pool) = deed.at;
}

void Tracer::Impl::take_back(MailboxDeed& deed) {
  if (!deed.owned) return;
  deed.owned = false;
  Stay* stay = stays_.at(deed.owner.stay);
  if (stay == nullptr) return;
  StayRecipient& one = stay->recipients[deed.owner.recipient];
  one.deeds = 0;
  mailbox_deeds_.for_each(deed.message_id, [&](const MailboxDeed& other) {
    if (other.owned && same(other.owner, deed.owner)) one.deeds |= other.deed;
  });
  if (!stay->details) return;
  const auto here = [&](const model::LineRef& at) {
    return at.source == deed.at.source && at.position == deed.at.position;
  };
  std::erase_if(stay->details->steps,
                [&](const model::fact::Step& step) { return step.kind == model::Kind::kMailbox && here(step.at); });
  std::erase_if(stay->details->lines, here);
}

}  // namespace mailtrail::trace
