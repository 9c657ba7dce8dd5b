// postscreen(8) and its helpers: tests of clients before any SMTP server sees them.
#include <cstring>

#include "dialect/postfix/parts.h"
#include "dialect/postfix/scan.h"

namespace mailtrail::dialect::postfix {
namespace {

using model::Action;
using model::Text;
namespace event = model::event;

// `[address]:port` that is all of `text`.
bool whole_peer(Text text, Peer& peer) {
  return take_peer(text, peer) && text.empty();
}

void emit_policy(Line& line, Action action, Text reason, const Peer& peer) {
  auto& policy = line.out.emit<event::Policy>();
  policy.action = action;
  policy.reason = reason;
  policy.client_name = peer.name;
  policy.client_ip = peer.address;
  policy.client_port = peer.port;
}

// `a b`, made in the arena.
Text joined(Arena& arena, Text a, Text b) {
  char* copy = static_cast<char*>(arena.allocate(a.size() + b.size() + 1, 1));
  std::memcpy(copy, a.data(), a.size());
  copy[a.size()] = ' ';
  std::memcpy(copy + a.size() + 1, b.data(), b.size());
  return {copy, a.size() + b.size() + 1};
}

// `CONNECT from [address]:port to [address]:port`.
bool parse_connect(Line& line, Text text, Text service) {
  Peer client, server;
  if (!take_peer(text, client)) return false;
  if (!text.empty() && (!consume(text, " to ") || !whole_peer(text, server))) return false;
  auto& body = line.out.emit<event::Connect>();
  body.client_ip = client.address;
  body.client_port = client.port;
  body.service = service;
  return true;
}

bool parse_disconnect(Line& line, Text text, Text service) {
  Peer client;
  if (!whole_peer(text, client)) return false;
  auto& body = line.out.emit<event::Disconnect>();
  body.client_ip = client.address;
  body.client_port = client.port;
  body.service = service;
  return true;
}

// `WORDS [address]:port`: what was found in a list or in the cache of clients that passed.
bool parse_listed(Line& line) {
  struct Shape {
    Text words;
    Action action;
  };
  static constexpr Shape kShapes[] = {{"PASS OLD", Action::kPass},
                                      {"PASS NEW", Action::kPass},
                                      {"ALLOWLISTED", Action::kPass},
                                      {"WHITELISTED", Action::kPass},
                                      {"DENYLISTED", Action::kViolation},
                                      {"BLACKLISTED", Action::kViolation},
                                      {"ALLOWLIST VETO", Action::kViolation},
                                      {"WHITELIST VETO", Action::kViolation}};
  for (const Shape& shape : kShapes) {
    Text text = line.text;
    if (!consume(text, shape.words) || !consume(text, " ")) continue;
    Peer peer;
    if (!whole_peer(text, peer)) return false;
    emit_policy(line, shape.action, shape.words, peer);
    return true;
  }
  return false;
}

// `DNSBL rank 3 for [address]:port`: the score that reached postscreen_dnsbl_threshold.
bool parse_rank(Line& line) {
  Text text = line.text;
  if (!consume(text, "DNSBL rank ")) return false;
  const auto score = to_number<std::int32_t>(take_until(text, ' '));
  Peer peer;
  if (!score || !consume(text, "for ") || !whole_peer(text, peer)) return false;
  auto& policy = line.out.emit<event::Policy>();
  policy.action = Action::kViolation;
  policy.reason = line.text.substr(0, line.text.find(" for "));
  policy.score = *score;
  policy.client_ip = peer.address;
  policy.client_port = peer.port;
  return true;
}

// `WORDS from [address]:port MORE`: a rule of SMTP that the client broke. MORE is ` after COMMAND`, ` in tests before
// SMTP handshake`, and may end in what the client sent, behind a colon.
bool parse_violation(Line& line) {
  static constexpr Text kWords[] = {"PREGREET ",
                                    "HANGUP after ",
                                    "COMMAND TIME LIMIT",
                                    "COMMAND PIPELINING",
                                    "COMMAND COUNT LIMIT",
                                    "COMMAND LENGTH LIMIT",
                                    "NON-SMTP COMMAND",
                                    "BARE NEWLINE",
                                    "DATA without valid RCPT",
                                    "BDAT without valid RCPT"};
  for (const Text words : kWords) {
    if (!line.text.starts_with(words)) continue;
    const std::size_t from = line.text.find(" from ", words.size() - 1);
    if (from == Text::npos || from > 100) return false;
    const Text what = line.text.substr(0, from);
    Text rest = line.text.substr(from + 6);
    Peer peer;
    if (!take_peer(rest, peer)) return false;
    if (!rest.empty() && rest.front() != ' ' && rest.front() != ':') return false;
    Text more = rest.substr(0, rest.find(':'));
    if (more.starts_with(' ')) more.remove_prefix(1);
    emit_policy(line, Action::kViolation, more.empty() ? what : joined(line.out.arena(), what, more), peer);
    return true;
  }
  return false;
}

// `reject: connect from [address]:port: all screening ports busy`, and the same with NOQUEUE and CONNECT, which
// parse_action takes.
bool parse_busy(Line& line) {
  Text text = line.text;
  if (!consume(text, "reject: connect from ")) return false;
  Peer peer;
  if (!take_peer(text, peer) || !consume(text, ": ")) return false;
  auto& reject = line.out.emit<event::Reject>();
  reject.stage = model::Stage::kConnect;
  reject.action = Action::kReject;
  reject.reason = text;
  reject.client_ip = peer.address;
  reject.client_port = peer.port;
  return true;
}

bool parse_postscreen(Line& line) {
  Text text = line.text;
  if (consume(text, "CONNECT from ")) return parse_connect(line, text, "postscreen");
  if (consume(text, "DISCONNECT ")) return parse_disconnect(line, text, "postscreen");
  return parse_listed(line) || parse_rank(line) || parse_violation(line) || parse_busy(line);
}

// `addr A listed by domain D as REPLY`. Lists of good senders answer too: what it means is postscreen's to say.
bool parse_dnsblog(Line& line) {
  Text text = line.text;
  if (!consume(text, "addr ")) return false;
  const Text address = take_until(text, ' ');
  const Text reason = text;
  if (!consume(text, "listed by domain ")) return false;
  const Text domain = take_until(text, ' ');
  if (domain.empty() || !text.starts_with("as ")) return false;
  auto& policy = line.out.emit<event::Policy>();
  policy.reason = reason;
  policy.blocklist = domain;
  policy.client_ip = address;
  return true;
}

bool parse_tlsproxy(Line& line) {
  Text text = line.text;
  if (consume(text, "CONNECT from ")) return parse_connect(line, text, "tlsproxy");
  if (consume(text, "DISCONNECT ")) return parse_disconnect(line, text, "tlsproxy");
  if (!text.starts_with("CONNECT to ")) return false;
  // On behalf of the SMTP client: the peer is a server.
  emit_notice(line, model::Severity::kInfo);
  return true;
}

// The tag does not say which: postscreen's CONNECT has a second address, DISCONNECT may be either's.
bool parse_any(Line& line) {
  Text text = line.text;
  if (consume(text, "CONNECT from ")) {
    return parse_connect(line, text, text.find(" to [") == Text::npos ? "tlsproxy" : "postscreen");
  }
  if (consume(text, "DISCONNECT ")) return parse_disconnect(line, text, {});
  return parse_postscreen(line) || parse_dnsblog(line) || parse_tlsproxy(line);
}

}  // namespace

bool parse_screen(Line& line) {
  switch (line.tag.daemon) {
    case Daemon::kPostscreen:
      return parse_postscreen(line);
    case Daemon::kDnsblog:
      return parse_dnsblog(line);
    case Daemon::kTlsproxy:
      return parse_tlsproxy(line);
    case Daemon::kAny:
      return parse_any(line);
    default:
      return false;
  }
}

}  // namespace mailtrail::dialect::postfix
