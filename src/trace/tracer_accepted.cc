// Mail of programs that tell of it once it is in their queue (accepted_mail.h).
#include <algorithm>

#include "base/text.h"
#include "trace/tracer_impl.h"

namespace mailtrail::trace {

using model::Event;
using model::Outcome;
using model::Status;
namespace event = model::event;

void Tracer::Impl::on_accepted(Stay& stay, const Event& event, const event::Receive& body) {
  if (!body.parent_queue_id.empty()) {
    set(stay, stay.parent_queue_id, body.parent_queue_id);
    Stay* parent = stays_.find(event.host, body.parent_queue_id);
    if (parent != nullptr && parent != &stay) {
      stays_.join(*parent, StaySet::kWhole, stay, model::Link::kBounce, 1.0, "notification");
      if (parent->details) {
        append(parent->details->steps, parent->pool) = {
            event.time, model::Kind::kNotify, {}, parent->pool.add(event.queue_id), event.at};
      }
    }
  }
  stays_.settle_links(stay);
  // Until an attempt names its recipients they are one without a name, so that what becomes of the message is told.
  if (stay.recipients.empty()) append(stay.recipients, stay.pool).hint = true;
  if (body.client_ip.empty() && body.client_name.empty()) return;
  if (event.pid < 0) return tell_accepted_login(event, body);
  Session& session = session_with(event, body.client_ip);
  if (session.client_ip.empty()) session.client_ip = session.pool.add(body.client_ip);
  if (session.client_name.empty()) session.client_name = session.pool.add(body.client_name);
  ++session.messages;
  if (!body.sasl_user.empty()) tell_login(session, event, body.sasl_method, body.sasl_user);
}

// Without a process id no line tells which messages came in one session: each that was sent by someone who had logged
// in is a login.
void Tracer::Impl::tell_accepted_login(const Event& event, const event::Receive& body) {
  if (body.sasl_user.empty()) return;
  model::fact::Login fact;
  fact.time = event.time;
  fact.offset_minutes = event.offset_minutes;
  fact.time_notes = event.time_notes;
  fact.host = event.host;
  fact.program = event.program;
  fact.pid = event.pid;
  fact.at = event.at;
  fact.event.protocol = "smtp";
  fact.event.method = body.sasl_method;
  fact.event.user = body.sasl_user;
  fact.event.result = model::LoginResult::kSuccess;
  fact.event.client_ip = body.client_ip;
  fact.event.client_name = body.client_name;
  sink_.on_login(fact);
}

// The address of an attempt: of one that names a local part alone (`bob <team@example.net>`), that of the attempts
// before which led there from the same original address, and name the domain.
Text Tracer::Impl::qualified_recipient(const Stay& stay, const event::Delivery& body) const {
  const Text local = body.recipient;
  constexpr std::size_t kMost = 100;
  if (body.orig_recipient.empty() || local.empty() || local.find('@') != Text::npos) return local;
  const std::size_t count = std::min(stay.recipients.size(), kMost);
  for (std::size_t i = 0; i < count; ++i) {
    const StayRecipient& one = stay.recipients[i];
    if (one.orig == body.orig_recipient && one.address.size() > local.size() && one.address[local.size()] == '@' &&
        equals_ignoring_case(one.address.substr(0, local.size()), local)) {
      return one.address;
    }
  }
  return local;
}

// An operator took one recipient off the message.
void Tracer::Impl::give_up_recipient(Stay& stay, Text recipient, Micros time) {
  stay.settled_at = time;
  bool found = false;
  for (StayRecipient& one : stay.recipients) {
    if (one.hint || !equals_ignoring_case(one.address, recipient)) continue;
    found = true;
    if (one.status != Status::kDeferred && one.status != Status::kNone) continue;
    one.status = Status::kNone;
    one.ruled = Outcome::kDeleted;
  }
  if (!found) hint(stay, recipient, {}, Outcome::kDeleted);
}

// All that is left of the message fails, and its sender is told.
void Tracer::Impl::bounce_rest(Stay& stay, const Event& event) {
  for (StayRecipient& one : stay.recipients) {
    if (one.status != Status::kDeferred && one.status != Status::kNone) continue;
    one.status = Status::kBounced;
    one.last_attempt = event.time;
  }
}

}  // namespace mailtrail::trace
