#include "base/text.h"
#include "dialect/dovecot/parts.h"
#include "dialect/ip_shape.h"
#include "dialect/opening_phrase.h"

namespace mailtrail::dialect::dovecot {
namespace {

using model::Severity;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

struct Who {
  Text source;  // the password database, mechanism or check that speaks: `passwd-file`, `cram-md5`, `policy`
  Text user, ip, session, mechanism;
  Text reason;
};

// Takes `,<SESSION>` and `,IP` off the end of `inside`; what is left is the user. False: neither is there.
bool take_tail(Text inside, Who& who) {
  const std::size_t session = inside.rfind(",<");
  if (session != kNone && inside.ends_with(">") && inside.find_first_of("<> ", session + 2) == inside.size() - 1) {
    who.session = inside.substr(session + 2, inside.size() - session - 3);
    inside = inside.substr(0, session);
  }
  const std::size_t comma = inside.rfind(',');
  if (comma != kNone && looks_like_ip(inside.substr(comma + 1))) {
    who.ip = inside.substr(comma + 1);
    inside = inside.substr(0, comma);
  }
  who.user = inside;
  return !who.session.empty() || !who.ip.empty();
}

bool is_source(Text word) {
  for (const char c : word) {
    if (!is_alnum(c) && c != '-' && c != '_') return false;
  }
  return !word.empty();
}

// `passwd-file(bob,192.0.2.10,<session>): Password mismatch`. The user may hold anything, and so may what is said of
// it: where more than one place could end the parentheses, who it is about is left out.
bool read_who(Text text, Who& who) {
  const std::size_t open = text.find('(');
  if (open == kNone || !is_source(text.substr(0, open))) return false;
  std::size_t first = kNone;
  int found = 0;
  for (std::size_t end = text.find("): ", open); end != kNone && found < 2; end = text.find("): ", end + 1)) {
    if (first == kNone) first = end;
    Who one;
    if (!take_tail(text.substr(open + 1, end - open - 1), one)) continue;
    if (found++ == 0) who = one;
    if (found == 1) who.reason = text.substr(end + 3);
  }
  if (first == kNone) return false;
  if (found == 0) {
    who.user = text.substr(open + 1, first - open - 1);
    who.reason = text.substr(first + 3);
  }
  if (found == 2) who = {};
  who.source = text.substr(0, open);
  return true;
}

// Dovecot 2.4: `auth(bob,192.0.2.10,sasl:plain)<session>: passwd-file: Password mismatch`.
bool read_who_of_line(const Line& line, Who& who) {
  constexpr Text kSasl = ",sasl:";
  const std::size_t sasl = line.user.rfind(kSasl);
  if (sasl == kNone) return false;
  if (line.message.find(kSasl) == kNone) {
    who.mechanism = line.user.substr(sasl + kSasl.size());
    take_tail(line.user.substr(0, sasl), who);
    who.session = line.session;
  }
  const std::size_t colon = line.message.find(": ");
  const Text source = line.message.substr(0, colon);
  if (colon != kNone && is_source(source.substr(0, source.find('(')))) {
    who.source = source;
    who.reason = line.message.substr(colon + 2);
  }
  return true;
}

// Takes `conn unix:auth-worker (pid=263,uid=901): auth-worker<1>: ` off the beginning.
void take_connection(Text& text) {
  if (!text.starts_with("conn unix:")) return;
  const std::size_t end = text.find("): ");
  if (end == kNone || text.substr(0, end).find("(pid=") == kNone) return;
  text.remove_prefix(end + 3);
  if (!text.starts_with("auth-worker<")) return;
  const std::size_t number = text.find(">: ");
  if (number != kNone) text.remove_prefix(number + 3);
}

bool emit_auth_notice(const Line& line, const Who& who, Emitter& out) {
  auto& notice = out.emit<model::event::Notice>();
  notice.severity = severity_of(line);
  notice.topic = Topic::kOther;
  notice.text = out.record().text;
  notice.client_ip = who.ip;
  ExtraList extra;
  extra.add("session_id", who.session);
  extra.add("user", who.user);
  extra.add("mechanism", who.mechanism);
  extra.add("source", who.source);
  extra.add("reason", who.reason);
  extra.attach(out);
  return true;
}

constexpr OpeningPhrase kSelf[] = {
    {"SIGHUP received, ", Severity::kInfo, Topic::kReload},
    {"Authentication cache ", Severity::kInfo, Topic::kStats},
    {"Read auth token secret from ", Severity::kInfo, Topic::kStart},
    {"Password policy ", Severity::kInfo, Topic::kOther},
};

// The value of ` name=` up to a blank, where the name stands once.
Text pam_value(Text text, Text name) {
  const std::size_t at = text.find(name);
  if (at == kNone || text.find(name, at + 1) != kNone) return {};
  const Text value = text.substr(at + name.size());
  return value.substr(0, value.find(' '));
}

}  // namespace

bool parse_auth(const Line& line, Emitter& out) {
  Text text = line.message;
  take_connection(text);
  Who who;
  if (read_who_of_line(line, who) || read_who(text, who)) return emit_auth_notice(line, who, out);
  if (const OpeningPhrase* phrase = find_opening(text, kSelf)) {
    ExtraList extra;
    return emit_notice_of(line, phrase->topic, extra, out);
  }
  return false;
}

// `pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=bob rhost=192.0.2.7
// user=bob`.
bool parse_pam(Text text, Emitter& out) {
  if (!text.starts_with("pam_")) return false;
  const std::size_t end = text.find("): ");
  const std::size_t open = text.find("(dovecot:");
  if (end == kNone || open == kNone || open > end || !is_source(text.substr(0, open))) return false;
  auto& notice = out.emit<model::event::Notice>();
  notice.severity = Severity::kInfo;
  notice.topic = Topic::kOther;
  notice.text = out.record().text;
  ExtraList extra;
  extra.add("source", text.substr(0, open));
  // The client chose the name behind `ruser=`: with a second `rhost=` in it nothing is taken.
  const Text host = pam_value(text, " rhost=");
  if (looks_like_ip(host)) {
    notice.client_ip = host;
    extra.add("user", pam_value(text, " ruser="));
  }
  extra.attach(out);
  return true;
}

}  // namespace mailtrail::dialect::dovecot
