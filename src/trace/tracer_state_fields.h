// What of each thing under way stands in a saved state: `fields(v, thing)` calls v for every field, with its number.
//
// Each binds ALL members of its struct, in their order: whoever adds a member cannot compile this file until it is
// named here. Then it MUST be given to v with the next free number (rule in tracer_state.h), or, where it follows from
// others or decides nothing, stand in `reckoned` with the reason. tests/unit/trace/state_test.cc compares what cut runs
// tell: give its random events what sets the new member.
#pragma once

#include "trace/mailbox_deed.h"
#include "trace/sessions.h"
#include "trace/tracer_state.h"

namespace mailtrail::trace {

// T, const or not.
template <class T, class Wanted>
concept Of = std::same_as<std::remove_const_t<T>, Wanted>;

// Members that are not saved.
template <class... T>
constexpr void reckoned(const T&...) {}

template <class V>
void fields(V& v, Of<TextPool::Account> auto& account) {
  auto& [held, left, beside] = account;
  v(1, held), v(2, left), v(3, beside);
}

template <class V>
void fields(V& v, Of<model::LineRef> auto& at) {
  auto& [position, line, length, source] = at;
  v(1, position), v(2, line), v(3, length), v(4, source);
}

template <class V>
void fields(V& v, Of<model::event::Delivery> auto& event) {
  auto& [recipient, orig_recipient, status, dsn, smtp_code, reply, relay_host, relay_ip, relay_port, relay_path, mailer,
         router, delay, delay_before_queue, delay_in_queue, delay_connect, delay_transmit, remote_queue_id,
         child_queue_id, conn_use, tls_version, tls_cipher, sender, size] = event;
  v(1, recipient), v(2, orig_recipient), v(3, status), v(4, dsn), v(5, smtp_code), v(6, reply), v(7, relay_host);
  v(8, relay_ip), v(9, relay_port), v(10, relay_path), v(11, mailer), v(12, router), v(13, delay);
  v(14, delay_before_queue), v(15, delay_in_queue), v(16, delay_connect), v(17, delay_transmit);
  v(18, remote_queue_id), v(19, child_queue_id), v(20, conn_use), v(21, tls_version), v(22, tls_cipher);
  v(23, sender), v(24, size);
}

template <class V>
void fields(V& v, Of<model::event::Auth> auto& event) {
  auto& [method, result, domain, selector, algorithm, identity, policy, disposition, is_signed, client_ip, client_name,
         sender, reason, helo] = event;
  v(1, method), v(2, result), v(3, domain), v(4, selector), v(5, algorithm), v(6, identity), v(7, policy);
  v(8, disposition), v(9, is_signed), v(10, client_ip), v(11, client_name), v(12, sender), v(13, reason), v(14, helo);
}

template <class V>
void fields(V& v, Of<model::event::Verdict> auto& event) {
  auto& [filter, action, category, score, threshold, symbols, virus_name, sender, recipients, message_id, client_ip,
         child_queue_ids, reason] = event;
  v(1, filter), v(2, action), v(3, category), v(4, score), v(5, threshold), v(6, symbols), v(7, virus_name);
  v(8, sender), v(9, recipients), v(10, message_id), v(11, client_ip), v(12, child_queue_ids), v(13, reason);
}

template <class V>
void fields(V& v, Of<model::fact::AuthResult> auto& result) {
  auto& [time, queue_id, host, auth] = result;
  v.time(1, time), v.same_queue_id(2, queue_id), v.same_host(3, host), v.record(4, auth);
}

template <class V>
void fields(V& v, Of<model::fact::Verdict> auto& result) {
  auto& [time, queue_id, host, verdict] = result;
  v.time(1, time), v.same_queue_id(2, queue_id), v.same_host(3, host), v.record(4, verdict);
}

template <class V>
void fields(V& v, Of<model::fact::Step> auto& step) {
  auto& [time, kind, text, child_queue_id, at] = step;
  v.time(1, time), v(2, kind), v(3, text), v(4, child_queue_id), v.record(5, at);
}

template <class V>
void fields(V& v, Of<StayAttempt> auto& attempt) {
  auto& [event, program, instance, time, offset_minutes, time_notes, number, at] = attempt;
  v.record(1, event), v(2, program), v(3, instance), v.time(4, time), v(5, offset_minutes), v(6, time_notes);
  v(7, number), v.record(8, at);
}

template <class V>
void fields(V& v, Of<StayDetails> auto& details) {
  auto& [attempts, steps, auth_results, verdicts, lines] = details;
  v.counted_list(1, attempts), v.counted_list(2, steps), v.counted_list(3, auth_results);
  v.counted_list(4, verdicts), v.counted_list(5, lines);
}

template <class V>
void fields(V& v, Of<StayRecipient> auto& recipient) {
  auto& [address, orig, dsn, reply, relay_host, mailer, smtp_code, status, ruled, hint, loopback, handed_on, deeds,
         next, attempts, counted_attempts, last_attempt] = recipient;
  v(1, address), v(2, orig), v(3, dsn), v(4, reply), v(5, relay_host), v(6, mailer), v(7, smtp_code), v(8, status);
  v(9, ruled), v(10, hint), v(11, loopback), v(12, handed_on), v.ref(13, next), v(14, attempts);
  v(15, counted_attempts), v.time(16, last_attempt), v(17, deeds);
}

template <class V>
void fields(V& v, Of<Stay> auto& stay) {
  auto& [hash, host_number, self, generation, journey, offset_minutes, used, has_begin, has_receive, awaits_link,
         queued, gone, lingered, end_missing, in_table, refused, expired, held, deleted, requeued, discarded,
         redirected, evicted, notification, queue_id, id_bytes, recipients, key, first_seen, last_seen, begun, removed,
         settled_at, pool, host, instance, sender, message_id, subject, client_name, client_ip, helo, protocol,
         sasl_method, sasl_user, user, tls_version, tls_cipher, spf, dkim, dmarc, spam_action, hinted_sender, refusal,
         size, nrcpt, tls_bits, spam_score, parent, parent_key, parent_journey, parent_queue_id, link, link_confidence,
         link_evidence, recipient_index, details] = stay;
  // By queue id, host, place and journey.
  reckoned(hash, host_number, generation, journey, used, queue_id, id_bytes, host, recipient_index);
  v.always(1, self);
  v.set_base(0), v.time(2, first_seen), v.set_base(first_seen);
  v.queue_id(3, stay), v.host(4, stay), v(5, offset_minutes), v(6, has_begin), v(7, has_receive), v(8, awaits_link);
  v(9, queued), v(10, gone), v(11, lingered), v(12, end_missing), v(13, in_table), v(14, refused), v(15, expired);
  v(16, held), v(17, deleted), v(18, requeued), v(19, discarded), v(20, redirected), v(21, evicted);
  v(22, notification), v.fixed(23, key), v.time(24, last_seen), v.time(25, begun), v.time(26, removed);
  v.time(27, settled_at), v.pool(28, pool), v(29, instance), v(30, sender), v(31, message_id), v(32, subject);
  v(33, client_name), v(34, client_ip), v(35, helo), v(36, protocol), v(37, sasl_method), v(38, sasl_user);
  v(39, user), v(40, tls_version), v(41, tls_cipher), v(42, spf), v(43, dkim), v(44, dmarc), v(45, spam_action);
  v(46, hinted_sender), v(47, refusal), v(48, size), v(49, nrcpt), v(50, tls_bits), v(51, spam_score);
  v.ref(52, parent), v.fixed(53, parent_key), v.fixed(54, parent_journey), v(55, parent_queue_id), v(56, link);
  v(57, link_confidence), v.evidence(58, link_evidence), v.counted_list(59, recipients), v.recipient_index(60, stay);
  v.owned(61, details);
}

template <class V>
void fields(V& v, Of<PendingLink> auto& pending) {
  auto& [hash, from, recipient, link, time] = pending;
  v.fixed(1, hash), v.ref(2, from), v(3, recipient), v(4, link), v.time(5, time);
}

template <class V>
void fields(V& v, Of<LeavingStay> auto& leaving) {
  auto& [stay, time, doubtful, sure] = leaving;
  v.ref(1, stay), v.time(2, time), v(3, doubtful), v(4, sure);
}

template <class V>
void fields(V& v, Of<SessionRule> auto& rule) {
  auto& [action, recipient, sender] = rule;
  v(1, action), v(2, recipient), v(3, sender);
}

template <class V>
void fields(V& v, Of<StayRef> auto& ref) {
  v.ref(1, ref);
}

template <class V>
void fields(V& v, Of<Session> auto& session) {
  auto& [pool, hash, host, program, instance, client_name, client_ip, helo, tls_version, tls_cipher, sasl_user, peer_ip,
         reason, tls_bits, began, pid, has_begin, login_told, messages, rejections, open_at, stays, rules] = session;
  // By host, program and process; by the order of the sessions.
  reckoned(hash, open_at);
  v.pool(1, pool), v(2, host), v(3, program), v(4, instance), v(5, client_name), v(6, client_ip), v(7, helo);
  v(8, tls_version), v(9, tls_cipher), v(10, sasl_user), v(11, peer_ip), v(12, reason), v(13, tls_bits);
  v.time(14, began), v.always(15, pid), v(16, has_begin), v(17, login_told), v(18, messages), v(19, rejections);
  v.list(20, stays), v.list(21, rules);
}

template <class V>
void fields(V& v, Of<StayRecipientRef> auto& of) {
  auto& [stay, recipient] = of;
  v.ref(1, stay), v(2, recipient);
}

template <class V>
void fields(V& v, Of<MailboxDeed> auto& deed) {
  auto& [session, message_id, host, time, at, user, text, did, owner, owned, sure, contested] = deed;
  v.fixed(1, session), v.fixed(2, message_id), v.fixed(3, host), v.time(4, time), v.record(5, at), v(6, user);
  v(7, text), v(8, did), v.record(9, owner), v(10, owned), v(11, sure), v(12, contested);
}

template <class V>
void fields(V& v, Of<LocalDelivery> auto& delivery) {
  auto& [session, message_id, host, from, until, of] = delivery;
  v.fixed(1, session), v.fixed(2, message_id), v.fixed(3, host), v.time(4, from), v.time(5, until), v.record(6, of);
}

template <class V>
void fields(V& v, Of<TracerStats> auto& stats) {
  auto& [events, messages, journeys, attempts, evicted, begin_missing, id_reused, open_now, open_peak, bytes_now,
         bytes_peak] = stats;
  // By the stays.
  reckoned(open_now);
  v(1, events), v(2, messages), v(3, journeys), v(4, attempts), v(5, evicted), v(6, begin_missing), v(7, id_reused);
  v(8, open_peak), v(9, bytes_now), v(10, bytes_peak);
}

}  // namespace mailtrail::trace
