// What events do to messages.
#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "trace/accepted_mail.h"
#include "trace/endless_mail.h"
#include "trace/tracer_impl.h"

namespace mailtrail::trace {

using model::Event;
using model::Outcome;
using model::Status;
namespace event = model::event;

namespace {

bool is_loopback(Text ip) {
  return ip.starts_with("127.") || ip == "::1";
}

std::uint64_t lower_hash(Text text) {
  char lower[256];
  const std::size_t size = std::min(text.size(), sizeof lower);
  for (std::size_t i = 0; i < size; ++i) lower[i] = to_lower(text[i]);
  return hash_bytes({lower, size});
}

}  // namespace

void Tracer::Impl::touch(Stay& stay, const Event& event) {
  stay.last_seen = std::max(stay.last_seen, event.time);
  if (stay.details) append(stay.details->lines, stay.pool) = event.at;
}

Stay& Tracer::Impl::stay_of(const Event& event) {
  Stay* stay = stays_.find(event);
  if (stay == nullptr) stay = &stays_.begin(event);
  touch(*stay, event);
  return *stay;
}

void Tracer::Impl::note_step(Stay& stay, const Event& event, Text text, Text child_queue_id) {
  if (!stay.details) return;
  append(stay.details->steps, stay.pool) = {event.time, event.kind, stay.pool.add(text), stay.pool.add(child_queue_id),
                                            event.at};
}

// A recipient that a header or an access line names.
void Tracer::Impl::hint(Stay& stay, Text recipient, Text sender, Outcome ruled) {
  set(stay, stay.hinted_sender, sender);
  if (recipient.empty()) return;
  for (StayRecipient& one : stay.recipients) {
    if (!one.hint || !equals_ignoring_case(one.address, recipient)) continue;
    if (ruled != Outcome::kUnknown) one.ruled = ruled;
    return;
  }
  // So many are named at most: the lines of one message name its first recipient again and again.
  if (stay.recipients.size() > 1000) return;
  StayRecipient& one = append(stay.recipients, stay.pool);
  one.address = stay.pool.add(recipient);
  one.hint = true;
  one.ruled = ruled;
}

void Tracer::Impl::apply_rule(Stay& stay, model::Action action, Text recipient, Text sender, Micros time) {
  switch (action) {
    case model::Action::kHold:
      stay.held = true;
      stay.settled_at = time;
      hint(stay, recipient, sender, Outcome::kUnknown);
      break;
    case model::Action::kDiscard:
      stay.discarded = true;
      stay.settled_at = time;
      hint(stay, recipient, sender, Outcome::kDiscarded);
      break;
    case model::Action::kRedirect:
      stay.redirected = true;
      stay.settled_at = time;
      hint(stay, recipient, sender, Outcome::kRedirected);
      break;
    default:
      hint(stay, recipient, sender, Outcome::kUnknown);
  }
}

void Tracer::Impl::on_receive(const Event& event) {
  const auto& body = event.as<event::Receive>();
  Stay* found = event.queue_id.empty() ? nullptr : stays_.find(event);
  if (event.queue_id.empty()) return;
  // A second beginning under one id is another message.
  const bool accepted = tells_accepted_mail(event);
  if (on_empty_transaction(event, body)) return;
  if (found != nullptr && !goes_on(*found, body) &&
      (found->gone || found->has_receive || (found->queued && !accepted))) {
    found = nullptr;
  }
  Stay& stay = found != nullptr ? *found : stays_.begin(event);
  touch(stay, event);
  stay.has_begin = stay.has_receive = true;
  stay.queued = stay.queued || accepted;
  set(stay, stay.instance, event.instance);
  set(stay, stay.sender, body.sender);
  set(stay, stay.client_name, body.client_name);
  set(stay, stay.client_ip, body.client_ip);
  set(stay, stay.helo, body.helo);
  set(stay, stay.protocol, body.protocol);
  set(stay, stay.message_id, body.message_id);
  set(stay, stay.subject, body.subject);
  set(stay, stay.sasl_method, body.sasl_method);
  set(stay, stay.sasl_user, body.sasl_user);
  set(stay, stay.user, body.user);
  set(stay, stay.tls_version, body.tls_version);
  set(stay, stay.tls_cipher, body.tls_cipher);
  if (body.size) stay.size = body.size;
  if (body.tls_bits) stay.tls_bits = body.tls_bits;

  for (const Text recipient : body.recipients) hint(stay, recipient, {}, Outcome::kUnknown);
  if (accepted) return on_accepted(stay, event, body);
  if (!body.parent_queue_id.empty()) join_parent(stay, event, body);
  if (stay.awaits_link && !body.message_id.empty()) adopt_parent(stay);
  if (body.client_ip.empty() && body.client_name.empty()) return adopt_session(stay, event);
  Session& session = young_session(event, body.client_ip);
  if (session.client_ip.empty()) session.client_ip = session.pool.add(body.client_ip);
  if (session.client_name.empty()) session.client_name = session.pool.add(body.client_name);
  ++session.messages;
  if (session.stays.size() < 4096) session.stays.push_back(stays_.ref(stay));
  if (stay.tls_version.empty()) {
    set(stay, stay.tls_version, session.tls_version);
    set(stay, stay.tls_cipher, session.tls_cipher);
    stay.tls_bits = session.tls_bits;
  }
  set(stay, stay.helo, session.helo);
  for (const SessionRule& rule : session.rules) apply_rule(stay, rule.action, rule.recipient, rule.sender, event.time);
  session.rules.clear();
  if (!body.sasl_user.empty()) tell_login(session, event, body.sasl_method, body.sasl_user);
  adopt_session(stay, event);
}

// The line of a beginning names the message that it came of: a filter's, one that was requeued, or one that the queue
// itself divided.
void Tracer::Impl::join_parent(Stay& stay, const Event& event, const event::Receive& body) {
  Stay* parent = stays_.find(event.host, body.parent_queue_id);
  if (parent != nullptr && parent != &stay) {
    const bool requeue = body.protocol == "local";
    const bool divided = body.protocol.empty() && body.client_ip.empty() && body.client_name.empty();
    if (divided) {
      stays_.join(*parent, StaySet::kWhole, stay, model::Link::kForward, 1.0, "\"clone\"");
    } else {
      stays_.join(*parent, StaySet::kWhole, stay, requeue ? model::Link::kRequeue : model::Link::kFilter, 1.0,
                  requeue ? "\"orig_id\"" : "\"orig_queue_id\"");
    }
    if (requeue) {
      parent->requeued = true;
      for (std::uint32_t i = 0; i < parent->recipients.size(); ++i) {
        const StayRecipient& one = parent->recipients[i];
        if (one.status == Status::kDeferred || one.status == Status::kNone) {
          stays_.join(*parent, i, stay, model::Link::kRequeue, 1.0, "\"orig_id\"");
        }
      }
      stays_.gone(*parent, event.time);
    }
  }
  set(stay, stay.parent_queue_id, body.parent_queue_id);
}

void Tracer::Impl::on_header(const Event& event) {
  const auto& body = event.as<event::Header>();
  if (event.queue_id.empty()) return;
  Stay* found = stays_.find(event);
  // The headers of a message are logged before the queue manager has it: after that, the id is another message's.
  if (found != nullptr && (found->gone || (found->queued && !body.message_id.empty() && !found->message_id.empty()))) {
    found = nullptr;
  }
  const bool fresh = found == nullptr;
  Stay& stay = fresh ? stays_.begin(event) : *found;
  if (fresh) stay.has_begin = true;
  touch(stay, event);
  set(stay, stay.subject, body.subject);
  set(stay, stay.helo, body.helo);
  set(stay, stay.protocol, body.protocol);
  set(stay, stay.client_name, body.client_name);
  set(stay, stay.client_ip, body.client_ip);
  if (!body.recipient.empty() || !body.sender.empty()) {
    apply_rule(stay, body.action, body.recipient, body.sender, event.time);
  }
  if (!body.message_id.empty()) {
    set(stay, stay.message_id, body.message_id);
    stays_.settle_links(stay);
  }
  if (stay.details && !body.header_name.empty() && body.header_name != "Subject") {
    std::string text(body.header_name);
    text += ": ";
    text += body.header_value;
    note_step(stay, event, text);
  }
}

void Tracer::Impl::on_queue(const Event& event) {
  const auto& body = event.as<event::Queue>();
  Stay* found = stays_.find(event);
  if (found != nullptr && (found->gone || (found->queued && !found->sender.empty() && !body.sender.empty() &&
                                           found->sender != body.sender && found->size != body.size))) {
    found = nullptr;
  }
  Stay& stay = found != nullptr ? *found : stays_.begin(event);
  touch(stay, event);
  stay.queued = true;
  stay.refused = false;
  if (body.queue == "hold") stay.held = true;
  if (!event.extra.empty()) note_started(event);
  // pickup(8) logs a local sender as it was given, qmgr(8) with its domain.
  const bool completed = !stay.sender.empty() && stay.sender.find('@') == Text::npos &&
                         body.sender.size() > stay.sender.size() && body.sender.starts_with(stay.sender) &&
                         body.sender[stay.sender.size()] == '@';
  if (stay.sender.empty() || completed) {
    stay.sender = stay.pool.add(body.sender);
    if (stay.spf.empty() && !stay.client_ip.empty()) adopt_spf(stay);
  }
  if (body.size) stay.size = body.size;
  if (body.nrcpt) stay.nrcpt = body.nrcpt;
  stays_.settle_links(stay);
}

// A result that a policy service logged for this client and sender shortly before is this message's.
void Tracer::Impl::adopt_spf(Stay& stay) {
  const std::uint64_t client = hash_bytes(stay.client_ip);
  const RecentSpf& recent = recent_spf_[client % recent_spf_.size()];
  if (recent.client != client || recent.sender != lower_hash(stay.sender)) return;
  if (recent.time > stay.first_seen + kMinute || recent.time + kMinute < stay.first_seen) return;
  stay.spf = stay.pool.add(recent.result);
}

void Tracer::Impl::on_delivery(const Event& event) {
  const auto& body = event.as<event::Delivery>();
  if (event.queue_id.empty() && event.id_hash == 0) return on_unnamed_delivery(event);
  Stay& stay = stay_of(event);
  stay.queued = true;
  stay.refused = false;
  if (stay.awaits_link) [[unlikely]]
    adopt_parent(stay);
  set(stay, stay.sender, body.sender);
  StayRecipient& one = stay.recipient(qualified_recipient(stay, body), body.orig_recipient);
  const auto number = static_cast<std::uint32_t>(&one - stay.recipients.data());
  ++one.attempts;
  one.status = body.status;
  one.last_attempt = event.time;
  one.smtp_code = body.smtp_code;
  one.loopback = is_loopback(body.relay_ip);
  const auto replace = [&](Text& field, Text value) {
    if (field != value) field = stay.pool.add(value);
  };
  replace(one.dsn, body.dsn);
  replace(one.reply, body.reply);
  replace(one.relay_host, body.relay_host);
  replace(one.mailer, body.mailer);
  ++stats_.attempts;
  tell_delivery(stay, event, body, one.attempts);
  if (stay.details) keep_attempt(stay, event, body, one.attempts);
  if (body.mailer != "smtp" || body.reply.ends_with(" Saved")) note_local_delivery(stay, number, event, body);
  rest_if_settled(stay, event);
  if (event.queue_id.empty()) return settle_idless(stay, event, body);
  if (body.status != Status::kSent && body.status != Status::kRelayed) return;
  if (!body.child_queue_id.empty()) {
    Stay* child = stays_.find(event.host, body.child_queue_id);
    if (child != nullptr && child != &stay) {
      stays_.join(stay, number, *child, model::Link::kForward, 1.0, "\"forwarded as\"");
    } else {
      stays_.hand_on(stay, number, body.child_queue_id, model::Link::kForward, event.time);
    }
  } else if (!body.remote_queue_id.empty()) {
    stays_.hand_on(stay, number, body.remote_queue_id,
                   one.loopback || !body.relay_path.empty() ? model::Link::kFilter : model::Link::kRelay, event.time);
  }
}

void Tracer::Impl::tell_delivery(const Stay& stay, const Event& event, const event::Delivery& body,
                                 std::int32_t number) {
  model::fact::Delivery fact;
  fact.message_key = stay.key;
  fact.attempt = number;
  fact.time = event.time;
  fact.offset_minutes = event.offset_minutes;
  fact.time_notes = event.time_notes;
  fact.host = event.host;
  fact.program = event.program;
  fact.instance = event.instance;
  fact.queue_id = event.queue_id;
  fact.event = body;
  if (fact.event.tls_version.empty() && !body.relay_ip.empty()) {
    // A client logs its TLS session apart from what it sends through it.
    if (const Session* session = sessions_.find(event); session != nullptr && session->peer_ip == body.relay_ip) {
      fact.event.tls_version = session->tls_version;
      fact.event.tls_cipher = session->tls_cipher;
    }
  }
  fact.sender = stay.sender;
  fact.message_id = stay.message_id;
  fact.client_name = stay.client_name;
  fact.client_ip = stay.client_ip;
  fact.sasl_user = stay.sasl_user;
  fact.subject = stay.subject;
  fact.size = stay.size;
  fact.at = event.at;
  sink_.on_delivery(fact);
}

void Tracer::Impl::keep_attempt(Stay& stay, const Event& event, const event::Delivery& body, std::int32_t number) {
  StayAttempt& kept = append(stay.details->attempts, stay.pool);
  kept.event = body;
  for (Text* text : {&kept.event.recipient, &kept.event.orig_recipient, &kept.event.dsn, &kept.event.reply,
                     &kept.event.relay_host, &kept.event.relay_ip, &kept.event.relay_path, &kept.event.mailer,
                     &kept.event.router, &kept.event.remote_queue_id, &kept.event.child_queue_id,
                     &kept.event.tls_version, &kept.event.tls_cipher, &kept.event.sender}) {
    *text = stay.pool.add(*text);
  }
  if (kept.event.tls_version.empty() && !body.relay_ip.empty()) {
    if (const Session* session = sessions_.find(event); session != nullptr && session->peer_ip == body.relay_ip) {
      kept.event.tls_version = stay.pool.add(session->tls_version);
      kept.event.tls_cipher = stay.pool.add(session->tls_cipher);
    }
  }
  kept.program = stay.pool.add(event.program);
  kept.instance = stay.pool.add(event.instance);
  kept.time = event.time;
  kept.offset_minutes = event.offset_minutes;
  kept.time_notes = event.time_notes;
  kept.number = number;
  kept.at = event.at;
}

void Tracer::Impl::on_remove(const Event& event) {
  if (event.queue_id.empty()) return;
  Stay& stay = stay_of(event);
  // Under a tag cut to `postfix`, qmgr(8) and postsuper(1) say the same. The queue manager removes no message that is
  // held, waits or was not tried, save when its time is over, and that it says.
  const bool waits = std::any_of(stay.recipients.begin(), stay.recipients.end(), [](const StayRecipient& one) {
    return one.status == Status::kDeferred || (one.status == Status::kNone && !one.hint);
  });
  const bool tried = std::any_of(stay.recipients.begin(), stay.recipients.end(),
                                 [](const StayRecipient& one) { return one.status != Status::kNone; });
  if (event.program == "postfix" && stay.has_begin && !stay.expired && (stay.held || waits || !tried)) {
    stay.deleted = true;
    stay.settled_at = event.time;
  }
  stay.held = false;
  stays_.gone(stay, event.time);
}

void Tracer::Impl::on_hold(const Event& event) {
  const auto& body = event.as<event::Hold>();
  if (event.queue_id.empty()) return;
  Stay* found = stays_.find(event);
  const bool fresh = found == nullptr || (found->gone && !body.header_name.empty());
  Stay& stay = fresh ? stays_.begin(event) : *found;
  if (fresh) stay.has_begin = !body.header_name.empty();
  touch(stay, event);
  apply_rule(stay, model::Action::kHold, body.recipient, body.sender, event.time);
  note_step(stay, event, body.reason);
}

void Tracer::Impl::on_release(const Event& event) {
  Stay& stay = stay_of(event);
  stay.held = false;
  note_step(stay, event, event.as<event::Release>().reason);
}

void Tracer::Impl::on_delete(const Event& event) {
  if (event.queue_id.empty()) return;
  Stay& stay = stay_of(event);
  if (const Text recipient = event.as<event::Delete>().recipient; !recipient.empty()) {
    note_step(stay, event, event.as<event::Delete>().reason);
    return give_up_recipient(stay, recipient, event.time);
  }
  stay.deleted = true;
  stay.settled_at = event.time;
  note_step(stay, event, event.as<event::Delete>().reason);
  stays_.gone(stay, event.time);
}

void Tracer::Impl::on_requeue(const Event& event) {
  const auto& body = event.as<event::Requeue>();
  if (event.queue_id.empty()) return;
  Stay& stay = stay_of(event);
  if (!body.parent_queue_id.empty()) {
    if (Stay* parent = stays_.find(event.host, body.parent_queue_id); parent != nullptr && parent != &stay) {
      stays_.join(*parent, StaySet::kWhole, stay, model::Link::kRequeue, 1.0, "\"orig_id\"");
      stays_.gone(*parent, event.time);
    }
    return;
  }
  stay.requeued = true;
  note_step(stay, event, body.reason);
}

void Tracer::Impl::on_expire(const Event& event) {
  if (event.queue_id.empty()) return;
  Stay& stay = stay_of(event);
  set(stay, stay.sender, event.as<event::Expire>().sender);
  stay.queued = true;
  stay.settled_at = event.time;
  note_step(stay, event, event.as<event::Expire>().reason);
  if (event.as<event::Expire>().status == Status::kBounced) return bounce_rest(stay, event);
  if (logs_no_end(event) && expire_recipient(stay, event)) return;
  stay.expired = true;
  rest_if_settled(stay, event);
}

void Tracer::Impl::on_notify(const Event& event) {
  const auto& body = event.as<event::Notify>();
  if (event.queue_id.empty()) return;
  Stay& stay = stay_of(event);
  note_step(stay, event, body.notify, body.child_queue_id);
  if (body.child_queue_id.empty()) return;
  // The notification may be delivered and gone before bounce(8) has logged that it made it.
  Stay* child = stays_.find(event.host, body.child_queue_id);
  if (child != nullptr && child->parent_key == 0 && child->first_seen >= stay.first_seen &&
      (child->sender.empty() || child->sender == "<>")) {
    stays_.join(stay, StaySet::kWhole, *child, model::Link::kBounce, 1.0, "notification");
  } else if (child == nullptr && logs_no_end(event)) {
    begin_notification(stay, event, body.child_queue_id);
  } else {
    stays_.hand_on(stay, StaySet::kWhole, body.child_queue_id, model::Link::kBounce, event.time);
  }
}

void Tracer::Impl::on_verdict(const Event& event) {
  const auto& body = event.as<event::Verdict>();
  if (event.queue_id.empty()) return;
  Stay* stay = stays_.find(event);
  if (stay == nullptr) return;
  touch(*stay, event);
  if (body.score) stay->spam_score = body.score;
  set(*stay, stay->spam_action, body.action);
  if (!stay->details) return;
  model::fact::Verdict& kept = append(stay->details->verdicts, stay->pool);
  kept.time = event.time;
  kept.queue_id = stay->queue_id;
  kept.host = stay->host;
  kept.verdict = body;
  for (Text* text : {&kept.verdict.filter, &kept.verdict.action, &kept.verdict.category, &kept.verdict.virus_name,
                     &kept.verdict.sender, &kept.verdict.message_id, &kept.verdict.client_ip, &kept.verdict.reason}) {
    *text = stay->pool.add(*text);
  }
  kept.verdict.symbols = {};
  kept.verdict.recipients = {};
  kept.verdict.child_queue_ids = {};
}

void Tracer::Impl::on_auth(const Event& event) {
  const auto& body = event.as<event::Auth>();
  if (event.queue_id.empty()) {
    if (body.method != "spf" || body.client_ip.empty() || body.result.size() >= sizeof RecentSpf::result) return;
    const std::uint64_t client = hash_bytes(body.client_ip);
    RecentSpf& recent = recent_spf_[client % recent_spf_.size()];
    recent.client = client;
    recent.sender = lower_hash(body.sender);
    recent.time = event.time;
    std::copy(body.result.begin(), body.result.end(), recent.result);
    recent.result[body.result.size()] = '\0';
    return;
  }
  Stay* stay = stays_.find(event);
  if (stay == nullptr) return;
  touch(*stay, event);
  if (body.method == "spf") set(*stay, stay->spf, body.result);
  if (body.method == "dkim") set(*stay, stay->dkim, body.is_signed ? Text("signed") : body.result);
  if (body.method == "dmarc") set(*stay, stay->dmarc, body.result);
  if (!stay->details) return;
  model::fact::AuthResult& kept = append(stay->details->auth_results, stay->pool);
  kept.time = event.time;
  kept.queue_id = stay->queue_id;
  kept.host = stay->host;
  kept.auth = body;
  for (Text* text : {&kept.auth.method, &kept.auth.result, &kept.auth.domain, &kept.auth.selector, &kept.auth.algorithm,
                     &kept.auth.identity, &kept.auth.policy, &kept.auth.disposition, &kept.auth.client_ip,
                     &kept.auth.client_name, &kept.auth.sender, &kept.auth.reason, &kept.auth.helo}) {
    *text = stay->pool.add(*text);
  }
}

}  // namespace mailtrail::trace
