// Connections: who authenticated, TLS, how they began and ended, what rule a client broke.
#include "dialect/extra_list.h"
#include "dialect/sendmail/parts.h"
#include "dialect/sendmail/scan.h"

namespace mailtrail::dialect::sendmail {
namespace {

using model::Direction;
using model::LoginResult;
using model::Severity;
using model::Text;
using model::Topic;
namespace event = model::event;

constexpr std::size_t kNone = Text::npos;

// `text` split at the last place where `words` stand.
bool split_last(Text text, Text words, Text& head, Text& tail) {
  const std::size_t at = text.rfind(words);
  if (at == kNone) return false;
  head = text.substr(0, at);
  tail = text.substr(at + words.size());
  return true;
}

// `AUTH=server, relay=H [A], authid=U, mech=PLAIN, bits=0`. The user proved who it is; still the fields are read from
// the right, where its name cannot reach.
bool parse_login(Line& line, Text text) {
  Text head, bits, mechanism, user, relay;
  if (!split_last(text, ", bits=", head, bits) || !split_last(head, ", mech=", head, mechanism)) return false;
  const std::size_t authid = head.find(", authid=");
  if (authid == kNone || !consume(head, ", relay=")) return false;
  relay = head.substr(0, authid - 8);
  user = head.substr(authid - 8 + 9);
  const Peer peer = read_peer(relay);
  auto& login = line.out.emit<event::Login>(line.queue_id);
  login.protocol = "smtp";
  login.method = mechanism;
  login.user = user;
  login.result = LoginResult::kSuccess;
  login.client_ip = peer.ip;
  login.client_name = peer.name;
  ExtraList extra;
  if (bits != "0") extra.add("bits", bits);
  extra.attach(line.out);
  return true;
}

// `AUTH failure (PLAIN): words (-13) more words, user=U, relay=H [A]`. The user name is whatever the client sent: the
// last relay is Sendmail's. Before 8.16 there is no user.
bool parse_failed_login(Line& line, Text text) {
  Text head, relay;
  if (!split_last(text, ", relay=", head, relay)) return false;
  const std::size_t close = head.find("): ");
  if (close == kNone) return false;
  auto& login = line.out.emit<event::Login>(line.queue_id);
  login.protocol = "smtp";
  login.method = head.substr(0, close);
  login.result = LoginResult::kFailure;
  head.remove_prefix(close + 3);
  const std::size_t user = head.find(", user=");
  login.reason = head.substr(0, user);
  if (user != kNone) login.user = head.substr(user + 7);
  const Peer peer = read_peer(relay);
  login.client_ip = peer.ip;
  login.client_name = peer.name;
  return true;
}

Text trust_of(Text verify) {
  if (verify == "OK" || verify == "TRUSTED") return "verified";
  if (verify == "FAIL") return "untrusted";
  if (verify == "NO") return "anonymous";
  return {};
}

// `STARTTLS=server, relay=H [A], version=TLSv1.3, verify=NO, cipher=C, bits=256/256`.
bool parse_tls_session(Line& line, Direction direction, Text text) {
  const std::size_t version = text.find(", version=");
  if (!consume(text, "relay=") || version == kNone) return false;
  const Peer peer = read_peer(text.substr(0, version - 6));
  text.remove_prefix(version - 6 + 2);
  auto& tls = line.out.emit<event::Tls>(line.queue_id);
  tls.direction = direction;
  tls.peer_name = peer.name;
  tls.peer_ip = peer.ip;
  ExtraList extra;
  while (!text.empty()) {
    const std::size_t end = text.find(", ");
    Text value = text.substr(0, end);
    text.remove_prefix(end == kNone ? text.size() : end + 2);
    const bool named = value.find('=') != kNone;
    const Text name = take_until(value, '=');
    if (name == "version") {
      tls.tls_version = value;
    } else if (name == "cipher") {
      tls.tls_cipher = value;
    } else if (name == "bits") {
      tls.tls_bits = to_number<std::int32_t>(value.substr(0, value.find('/')));
    } else if (name == "verify") {
      tls.tls_trust = trust_of(value);
      extra.add("verify", value);
    } else {
      extra.add(named ? name : Text("rest"), named ? value : name);
    }
  }
  extra.attach(line.out);
  return true;
}

// `STARTTLS=server, error: accept failed=-1, reason=R, SSL_error=1, errno=0, retry=-1, relay=H [A]`.
bool parse_tls_failure(Line& line, Direction direction, Text text) {
  const std::size_t reason = text.find(", reason=");
  if (reason == kNone) return false;
  auto& tls = line.out.emit<event::Tls>(line.queue_id);
  tls.direction = direction;
  tls.tls_trust = "failed";
  tls.reason = text.substr(reason + 9, text.find(", SSL_error=", reason) - reason - 9);
  Text head, relay;
  if (split_last(text, ", relay=", head, relay)) {
    const Peer peer = read_peer(relay);
    tls.peer_name = peer.name;
    tls.peer_ip = peer.ip;
  }
  ExtraList extra;
  extra.add("failed", text.substr(0, text.find('=')));
  extra.attach(line.out);
  return true;
}

bool parse_tls(Line& line, Text text) {
  Direction direction = Direction::kNone;
  if (consume(text, "server, ")) direction = Direction::kIn;
  if (direction == Direction::kNone && consume(text, "client, ")) direction = Direction::kOut;
  if (direction != Direction::kNone) {
    if (parse_tls_session(line, direction, text)) return true;
    Text failure = text;
    if (consume(failure, "error: ") &&
        (failure.starts_with("accept failed=") || failure.starts_with("connect failed="))) {
      return parse_tls_failure(line, direction, failure);
    }
  }
  const bool bad = text.find("fail") != kNone || text.find("error") != kNone || text.find("missing") != kNone;
  return emit_notice(line.out, bad ? Severity::kWarning : Severity::kInfo, Topic::kTls, line.queue_id);
}

void emit_end(Line& line, Text client, Text reason, Text daemon) {
  auto& disconnect = line.out.emit<event::Disconnect>(line.queue_id);
  const Peer peer = read_peer(client);
  disconnect.client_name = peer.name;
  disconnect.client_ip = peer.ip;
  disconnect.service = daemon;
  disconnect.reason = reason;
}

// Broken rules: `rejecting commands from H [A] due to pre-greeting traffic after 0 seconds`.
void emit_violation(Line& line, Text client, Text reason) {
  auto& policy = line.out.emit<event::Policy>(line.queue_id);
  policy.action = model::Action::kViolation;
  const Peer peer = read_peer(client);
  policy.client_name = peer.name;
  policy.client_ip = peer.ip;
  policy.reason = reason;
}

bool parse_violation(Line& line, Text text) {
  Text head, tail;
  for (const Text words : {Text(" due to pre-greeting traffic"), Text(" due to traffic before response")}) {
    if (!split_last(text, words, head, tail)) continue;
    const std::size_t from = head.find(" from ");
    if (from == kNone) return false;
    emit_violation(line, head.substr(from + 6), words.substr(8));
    ExtraList extra;
    extra.add("rejected", head.substr(0, from));
    extra.attach(line.out);
    return true;
  }
  return false;
}

// `lost input channel from H [A] to MTA after rcpt`: the name of the daemon and of the command are Sendmail's.
bool parse_lost(Line& line, Text text) {
  Text head, command, client, daemon;
  if (!split_last(text, " after ", head, command) || !split_last(head, " to ", client, daemon)) return false;
  emit_end(line, client, "lost connection", daemon);
  ExtraList extra;
  extra.add("after", command);
  extra.attach(line.out);
  return true;
}

// `timeout waiting for input from NAME during server cmd read`; with `client ..` it is about a server that we spoke to.
bool parse_timeout(Line& line, Text text) {
  Text client, phase;
  if (!split_last(text, " during ", client, phase)) return false;
  if (phase.starts_with("client ")) return emit_notice(line.out, Severity::kInfo, Topic::kNetwork, line.queue_id);
  emit_end(line, client, "timeout", {});
  ExtraList extra;
  extra.add("during", phase);
  extra.attach(line.out);
  return true;
}

// What begins with the client: `H [A]: words`, `H [A] did not issue ..`.
bool parse_client_words(Line& line) {
  const Text text = line.text;
  const std::size_t close = text.find(']');
  if (close == kNone || close > 400) return false;
  Text client = text.substr(0, close + 1), words = text.substr(close + 1);
  if (read_peer(client).ip.empty()) return false;
  if (consume(words, " (may be forged)")) client = text.substr(0, client.size() + 16);
  if (consume(words, " did not issue MAIL/EXPN/VRFY/ETRN during connection to ")) {
    emit_end(line, client, "did not issue MAIL/EXPN/VRFY/ETRN", words);
    return true;
  }
  if (!consume(words, ": ")) return false;
  constexpr Text kViolations[] = {"Possible SMTP RCPT flood",
                                  "probable open proxy: ", "possible SMTP attack: ", "SMTP violation, "};
  for (const Text violation : kViolations) {
    if (!words.starts_with(violation)) continue;
    emit_violation(line, client, words);
    return true;
  }
  constexpr Text kCommands[] = {"VRFY", "EXPN", "ETRN"};
  for (const Text command : kCommands) {
    if (!equals_ignoring_case(words.substr(0, 4), command)) continue;
    const Peer peer = read_peer(client);
    if (words.ends_with(" [rejected]")) {
      auto& reject = line.out.emit<event::Reject>(line.queue_id);
      reject.stage = command == "ETRN" ? model::Stage::kEtrn : model::Stage::kVrfy;
      reject.action = model::Action::kReject;
      reject.client_name = peer.name;
      reject.client_ip = peer.ip;
      reject.reason = words.substr(0, words.size() - 11);
      return true;
    }
    emit_notice(line.out, Severity::kInfo, Topic::kOther, line.queue_id);
    return true;
  }
  return false;
}

// `"wiz" command from H [A] (A)`.
bool parse_forbidden_command(Line& line) {
  const std::size_t from = line.text.find("\" command from ");
  const std::size_t last = line.text.rfind(" (");
  if (from == kNone || last == kNone || last < from + 15) return false;
  emit_violation(line, line.text.substr(from + 15, last - from - 15), line.text.substr(0, from + 9));
  return true;
}

}  // namespace

bool parse_session(Line& line) {
  Text text = line.text;
  if (text.empty()) return false;
  switch (text.front()) {
    case 'A':
      if (consume(text, "AUTH=server")) {
        if (text.starts_with(", relay=") && parse_login(line, text)) return true;
        return emit_notice(line.out, Severity::kInfo, Topic::kOther, line.queue_id);
      }
      return consume(text, "AUTH failure (") && parse_failed_login(line, text);
    case 'S':
      return consume(text, "STARTTLS=") && parse_tls(line, text);
    case 'r':
      if (text.starts_with("rejecting ") && parse_violation(line, text)) return true;
      break;
    case 'l':
      if (consume(text, "lost input channel from ")) return parse_lost(line, text);
      break;
    case 't':
      if (consume(text, "timeout waiting for input from ")) return parse_timeout(line, text);
      break;
    case 'c':
      if (consume(text, "connect from ")) {
        const Peer peer = read_peer(text);
        auto& connect = line.out.emit<event::Connect>(line.queue_id);
        connect.client_name = peer.name;
        connect.client_ip = peer.ip;
        return true;
      }
      break;
    case '"':
      return parse_forbidden_command(line);
    default:
      break;
  }
  return parse_client_words(line);
}

}  // namespace mailtrail::dialect::sendmail
