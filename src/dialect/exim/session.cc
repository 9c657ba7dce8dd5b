// Connections of clients, how they ended, and their TLS.
#include "base/text.h"
#include "dialect/exim/client.h"
#include "dialect/exim/fields.h"
#include "dialect/exim/parts.h"

namespace mailtrail::dialect::exim {
namespace {

bool ends_or_goes_on(Text text) {
  return text.empty() || text.front() == ' ' || text.front() == ':';
}

bool disconnect(Line& line, const Client& client, Text reason, Text duration) {
  auto& body = line.out.emit<model::event::Disconnect>(line.queue_id);
  client.fill(body);
  body.reason = reason;
  ExtraList extra;
  extra.add("duration", duration);
  extra.add("sender", client.sender);
  client.add_extras(extra);
  extra.attach(line.out);
  return true;
}

// Takes ` D=1s` off `text`.
Text take_duration(Text& text) {
  if (!consume(text, " D=")) return {};
  const std::size_t end = text.find(' ');
  const Text duration = text.substr(0, end);
  if (!seconds_of(duration)) return {};
  text.remove_prefix(duration.size());
  return duration;
}

// What can stand behind a client that went away: the words of smtp_in.c and of daemon.c, so that a HELO name that holds
// such words is told from them.
bool is_known_end(Text text) {
  for (const Text words :
       {" closed by QUIT", " closed by EOF", " closed by DROP in ACL", " closed after SIGTERM", " lost",
        " lost while reading message data", " lost while reading message data (header)", " lost (error: "}) {
    if (!text.starts_with(words)) continue;
    Text rest = text.substr(words.size());
    if (words.ends_with(' ')) {
      const std::size_t close = rest.find(')');
      if (close == kNone || rest.substr(0, close).find_first_of("([") != kNone) continue;
      rest.remove_prefix(close + 1);
    }
    if (take_duration(rest).empty() && !rest.empty()) continue;
    if (rest.empty()) return true;
  }
  return false;
}

// `SMTP connection from HOST (TCP/IP connection count = 1)`, `.. D=1s closed by QUIT`, `.. lost`.
bool parse_connection(Line& line) {
  Text rest = line.text;
  if (!consume(rest, "SMTP connection from ")) return false;
  Client client;
  consume(rest, "H=");
  const auto fits = [](Text text) {
    take_duration(text);
    return text.empty() || is_known_end(text) || (text.starts_with(" (") && text.ends_with(')'));
  };
  if (!take_client(rest, client, fits)) return false;
  Text duration = take_duration(rest);
  if (rest.empty() || rest.starts_with(" (")) {
    auto& body = line.out.emit<model::event::Connect>(line.queue_id);
    client.fill(body);
    ExtraList extra;
    constexpr Text kCount = " (TCP/IP connection count = ";
    if (consume(rest, kCount)) extra.add("connection_count", rest.substr(0, rest.find(')')));
    client.add_extras(extra);
    extra.attach(line.out);
    return true;
  }
  rest.remove_prefix(1);
  // `lost D=1s`
  const std::size_t at = rest.find(" D=");
  if (at != kNone) {
    Text behind = rest.substr(at);
    duration = take_duration(behind);
    rest = rest.substr(0, at);
  }
  return disconnect(line, client, rest == "closed by QUIT" ? Text{} : rest, duration);
}

// `WORDS HOST ..`: what ended the session stands before the client.
bool parse_break(Line& line) {
  constexpr Text kBreaks[] = {
      "unexpected disconnection while reading SMTP command from ", "SMTP command timeout on connection from ",
      "SMTP command timeout on TLS connection from ", "SMTP data timeout (message abandoned) on connection from ",
      "SMTP data timeout (message abandoned) on TLS connection from "};
  for (const Text words : kBreaks) {
    Text rest = line.text;
    if (!consume(rest, words)) continue;
    Client client;
    consume(rest, "H=");
    const auto fits = [](Text text) {
      Client unused;
      take_duration(text);
      take_client_fields(text, unused);
      return text.empty();
    };
    if (!take_client(rest, client, fits) && !take_client(rest, client, ends_or_goes_on)) return false;
    const Text duration = take_duration(rest);
    take_client_fields(rest, client);
    Text reason = words.substr(0, words.rfind(' '));
    for (const Text tail : {" from", " on connection", " on TLS connection"}) {
      if (reason.ends_with(tail)) reason.remove_suffix(tail.size());
    }
    return disconnect(line, client, reason, duration);
  }
  return false;
}

// `SMTP call from HOST dropped: too many syntax or protocol errors (last command was "..", C=..)`
bool parse_dropped(Line& line) {
  Text rest = line.text;
  if (!consume(rest, "SMTP call from ")) return false;
  Client client;
  consume(rest, "H=");
  if (!take_client(rest, client, [](Text text) { return text.starts_with(" dropped: "); })) return false;
  rest.remove_prefix(10);
  return disconnect(line, client, rest, {});
}

// `no MAIL in SMTP connection from HOST D=0s A=plain:bob X=.. C=EHLO,AUTH,QUIT`
bool parse_no_mail(Line& line) {
  Text rest = line.text;
  if (!consume(rest, "no MAIL in ")) return false;
  consume(rest, "SMTP connection from ") || consume(rest, "TLS connection from ");
  consume(rest, "H=");
  Client client;
  const auto fits = [](Text text) {
    Client unused;
    if (take_duration(text).empty()) return false;
    take_client_fields(text, unused);
    return text.empty() || (consume(text, " C=") && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ,.?") == kNone);
  };
  if (!take_client(rest, client, fits) && !take_client(rest, client, ends_or_goes_on)) return false;
  const Text duration = take_duration(rest);
  take_client_fields(rest, client);
  Text commands;
  if (consume(rest, " C=")) commands = rest;
  // The end of the session is logged for itself.
  auto& body = line.out.emit<model::event::Notice>(line.queue_id);
  body.severity = model::Severity::kInfo;
  body.topic = model::Topic::kNetwork;
  body.text = line.text;
  client.fill(body);
  ExtraList extra;
  extra.add("duration", duration);
  extra.add("command_list", commands);
  client.add_extras(extra);
  extra.attach(line.out);
  if (client.auth.empty()) return true;
  // The session had nothing else to say that it logged in.
  const AuthName auth = read_auth(client.auth);
  auto& login = line.out.emit<model::event::Login>();
  const Text own = client.host.interface;
  login.protocol = own.ends_with("]:587") || own.ends_with("]:465") ? "submission" : "smtp";
  login.method = auth.method;
  login.user = auth.user;
  login.result = model::LoginResult::kSuccess;
  login.client_ip = client.host.ip;
  login.client_name = client.host.name;
  return true;
}

// `TLS error on connection from HOST (gnutls_handshake): why`
bool parse_tls_error(Line& line) {
  Text rest = line.text;
  if (!consume(rest, "TLS error on ")) return false;
  consume(rest, "SMTP ");
  if (!consume(rest, "connection from ")) return false;
  consume(rest, "H=");
  Client client;
  if (!take_client(rest, client, [](Text text) { return text.starts_with(" (") || text.starts_with(": "); }))
    return false;
  auto& body = line.out.emit<model::event::Tls>(line.queue_id);
  body.direction = model::Direction::kIn;
  body.tls_trust = "failed";
  body.peer_name = client.host.name;
  body.peer_ip = client.host.ip;
  body.peer_port = client.host.port;
  if (!consume(rest, ": ")) consume(rest, " ");
  body.reason = rest;
  ExtraList extra;
  extra.add("helo", client.host.helo);
  client.add_extras(extra);
  extra.attach(line.out);
  return true;
}

}  // namespace

bool parse_session(Line& line) {
  if (line.text.size() < 8) return false;
  switch (line.text.front()) {
    case 'S':
      return parse_connection(line) || parse_break(line) || parse_dropped(line);
    case 'u':
      return parse_break(line);
    case 'n':
      return parse_no_mail(line);
    case 'T':
      return parse_tls_error(line);
    default:
      return false;
  }
}

}  // namespace mailtrail::dialect::exim
