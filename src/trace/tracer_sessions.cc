// What events do to sessions, and those that are facts as they stand.
#include <algorithm>

#include "trace/accepted_mail.h"
#include "trace/endless_mail.h"
#include "trace/tracer_impl.h"

namespace mailtrail::trace {

using model::Action;
using model::Event;
using model::Stage;
namespace event = model::event;

namespace {

// Sessions are followed where one process serves one client at a time: Postfix's smtpd(8) and qmqpd(8). postscreen(8)
// and tlsproxy(8) hold many at once under one process id. A tag that was cut to `postfix` alone may be any of them;
// then the service that the line names tells.
bool serves_one_client(const Event& event) {
  if (event.program.ends_with("smtpd") || event.program.ends_with("qmqpd")) return true;
  // Exim's daemon tells of a connection, and a process of its own of all that comes through it.
  if (tells_accepted_mail(event)) return event.pid >= 0 && event.kind != model::Kind::kConnect;
  if (event.dialect == "sendmail") return true;
  if (event.program != "postfix") return false;
  if (event.kind == model::Kind::kConnect) return event.as<event::Connect>().service != "postscreen";
  if (event.kind == model::Kind::kDisconnect) return event.as<event::Disconnect>().service != "postscreen";
  return true;
}

Text login_protocol(const Event& event) {
  return event.instance.ends_with("submission") || event.instance.ends_with("smtps") ||
                 event.instance.ends_with("submissions")
             ? "submission"
             : "smtp";
}

// Fills in what every fact has of its event.
template <class Fact>
void fill(Fact& fact, const Event& event) {
  fact.time = event.time;
  fact.host = event.host;
  if constexpr (requires { fact.program; }) fact.program = event.program;
  if constexpr (requires { fact.offset_minutes; }) fact.offset_minutes = event.offset_minutes;
  if constexpr (requires { fact.time_notes; }) fact.time_notes = event.time_notes;
  if constexpr (requires { fact.instance; }) fact.instance = event.instance;
  if constexpr (requires { fact.queue_id; }) fact.queue_id = event.queue_id;
  if constexpr (requires { fact.pid; }) fact.pid = event.pid;
  if constexpr (requires { fact.repeat; }) fact.repeat = event.repeat;
  if constexpr (requires { fact.at; }) fact.at = event.at;
}

// How many times the client sent a message that was taken (DATA or BDAT), and whether the line says so at all.
struct DataCount {
  bool stated = false;
  std::uint32_t taken = 0;
};
DataCount data_count(std::span<const model::CommandCount> commands) {
  DataCount count;
  count.stated = !commands.empty();
  for (const model::CommandCount& command : commands) {
    if (command.name == "data" || command.name == "bdat") count.taken += command.accepted;
  }
  return count;
}

}  // namespace

// The session that the process has with this client. Where the log lacks the lines between, the session that it had
// before is over. A proxy on this host speaks for many clients in one session (XCLIENT, XFORWARD): what one of them
// said of itself is not the next one's.
Session& Tracer::Impl::session_with(const Event& event, Text client_ip) {
  Session& session = sessions_.open(event);
  if (session.client_ip.empty() || client_ip.empty() || session.client_ip == client_ip) return session;
  const bool proxy = session.has_begin && (session.client_ip.starts_with("127.") || session.client_ip == "::1");
  if (proxy) {
    session.helo = {};
    return session;
  }
  tell_session(session, nullptr);
  sessions_.close(session);
  return sessions_.open(event);
}

void Tracer::Impl::on_connect(const Event& event) {
  if (!serves_one_client(event)) return;
  // The process id serves somebody new: what was before is over, though the log does not say so.
  if (Session* old = sessions_.find(event)) {
    tell_session(*old, nullptr);
    sessions_.close(*old);
  }
  const auto& body = event.as<event::Connect>();
  Session& session = sessions_.open(event);
  session.has_begin = true;
  session.client_name = session.pool.add(body.client_name);
  session.client_ip = session.pool.add(body.client_ip);
}

void Tracer::Impl::on_disconnect(const Event& event) {
  if (!serves_one_client(event)) return;
  const auto& body = event.as<event::Disconnect>();
  // `lost connection after DATA from ...` stands before `disconnect from ...`: the session goes on to that.
  if (!body.reason.empty() && body.commands.empty() && !tells_accepted_mail(event) && event.dialect != "opensmtpd") {
    Session& session = sessions_.open(event);
    if (session.reason.empty()) session.reason = session.pool.add(body.reason);
    if (session.client_ip.empty()) session.client_ip = session.pool.add(body.client_ip);
    return;
  }
  Session& session = sessions_.open(event);
  if (session.client_ip.empty()) session.client_ip = session.pool.add(body.client_ip);
  if (session.client_name.empty()) session.client_name = session.pool.add(body.client_name);
  const auto auth = std::find_if(body.commands.begin(), body.commands.end(),
                                 [](const model::CommandCount& one) { return one.name == "auth"; });
  if (auth != body.commands.end() && auth->accepted > 0) tell_login(session, event, {}, {});
  drop_refused(session, body, event);
  if (session.reason.empty() && body.reason != "quit") session.reason = session.pool.add(body.reason);
  tell_session(session, &event);
  sessions_.close(session);
}

// A session that is over leaves queue ids behind whose message was never accepted: the client went away, or was refused
// after DATA. The counters of the disconnect line tell them from messages that the queue manager has yet to take up.
void Tracer::Impl::drop_refused(Session& session, const event::Disconnect& body, const Event& event) {
  const DataCount data = data_count(body.commands);
  std::uint32_t open = 0;
  for (const StayRef ref : session.stays) {
    const Stay* stay = stays_.at(ref);
    if (stay != nullptr && !stay->gone && !stay->queued) ++open;
  }
  if (open == 0) return;
  const bool none_taken = data.stated ? data.taken == 0 : !session.reason.empty();
  const bool those = data.stated && session.messages >= data.taken && session.messages - data.taken >= open;
  for (const StayRef ref : session.stays) {
    Stay* stay = stays_.at(ref);
    if (stay == nullptr || stay->gone || stay->queued) continue;
    if (stay->discarded) {
      stays_.gone(*stay, event.time);
      continue;
    }
    if (stay->held && !none_taken) continue;
    const bool refused = stay->refused || !stay->refusal.empty();
    if (none_taken || those || refused) {
      stay->held = false;
      stays_.doubt(*stay, event.time, data.stated || refused);
    }
  }
}

void Tracer::Impl::tell_session(Session& session, const Event* event) {
  if (session.client_ip.empty() && session.client_name.empty()) return;
  model::fact::Session fact;
  fact.began = session.began;
  fact.ended = event != nullptr ? event->time : now_;
  fact.begin_missing = !session.has_begin;
  fact.end_missing = event == nullptr;
  fact.host = session.host;
  fact.program = session.pid == SessionTable::kNamed ? session.instance : session.program;
  fact.instance = session.pid == SessionTable::kNamed ? Text{} : session.instance;
  fact.client_name = session.client_name;
  fact.client_ip = session.client_ip;
  fact.tls_version = session.tls_version;
  fact.tls_cipher = session.tls_cipher;
  fact.sasl_user = session.sasl_user;
  fact.reason = session.reason;
  fact.pid = std::max(session.pid, -1);
  if (event != nullptr) fact.commands = event->as<event::Disconnect>().commands;
  fact.messages = session.messages;
  fact.rejections = session.rejections;
  sink_.on_session(fact);
}

// An authentication that succeeded is not a line of its own: each message, refusal or disconnect line of the session
// says it. It is told once a session.
void Tracer::Impl::tell_login(Session& session, const Event& event, Text method, Text user) {
  if (session.login_told) return;
  session.login_told = true;
  session.sasl_user = session.pool.add(user);
  model::fact::Login fact;
  fill(fact, event);
  fact.repeat = 1;
  fact.event.protocol = login_protocol(event);
  fact.event.method = method;
  fact.event.user = user;
  fact.event.result = model::LoginResult::kSuccess;
  fact.event.client_ip = session.client_ip;
  fact.event.client_name = session.client_name;
  sink_.on_login(fact);
}

void Tracer::Impl::on_reject(const Event& event) {
  const auto& body = event.as<event::Reject>();
  model::fact::Rejection fact;
  fill(fact, event);
  fact.event = body;
  if (!logs_no_end(event) || complete_refusal(event, fact.event)) sink_.on_rejection(fact);

  Session* session = nullptr;
  if (serves_one_client(event)) {
    session = &session_with(event, body.client_ip);
    if (session->client_ip.empty()) session->client_ip = session->pool.add(body.client_ip);
    if (session->client_name.empty()) session->client_name = session->pool.add(body.client_name);
    if (session->helo.empty()) session->helo = session->pool.add(body.helo);
    if (body.action == Action::kReject || body.action == Action::kDefer) ++session->rejections;
    if (!body.sasl_user.empty()) tell_login(*session, event, body.sasl_method, body.sasl_user);
  }
  if (event.queue_id.empty()) {
    const bool rule =
        body.action == Action::kHold || body.action == Action::kDiscard || body.action == Action::kRedirect;
    if (!rule || session == nullptr || session->rules.size() >= 100) return;
    session->rules.push_back({body.action, session->pool.add(body.recipient), session->pool.add(body.sender)});
    return;
  }
  Stay* found = stays_.find(event);
  const bool of_content = !body.header_name.empty() || body.stage == Stage::kData || body.stage == Stage::kEod ||
                          body.stage == Stage::kBdat;
  const bool refused = body.action == Action::kReject || body.action == Action::kDefer;
  if (found == nullptr && refused && !of_content && logs_no_end(event)) return;
  if (found == nullptr || (found->gone && of_content)) found = &stays_.begin(event);
  Stay& stay = *found;
  touch(stay, event);
  note_step(stay, event, body.reply.empty() ? body.reason : body.reply);
  if (refused) {
    // One recipient refused leaves the message to the others; a refusal after DATA takes it away from all.
    if (!of_content) return;
    hint(stay, body.recipient, body.sender, model::Outcome::kUnknown);
    if (!stay.queued) {
      stay.refused = true;
      stays_.doubt(stay, event.time, true);
    }
    return;
  }
  apply_rule(stay, body.action, body.recipient, body.sender, event.time);
  if (body.action == Action::kDiscard && of_content) stays_.gone(stay, event.time);
}

void Tracer::Impl::on_login(const Event& event) {
  model::fact::Login fact;
  fill(fact, event);
  fact.event = event.as<event::Login>();
  if (logs_no_end(event)) note_login(event, fact.event);
  sink_.on_login(fact);
}

void Tracer::Impl::on_tls(const Event& event) {
  const auto& body = event.as<event::Tls>();
  model::fact::TlsSession fact;
  fill(fact, event);
  fact.event = body;
  sink_.on_tls(fact);
  if (body.tls_version.empty()) return;
  const bool in = body.direction == model::Direction::kIn;
  if (in && !serves_one_client(event)) return;
  // A client makes one session after another, each of which replaces the last.
  if (Session* last = in ? nullptr : sessions_.find(event)) sessions_.close(*last);
  Session& session = in && logs_no_end(event) ? young_session(event, body.peer_ip) : sessions_.open(event);
  session.tls_version = session.pool.add(body.tls_version);
  session.tls_cipher = session.pool.add(body.tls_cipher);
  session.tls_bits = body.tls_bits;
  if (in) {
    if (session.client_ip.empty()) session.client_ip = session.pool.add(body.peer_ip);
    if (session.client_name.empty() && logs_no_end(event)) session.client_name = session.pool.add(body.peer_name);
  } else {
    session.peer_ip = session.pool.add(body.peer_ip);
  }
}

void Tracer::Impl::on_notice(const Event& event) {
  const auto& body = event.as<event::Notice>();
  model::fact::Notice fact;
  fill(fact, event);
  fact.event = body;
  sink_.on_notice(fact);
  if (event.queue_id.empty()) return;
  Stay* stay = stays_.find(event);
  if (stay == nullptr) return;
  touch(*stay, event);
  // smtpd(8) and cleanup(8) say only this when a message outgrows message_size_limit after DATA.
  if (body.text.find("queue file size limit exceeded") == Text::npos || stay->queued || !stay->refusal.empty()) return;
  stay->refusal = "queue file size limit exceeded";
  stays_.doubt(*stay, event.time, true);
  model::fact::Rejection rejection;
  fill(rejection, event);
  rejection.instance = stay->instance;
  rejection.event.stage = Stage::kEod;
  rejection.event.action = Action::kReject;
  rejection.event.reason = stay->refusal;
  rejection.event.client_name = stay->client_name;
  rejection.event.client_ip = stay->client_ip;
  rejection.event.helo = stay->helo;
  rejection.event.sender = stay->sender.empty() ? stay->hinted_sender : stay->sender;
  for (const StayRecipient& one : stay->recipients) {
    if (rejection.event.recipient.empty()) rejection.event.recipient = one.address;
  }
  sink_.on_rejection(rejection);
}

void Tracer::Impl::on_policy(const Event& event) {
  model::fact::Policy fact;
  fill(fact, event);
  fact.event = event.as<event::Policy>();
  sink_.on_policy(fact);
}

void Tracer::Impl::on_gap(const Event& event) {
  model::fact::Gap fact;
  fill(fact, event);
  fact.event = event.as<event::Gap>();
  sink_.on_gap(fact);
}

}  // namespace mailtrail::trace
