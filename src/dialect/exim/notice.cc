// What Exim says of itself, and of clients outside of any message.
#include "base/text.h"
#include "dialect/exim/client.h"
#include "dialect/exim/parts.h"
#include "dialect/opening_phrase.h"

namespace mailtrail::dialect::exim {
namespace {

using model::Severity;
using model::Topic;

constexpr OpeningPhrase kOpenings[] = {
    {"Start queue run: ", Severity::kInfo, Topic::kQueue},
    {"End queue run: ", Severity::kInfo, Topic::kQueue},
    {"Start '", Severity::kInfo, Topic::kQueue},
    {"End '", Severity::kInfo, Topic::kQueue},
    {"Abandon queue run: ", Severity::kWarning, Topic::kQueue},
    {"Single queue run", Severity::kInfo, Topic::kQueue},
    {"SIGHUP received: ", Severity::kInfo, Topic::kReload},
    {"pid ", Severity::kInfo, Topic::kReload},
    {"cwd=", Severity::kInfo, Topic::kOther},
    {"Warning: purging the environment.", Severity::kWarning, Topic::kConfig},
    {"Warning: ", Severity::kWarning, Topic::kOther},
    {"no IP address found for host ", Severity::kWarning, Topic::kDns},
    {"list matching forced to fail: ", Severity::kWarning, Topic::kDns},
    {"DNS list lookup defer ", Severity::kWarning, Topic::kDns},
    {"TLS error on ", Severity::kWarning, Topic::kTls},
    {"TLS session: ", Severity::kWarning, Topic::kTls},
    {"TLS ", Severity::kWarning, Topic::kTls},
    {"ident connection to ", Severity::kInfo, Topic::kNetwork},
    {"ETRN ", Severity::kInfo, Topic::kQueue},
    {"socket bind() to port ", Severity::kError, Topic::kNetwork},
    {"daemon abandoned", Severity::kError, Topic::kStop},
    {"daemon: ", Severity::kError, Topic::kOther},
    {"Exim configuration error", Severity::kError, Topic::kConfig},
    {"Exim runtime configuration file not found", Severity::kError, Topic::kConfig},
    {"configuration option ", Severity::kError, Topic::kConfig},
    {"Cannot open main log file", Severity::kError, Topic::kStorage},
    {"Failed to ", Severity::kError, Topic::kOther},
    {"failed to ", Severity::kError, Topic::kOther},
    {"Spool ", Severity::kError, Topic::kStorage},
    {"spool ", Severity::kError, Topic::kStorage},
    {"Too many open files", Severity::kError, Topic::kLimit},
    {"DKIM: ", Severity::kWarning, Topic::kOther},
    {"malware acl condition: ", Severity::kError, Topic::kOther},
    {"spam acl condition: ", Severity::kError, Topic::kOther},
    {"SMTP ", Severity::kInfo, Topic::kNetwork},
    {"Connection from ", Severity::kWarning, Topic::kLimit},
    {"DH params", Severity::kInfo, Topic::kTls},
    {"MacOS", Severity::kInfo, Topic::kOther},
    {"exim: ", Severity::kError, Topic::kOther},
    {"exim user lost privilege ", Severity::kWarning, Topic::kConfig},
    {"re-exec of exim ", Severity::kError, Topic::kOther},
    {"unable to ", Severity::kError, Topic::kOther},
};

// `exim 4.96 daemon started: pid=385, -q5s, listening for SMTP on ..`
bool parse_daemon(Line& line) {
  Text rest = line.text;
  if (!consume(rest, "exim ")) return false;
  const Text version = take_until(rest, ' ');
  const bool started = rest.starts_with("daemon started: ");
  if (!started && !rest.starts_with("daemon ")) return false;
  emit_notice(line.out, Severity::kInfo, started ? Topic::kStart : Topic::kStop);
  ExtraList extra;
  extra.add("version", version);
  extra.attach(line.out);
  return true;
}

// `no host name found for IP address 192.0.2.1`, `client.example.net does not match any IP address for 192.0.2.1`
bool parse_lookup(Line& line) {
  Text rest = line.text;
  Text ip;
  if (consume(rest, "no host name found for IP address ")) {
    ip = take_until(rest, ' ');
  } else {
    constexpr Text kNoMatch = " does not match any IP address for ";
    const std::size_t at = rest.find(kNoMatch);
    if (at == kNone || rest.find(' ') != at) return false;
    ip = rest.substr(at + kNoMatch.size());
    ip = ip.substr(0, ip.find(' '));
  }
  auto& body = line.out.emit<model::event::Notice>();
  body.severity = Severity::kInfo;
  body.topic = Topic::kDns;
  body.text = line.text;
  body.client_ip = ip;
  return true;
}

// `H=HOST text`: what an ACL logged of a client (`logwrite`, `log_message`), and remarks of other versions.
bool parse_remark(Line& line) {
  Text rest = line.text;
  if (!consume(rest, "H=")) return false;
  Client client;
  if (!take_client(rest, client,
                   [](Text text) { return text.empty() || text.front() == ' ' || text.front() == ':'; })) {
    return false;
  }
  auto& body = line.out.emit<model::event::Notice>();
  body.severity = Severity::kInfo;
  body.topic = Topic::kOther;
  body.text = line.text;
  client.fill(body);
  ExtraList extra;
  extra.add("helo", client.host.helo);
  extra.add("sender", client.sender);
  client.add_extras(extra);
  extra.attach(line.out);
  return true;
}

}  // namespace

bool parse_notice(Line& line) {
  if (parse_daemon(line) || parse_lookup(line) || parse_remark(line)) return true;
  const OpeningPhrase* phrase = find_opening(line.text, kOpenings);
  if (phrase == nullptr) return false;
  auto& body = line.out.emit<model::event::Notice>();
  body.severity = phrase->severity;
  body.topic = phrase->topic;
  body.text = line.text;
  return true;
}

}  // namespace mailtrail::dialect::exim
