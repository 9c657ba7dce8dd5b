// What each fact is kept as: the one list of columns from which a store makes its tables, writes and reads them.
//
// `columns(fact, v)` calls v(name, member) or v(name, member, role) for every column, in an order that never changes:
// a new column comes last. Names are those of EVENTS.md; what each means is told by `meaning_of` (field_meanings.h).
// A member is one of: Text, Texts, bool, an enum of the vocabulary, a number, an optional number, LineRef,
// std::span<const LineRef>, std::span<const fact::Step>; `role` says which numbers are times or keys. A visitor that
// fills a fact may cast the constness of the members away: they are members of the fact that was given.
//
// What follows from other columns is not among them: a fact::Journey has its parts in tables of their own, and takes
// `queue_ids` and `hosts` from its messages; a fact::Message takes `journey` from its journey; a fact::Delivery takes
// `journey`, `host`, `queue_id`, `sender`, `message_id`, `client_name`, `client_ip`, `sasl_user`, `subject` and `size`
// from its message (complete_journey).
#pragma once

#include "base/arena.h"
#include "model/fact.h"

namespace mailtrail::model::fact {

enum class Role : std::uint8_t {
  kPlain,
  kTime,   // Micros or optional Micros; absent where 0 may stand for "not known" only if the member is optional
  kKey,    // 64 bits that a person reads as 16 hex digits; 0 is absent
  kNotes,  // record::TimeNote bits
};

template <class V>
void columns(const Journey& fact, V&& v) {
  v("journey", fact.id, Role::kKey), v("received", fact.received, Role::kTime);
  v("last_seen", fact.last_seen, Role::kTime), v("offset_minutes", fact.offset_minutes);
  v("message_id", fact.message_id), v("sender", fact.sender), v("subject", fact.subject), v("size", fact.size);
  v("notification", fact.notification), v("probe", fact.probe), v("begin_missing", fact.begin_missing);
  v("open", fact.open), v("evicted", fact.evicted), v("parent_journey", fact.parent_journey, Role::kKey);
  v("parent_queue_id", fact.parent_queue_id);
}

template <class V>
void columns(const Message& fact, V&& v) {
  v("message_key", fact.message_key, Role::kKey), v("host", fact.host), v("instance", fact.instance);
  v("queue_id", fact.queue_id), v("first_seen", fact.first_seen, Role::kTime);
  v("last_seen", fact.last_seen, Role::kTime), v("received", fact.received, Role::kTime);
  v("removed", fact.removed, Role::kTime), v("offset_minutes", fact.offset_minutes);
  v("begin_missing", fact.begin_missing), v("sender", fact.sender), v("message_id", fact.message_id);
  v("subject", fact.subject), v("size", fact.size), v("nrcpt", fact.nrcpt), v("client_name", fact.client_name);
  v("client_ip", fact.client_ip), v("helo", fact.helo), v("protocol", fact.protocol);
  v("sasl_method", fact.sasl_method), v("sasl_user", fact.sasl_user), v("user", fact.user);
  v("tls_version", fact.tls_version), v("tls_cipher", fact.tls_cipher), v("tls_bits", fact.tls_bits);
  v("spf", fact.spf), v("dkim", fact.dkim), v("dmarc", fact.dmarc), v("spam_score", fact.spam_score);
  v("spam_action", fact.spam_action), v("parent", fact.parent, Role::kKey);
  v("parent_queue_id", fact.parent_queue_id), v("link", fact.link), v("link_confidence", fact.link_confidence);
  v("link_evidence", fact.link_evidence), v("outcome", fact.outcome), v("lines", fact.lines);
  v("steps", fact.steps), v("sender_hinted", fact.sender_hinted);
  v("outcomes_differ", fact.outcomes_differ);
}

template <class V>
void columns(const Delivery& fact, V&& v) {
  v("message_key", fact.message_key, Role::kKey), v("attempt", fact.attempt), v("time", fact.time, Role::kTime);
  v("offset_minutes", fact.offset_minutes), v("time_note", fact.time_notes, Role::kNotes);
  v("program", fact.program), v("instance", fact.instance);
  fact.event.fields(v);
  v("outcome", fact.outcome), v("reason", fact.reason), v("action", fact.action), v("actor", fact.actor);
  v("provider", fact.provider), v("line", fact.at);
}

template <class V>
void columns(const Recipient& fact, V&& v) {
  v("recipient", fact.recipient), v("orig_recipients", fact.orig_recipients), v("outcome", fact.outcome);
  v("status", fact.status), v("dsn", fact.dsn), v("smtp_code", fact.smtp_code), v("reply", fact.reply);
  v("reason", fact.reason), v("actor", fact.actor), v("relay_host", fact.relay_host), v("mailer", fact.mailer);
  v("action", fact.action), v("provider", fact.provider), v("attempts", fact.attempts);
  v("decided", fact.decided, Role::kTime), v("last_attempt", fact.last_attempt, Role::kTime);
  v("message_key", fact.message_key, Role::kKey), v("internal", fact.internal);
}

template <class V>
void columns(const AuthResult& fact, V&& v) {
  v("time", fact.time, Role::kTime), v("queue_id", fact.queue_id), v("host", fact.host);
  fact.auth.fields(v);
}

template <class V>
void columns(const Verdict& fact, V&& v) {
  v("time", fact.time, Role::kTime), v("queue_id", fact.queue_id), v("host", fact.host);
  fact.verdict.fields(v);
}

template <class V>
void columns(const Rejection& fact, V&& v) {
  v("time", fact.time, Role::kTime), v("offset_minutes", fact.offset_minutes);
  v("time_note", fact.time_notes, Role::kNotes), v("host", fact.host), v("program", fact.program);
  v("instance", fact.instance), v("queue_id", fact.queue_id), v("pid", fact.pid), v("repeated", fact.repeat);
  fact.event.fields(v);
  v("line", fact.at);
}

template <class V>
void columns(const Login& fact, V&& v) {
  v("time", fact.time, Role::kTime), v("offset_minutes", fact.offset_minutes);
  v("time_note", fact.time_notes, Role::kNotes), v("host", fact.host), v("program", fact.program);
  v("instance", fact.instance), v("pid", fact.pid), v("repeated", fact.repeat);
  fact.event.fields(v);
  v("line", fact.at);
}

// `commands` is kept as `NAME=ACCEPTED/TOTAL` texts would be: a store has it as a list of such texts.
template <class V>
void columns(const Session& fact, V&& v) {
  v("began", fact.began, Role::kTime), v("ended", fact.ended, Role::kTime), v("begin_missing", fact.begin_missing);
  v("end_missing", fact.end_missing), v("host", fact.host), v("program", fact.program);
  v("instance", fact.instance), v("client_name", fact.client_name), v("client_ip", fact.client_ip);
  v("tls_version", fact.tls_version), v("tls_cipher", fact.tls_cipher), v("sasl_user", fact.sasl_user);
  v("reason", fact.reason), v("pid", fact.pid), v("commands", fact.commands), v("messages", fact.messages);
  v("rejections", fact.rejections);
}

template <class V>
void columns(const TlsSession& fact, V&& v) {
  v("time", fact.time, Role::kTime), v("host", fact.host), v("program", fact.program);
  fact.event.fields(v);
}

template <class V>
void columns(const Notice& fact, V&& v) {
  v("time", fact.time, Role::kTime), v("offset_minutes", fact.offset_minutes), v("repeated", fact.repeat);
  v("host", fact.host), v("program", fact.program), v("queue_id", fact.queue_id);
  fact.event.fields(v);
  v("line", fact.at);
}

template <class V>
void columns(const Policy& fact, V&& v) {
  v("time", fact.time, Role::kTime), v("host", fact.host), v("program", fact.program);
  fact.event.fields(v);
  v("line", fact.at);
}

template <class V>
void columns(const Gap& fact, V&& v) {
  v("time", fact.time, Role::kTime), v("host", fact.host);
  fact.event.fields(v);
  v("line", fact.at);
}

// Fills what each delivery takes from its message, as the tracer does, and its journey. `deliveries` MUST be those of
// `messages`, and have `message_key`. The texts are those of the messages: no copy is made.
void complete_deliveries(std::span<Delivery> deliveries, std::span<const Message> messages, std::uint64_t journey);

// Makes of the columns of a journey and of its messages and deliveries (each in the order in which they were told) the
// fact that they were: fills what follows from other columns, and makes them parts of `journey`. Its recipients,
// authentication results and verdicts are complete as they are, and left to the caller. The lists of the journey are
// made in `arena`; the texts are those of the messages.
void complete_journey(Journey& journey, std::span<Message> messages, std::span<Delivery> deliveries, Arena& arena);

}  // namespace mailtrail::model::fact
