// Mail of programs that log no end of a message (endless_mail.h), and what their sessions say apart from their
// messages.
#include <algorithm>

#include "trace/endless_mail.h"
#include "trace/tracer_impl.h"

namespace mailtrail::trace {

using model::Event;
using model::Status;
namespace event = model::event;

namespace {

// A process id of Sendmail is one connection's, and no line tells when that ends: after so long it may be another's. A
// line that names no client says nothing against it, so that less is trusted.
constexpr Micros kSessionMay = kHour, kNamelessMay = kMinute;

bool is_final(const StayRecipient& one) {
  return one.status != Status::kNone && one.status != Status::kDeferred && one.status != Status::kHeld;
}

}  // namespace

// Whether `body` is of the stay, though the log told of its beginning before: a clone of another message is named there
// first and described later; OpenSMTPD 6.0 has a line for each recipient.
bool Tracer::Impl::goes_on(const Stay& stay, const event::Receive& body) const {
  if (stay.gone || !stay.has_receive) return false;
  const bool described = !stay.parent_queue_id.empty() && !stay.size && body.size && body.parent_queue_id.empty();
  const bool next_recipient = !body.recipients.empty() && stay.size == body.size && stay.sender == body.sender;
  return described || (next_recipient && !stay.queued);
}

// A transaction that ended without a message: no recipient was taken, or no data came. True: `event` told of one.
bool Tracer::Impl::on_empty_transaction(const Event& event, const event::Receive& body) {
  const bool none = body.nrcpt == 0 || (body.size == 0 && body.nrcpt && body.message_id.empty());
  if (!none || event.dialect != "sendmail") return false;
  if (!body.client_ip.empty()) {
    Session& session = young_session(event, body.client_ip);
    if (session.client_ip.empty()) session.client_ip = session.pool.add(body.client_ip);
    if (session.client_name.empty()) session.client_name = session.pool.add(body.client_name);
  }
  Stay* stay = stays_.find(event);
  if (stay == nullptr || stay->gone || stay->queued) return true;
  stay->refused = true;
  stays_.doubt(*stay, event.time, true);
  return true;
}

// The session with this client; one that began too long ago is another's.
Session& Tracer::Impl::young_session(const Event& event, Text client_ip) {
  Session* old = event.dialect == "sendmail" ? sessions_.find(event) : nullptr;
  if (old != nullptr && event.time > old->began + kSessionMay) {
    tell_session(*old, nullptr);
    sessions_.close(*old);
  }
  return session_with(event, client_ip);
}

// What is known of a message by the session in which it came.
void Tracer::Impl::adopt_session(Stay& stay, const Event& event) {
  if (!logs_no_end(event)) return;
  const bool sendmail = event.dialect == "sendmail";
  // Sendmail gives a mail that it takes a Message-ID: without one the client went away before its end, unless an
  // attempt tells otherwise.
  if (sendmail && !stay.client_ip.empty() && stay.message_id.empty()) stays_.doubt(stay, event.time, true);
  Session* session = sessions_.find(event);
  if (session == nullptr) return;
  if (sendmail && (stay.client_ip.empty() || event.time > session->began + kSessionMay)) return;
  set(stay, stay.client_name, session->client_name);
  set(stay, stay.client_ip, session->client_ip);
  set(stay, stay.sasl_user, session->sasl_user);
  if (stay.tls_version.empty()) {
    set(stay, stay.tls_version, session->tls_version);
    set(stay, stay.tls_cipher, session->tls_cipher);
    stay.tls_bits = session->tls_bits;
  }
}

// A message that `queued as` named before it was described.
void Tracer::Impl::adopt_parent(Stay& stay) {
  stays_.settle_links(stay);
}

// The line that says that a notification was made is the first of it, and names its sender by what it is.
void Tracer::Impl::begin_notification(Stay& stay, const Event& event, Text queue_id) {
  Event first = event;
  first.queue_id = queue_id;
  first.id_hash = 0;
  Stay& notification = stays_.begin(first);
  touch(notification, event);
  notification.has_begin = true;
  set(notification, notification.sender, "<>");
  stays_.join(stay, StaySet::kWhole, notification, model::Link::kBounce, 1.0, "notification");
}

// The time of one recipient ran out: OpenSMTPD keeps an envelope for each. False: the line names none.
bool Tracer::Impl::expire_recipient(Stay& stay, const Event& event) {
  Text address, original;
  for (const model::Extra& item : event.extra) {
    if (item.name == "recipient") address = item.value;
    if (item.name == "orig_recipient") original = item.value;
  }
  if (address.empty()) return false;
  StayRecipient& one = stay.recipient(address, original);
  if (!is_final(one)) one.status = Status::kExpired;
  // Why it was not delivered is what the last attempt says.
  if (one.reply.empty()) one.reply = stay.pool.add(event.as<event::Expire>().reason);
  rest_if_settled(stay, event);
  return true;
}

// Nothing is waited for but what a slow last recipient may bring.
void Tracer::Impl::rest_if_settled(Stay& stay, const Event& event) {
  if (stay.gone || stay.held || (!logs_no_end(event) && !is_of_messages_alone(event))) return;
  bool any = false;
  for (const StayRecipient& one : stay.recipients) {
    if (one.hint) continue;
    any = true;
    if (!is_final(one) && !(one.status == Status::kDeferred && stay.expired)) return;
  }
  if (any) stays_.rest(stay, event.time);
}

// A login on a line of its own: the messages that follow in the session are that user's.
void Tracer::Impl::note_login(const Event& event, event::Login& login) {
  Session* session = event.dialect == "sendmail" ? &young_session(event, login.client_ip) : sessions_.find(event);
  if (session == nullptr) return;
  if (session->client_ip.empty()) session->client_ip = session->pool.add(login.client_ip);
  if (session->client_name.empty()) session->client_name = session->pool.add(login.client_name);
  if (login.client_ip.empty() && login.client_name.empty()) {
    login.client_ip = session->client_ip;
    login.client_name = session->client_name;
  }
  if (login.result != model::LoginResult::kSuccess) return;
  session->sasl_user = session->pool.add(login.user);
  session->login_told = true;
}

// A refusal that names no client is of the session's. False: it was told of before. What is refused after its data is
// refused once, though Sendmail then names each recipient.
bool Tracer::Impl::complete_refusal(const Event& event, event::Reject& body) {
  const bool nameless = body.client_ip.empty() && body.client_name.empty();
  if (nameless && body.stage == model::Stage::kEod && !body.recipient.empty()) {
    const Stay* stay = stays_.find(event);
    if (stay != nullptr && stay->refused) return false;
  }
  if (!nameless) return true;
  const Session* session = sessions_.find(event);
  if (session != nullptr && (event.dialect != "sendmail" || event.time <= session->began + kNamelessMay)) {
    body.client_ip = session->client_ip;
    body.client_name = session->client_name;
  }
  if (const Stay* stay = event.queue_id.empty() ? nullptr : stays_.find(event)) {
    if (body.client_ip.empty() && body.client_name.empty()) {
      body.client_ip = stay->client_ip;
      body.client_name = stay->client_name;
    }
    if (body.sender.empty()) body.sender = stay->sender;
  }
  return true;
}

}  // namespace mailtrail::trace
