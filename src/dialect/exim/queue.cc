// What becomes of a message in the queue, and what is said of it there.
#include "base/text.h"
#include "dialect/exim/parts.h"
#include "dialect/extra_list.h"

namespace mailtrail::dialect::exim {
namespace {

using model::Severity;
using model::Topic;

bool notice(Line& line, Severity severity, Topic topic) {
  auto& body = line.out.emit<model::event::Notice>(line.queue_id);
  body.severity = severity;
  body.topic = topic;
  body.text = line.text;
  return true;
}

bool parse_completed(Line& line) {
  Text rest = line.text;
  if (!consume(rest, "Completed") || (!rest.empty() && rest.front() != ' ')) return false;
  line.out.emit<model::event::Remove>(line.queue_id);
  ExtraList extra;
  if (consume(rest, " QT=")) {
    extra.add("queue_time", take_until(rest, ' '));
    extra.add("rest", rest);
  } else if (!rest.empty()) {
    extra.add("rest", rest.substr(1));
  }
  extra.attach(line.out);
  return true;
}

// `address <a@b> marked delivered by root`: nothing was delivered, an operator gave it up.
bool parse_marked(Line& line) {
  Text rest = line.text;
  Text recipient;
  if (consume(rest, "address ")) {
    if (!take_bracketed(rest, recipient)) return false;
  } else if (!consume(rest, "all addresses")) {
    return false;
  }
  if (!consume(rest, " marked delivered by ")) return false;
  auto& body = line.out.emit<model::event::Delete>(line.queue_id);
  body.reason = line.text;
  body.user = rest;
  body.recipient = recipient;
  return true;
}

// `removed by root`, `frozen by ACL`, `cancelled by root`, ...
bool parse_act(Line& line) {
  Text rest = line.text;
  // Only one word may follow: what a person logs from an ACL may begin alike.
  if (consume(rest, "removed by ")) {
    auto& body = line.out.emit<model::event::Delete>(line.queue_id);
    body.reason = line.text;
    body.user = rest;
    return true;
  }
  if (consume(rest, "frozen by ")) {
    auto& body = line.out.emit<model::event::Hold>(line.queue_id);
    body.reason = line.text;
    body.user = rest;
    return true;
  }
  if (consume(rest, "unfrozen by ") || consume(rest, "Unfrozen by ")) {
    auto& body = line.out.emit<model::event::Release>(line.queue_id);
    body.reason = line.text;
    if (line.text.front() == 'u') body.user = rest;
    return true;
  }
  if (consume(rest, "cancelled by ")) {
    // Every recipient that is left fails, and the sender is told (exim(8), -Mg); a message that was frozen for too long
    // ends likewise.
    auto& body = line.out.emit<model::event::Expire>(line.queue_id);
    body.reason = line.text;
    if (rest != "timeout_frozen_after") body.status = model::Status::kBounced;
    return true;
  }
  return false;
}

// `DKIM: d=example.net s=mail c=relaxed/relaxed a=rsa-sha256 b=2048 [verification succeeded]`
bool parse_dkim(Line& line) {
  Text rest = line.text;
  if (!consume(rest, "DKIM: d=")) return false;
  auto& body = line.out.emit<model::event::Auth>(line.queue_id);
  ExtraList extra;
  body.method = "dkim";
  body.domain = take_until(rest, ' ');
  while (!rest.empty() && rest.front() != '[') {
    Text value = take_until(rest, ' ');
    const Text name = take_until(value, '=');
    if (name == "s") body.selector = value;
    if (name == "a") body.algorithm = value;
    if (name == "c") extra.add("canonicalization", value);
    if (name == "b") extra.add("key_bits", value);
    if (name == "i") extra.add("signer", value);
  }
  if (rest.starts_with("[verification succeeded")) body.result = "pass";
  if (rest.starts_with("[verification failed")) body.result = "fail";
  if (rest.starts_with("[invalid")) body.result = rest.find("unavailable") == kNone ? "permerror" : "temperror";
  if (body.result != "pass" && rest.size() > 2)
    body.reason = rest.substr(1, rest.size() - (rest.ends_with(']') ? 2 : 1));
  extra.attach(line.out);
  return true;
}

// `H=mx.example.net [192.0.2.1] Connection refused`, `H=..: SMTP error from remote mail server after ..`: an attempt on
// one server, which the line of the recipient follows.
bool parse_server(Line& line) {
  Text rest = line.text;
  Host host;
  if (!consume(rest, "H=") || !take_host_ending_at(rest, kNone, host)) return false;
  take_host_details(rest, host);
  ExtraList extra;
  if (consume(rest, " TLS error on connection")) {
    auto& body = line.out.emit<model::event::Tls>(line.queue_id);
    body.direction = model::Direction::kOut;
    body.tls_trust = "failed";
    body.peer_name = host.name;
    body.peer_ip = host.ip;
    body.peer_port = host.port;
    if (!consume(rest, ": ")) consume(rest, " ");
    body.reason = rest;
    return true;
  }
  notice(line, Severity::kWarning, Topic::kNetwork);
  extra.add("relay_host", host.name);
  extra.add("relay_ip", host.ip);
  extra.attach(line.out);
  return true;
}

struct Phrase {
  Text text;
  Severity severity;
  Topic topic;
};
constexpr Phrase kOpenings[] = {
    {"Message is frozen", Severity::kInfo, Topic::kQueue},
    {"Frozen", Severity::kWarning, Topic::kQueue},
    {"Spool ", Severity::kInfo, Topic::kQueue},
    {"no immediate delivery: ", Severity::kInfo, Topic::kQueue},
    {"recipient <", Severity::kInfo, Topic::kQueue},
    {"sender address changed to ", Severity::kInfo, Topic::kQueue},
    {"lowest numbered MX record points to local host", Severity::kWarning, Topic::kDns},
    {"remote host address is the local host", Severity::kWarning, Topic::kDns},
    {"TLS ", Severity::kWarning, Topic::kTls},
    {"SMTP ", Severity::kWarning, Topic::kNetwork},
    {"LMTP ", Severity::kWarning, Topic::kNetwork},
    {"Remote host ", Severity::kWarning, Topic::kNetwork},
    {"Failed to connect to ", Severity::kWarning, Topic::kNetwork},
    {"DANE ", Severity::kWarning, Topic::kTls},
    {"DKIM: ", Severity::kWarning, Topic::kOther},
    {"Warning: ", Severity::kWarning, Topic::kOther},
};

}  // namespace

bool parse_queue(Line& line) {
  if (line.queue_id.empty()) return false;
  if (parse_completed(line) || parse_marked(line) || parse_act(line) || parse_server(line) || parse_dkim(line)) {
    return true;
  }
  for (const Phrase& phrase : kOpenings) {
    if (line.text.starts_with(phrase.text)) return notice(line, phrase.severity, phrase.topic);
  }
  if (line.text.ends_with(": error ignored")) return notice(line, Severity::kInfo, Topic::kQueue);
  // Whatever else is logged of a message: `logwrite =` of an ACL, `logwrite` of a filter.
  return notice(line, Severity::kInfo, Topic::kOther);
}

}  // namespace mailtrail::dialect::exim
