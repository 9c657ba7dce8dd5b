// clang-format off
// NAME
//   dovecot
//
// SUMMARY
//   The IMAP, POP3 and LMTP server, its delivery agent and its SASL service.
//   `mailbox` for deliveries by lmtp and lda (with or without Sieve) and for the expunges and saves of mail_log; `login` for
//   a login that was made or refused at imap-login, pop3-login, submission-login, managesieve-login; `connect` and
//   `disconnect` for sessions, with user, session and counters in `extra`. What the auth service says of a password is a
//   `notice`: the login process reports the same attempt, and for SASL on behalf of an MTA the MTA does, so that an attempt
//   is counted once. Errors and warnings of every service are `notice`.
//
// SOURCES
//   Dovecot 2.3.19.1 (Debian 12): lines, and the texts in its login, delivery and Sieve libraries; the CORE logging
//   documentation of 2.2 and 2.4
//
// SAMPLES
//   Nov 24 03:20:42 mx1 dovecot: lmtp(user2@vmail.example)<902><nT/pN4kCBWuGAwAAh60xbQ>: msgid=<000018.case-addresses@gen.sender.example>: saved mail to INBOX
//   Nov 24 03:20:42 mx1 dovecot: lmtp(902): Connect from local
//   Nov 24 03:21:15 mx1 dovecot: imap-login: Login: user=<user1@vmail.example>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, mpid=1245, TLS, session=<QgJBM/1gGop/AAAB>
//   Nov 24 03:00:25 mx1 dovecot: imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<user3@vmail.example>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, secured, session=<XsFf6fxgDLZ/AAAB>
//   Nov 24 03:00:23 mx1 dovecot: auth: passwd-file(bob,192.0.2.10): Password mismatch
//
// KNOWN GAPS
//   login_log_format, deliver_log_format and log prefixes of the site's own are read only where they keep the defaults'
//   words. Proxying, replication and doveadm lines without a severity word are not read. A `discard` of Sieve is logged
//   when it is planned: a later explicit delivery has its own line.
// clang-format on
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/ip_shape.h"

namespace mailtrail::dialect {
namespace {

using model::LoginResult;
using model::Severity;
using model::Text;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

// `service(user)<pid><session>: message`, each part but the first optional.
struct Line {
  Text service, user, session, message, pid;
  Severity severity = Severity::kNone;
};

bool all_digits(Text text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return !text.empty();
}

// `(user)`; also `(pid)` and `(pid, user)` of older versions.
void read_user(Text inside, Line& line) {
  const std::size_t comma = inside.find(", ");
  if (all_digits(inside.substr(0, comma))) {
    line.pid = inside.substr(0, comma);
    inside = comma == kNone ? Text() : inside.substr(comma + 2);
  }
  line.user = inside;
}

bool read_line(Text text, Line& line) {
  std::size_t length = 0;
  while (length < text.size() && (is_alnum(text[length]) || text[length] == '-' || text[length] == '_')) ++length;
  if (length == 0 || length > 40) return false;
  line.service = text.substr(0, length);
  text.remove_prefix(length);
  if (consume(text, "(")) {
    const std::size_t end = std::min(text.find(")<"), text.find("): "));
    if (end == kNone) return false;
    read_user(text.substr(0, end), line);
    text.remove_prefix(end + 1);
  }
  Text inside;
  while (consume(text, "<")) {
    const std::size_t end = text.find('>');
    if (end == kNone) return false;
    inside = text.substr(0, end);
    (all_digits(inside) ? line.pid : line.session) = inside;
    text.remove_prefix(end + 1);
  }
  if (!consume(text, ": ")) return false;
  struct Word {
    Text text;
    Severity severity;
  };
  constexpr Word kWords[] = {{"Debug: ", Severity::kDebug},     {"Info: ", Severity::kInfo},
                             {"Warning: ", Severity::kWarning}, {"Error: ", Severity::kError},
                             {"Fatal: ", Severity::kFatal},     {"Panic: ", Severity::kPanic}};
  for (const Word& word : kWords) {
    if (!consume(text, word.text)) continue;
    line.severity = word.severity;
    break;
  }
  line.message = text;
  return true;
}

// `user, ip, session`: what a line says of who it is about.
void attach_who(const Line& line, ExtraList& extra, Emitter& out) {
  extra.add("user", line.user);
  extra.add("session_id", line.session);
  extra.attach(out);
}

// --- Deliveries ---

struct Deed {
  Text action, folder, reason, other;
};

// `'INBOX'` of Sieve or `INBOX` of the plain delivery, without the quotes.
Text folder_name(Text text) {
  if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'') return text.substr(1, text.size() - 2);
  return text;
}

// What is said behind the message id. False: not one of the known phrases.
bool read_deed(Text text, Deed& deed) {
  if (consume(text, "saved mail to ") || consume(text, "stored mail into mailbox ")) {
    deed.action = "stored";
    deed.folder = folder_name(text);
    return true;
  }
  if (consume(text, "save failed to open mailbox ") || consume(text, "save failed to ") ||
      consume(text, "failed to store into mailbox ")) {
    const std::size_t colon = text.find(": ");
    deed.action = "rejected";
    deed.folder = folder_name(text.substr(0, colon));
    if (colon != kNone) deed.reason = text.substr(colon + 2);
    return true;
  }
  if (consume(text, "forwarded to <")) {
    deed.action = "forwarded";
    deed.other = text.substr(0, text.rfind('>'));
    return true;
  }
  if (consume(text, "sent vacation response to <")) {
    deed.action = "vacation";
    deed.other = text.substr(0, text.rfind('>'));
    return true;
  }
  if (text == "Marked message to be discarded if not explicitly delivered (discard action)" ||
      text.starts_with("discard action; ")) {
    deed.action = "discarded";
    deed.reason = text;
    return true;
  }
  if (text.starts_with("rejected message from <") || text.starts_with("Rejected: ")) {
    deed.action = "rejected";
    deed.reason = text;
    return true;
  }
  return false;
}

// `msgid=ID: DEED`. The id is the sender's text and may imitate a deed: the last place at which one begins counts.
bool parse_delivery(const Line& line, Emitter& out) {
  Text text = line.message;
  if (!text.starts_with("msgid=")) {
    const std::size_t start = text.find(": msgid=");
    if (start == kNone || text.substr(0, start).find(' ') != kNone) return false;
    text.remove_prefix(start + 2);
  }
  text.remove_prefix(6);
  Deed deed;
  std::size_t colon = text.size();
  bool found = false;
  for (int tries = 0; tries < 16 && !found; ++tries) {
    colon = colon == 0 ? kNone : text.rfind(": ", colon - 1);
    if (colon == kNone) return false;
    found = read_deed(text.substr(colon + 2), deed);
  }
  if (!found) return false;
  auto& mailbox = out.emit<model::event::Mailbox>();
  mailbox.user = line.user;
  mailbox.folder = deed.folder;
  mailbox.action = deed.action;
  mailbox.session_id = line.session;
  mailbox.reason = deed.reason;
  mailbox.message_id = text.substr(0, colon);
  ExtraList extra;
  if (deed.action == "forwarded") extra.add("forwarded_to", deed.other);
  if (deed.action == "vacation") extra.add("vacation_to", deed.other);
  extra.attach(out);
  return true;
}

// mail_log: `expunge: box=INBOX, uid=5, msgid=<..>, size=2`.
bool parse_mail_log(const Line& line, Emitter& out) {
  Text text = line.message;
  Text action;
  if (consume(text, "expunge: box=")) {
    action = "expunged";
  } else if (consume(text, "save: box=")) {
    action = "stored";
  } else {
    return false;
  }
  const std::size_t uid = text.find(", uid=");
  if (uid == kNone) return false;
  const Text folder = text.substr(0, uid);
  text.remove_prefix(uid + 6);
  ExtraList extra;
  extra.add("uid", text.substr(0, text.find(", ")));
  const std::size_t id = text.find(", msgid=");
  Text message_id = id == kNone ? Text() : text.substr(id + 8);
  const std::size_t size = message_id.rfind(", size=");
  if (size != kNone) {
    extra.add("size", message_id.substr(size + 7));
    message_id = message_id.substr(0, size);
  }
  auto& mailbox = out.emit<model::event::Mailbox>();
  mailbox.user = line.user;
  mailbox.folder = folder;
  mailbox.action = action;
  mailbox.session_id = line.session;
  mailbox.message_id = message_id;
  extra.attach(out);
  return true;
}

// --- Sessions ---

// What Dovecot calls a peer without an address.
constexpr Text kUnixSocket = "local";

// `Connect from local`, `Disconnect from 192.0.2.1: Logged out (state=READY)` of lmtp and submission.
bool parse_peer(const Line& line, Emitter& out) {
  Text text = line.message;
  if (consume(text, "Connect from ")) {
    auto& connect = out.emit<model::event::Connect>();
    connect.service = line.service;
    if (text != kUnixSocket) (looks_like_ip(text) ? connect.client_ip : connect.client_name) = text;
  } else if (consume(text, "Disconnect from ")) {
    const std::size_t colon = text.find(": ");
    const Text peer = text.substr(0, colon);
    auto& disconnect = out.emit<model::event::Disconnect>();
    disconnect.service = line.service;
    if (peer != kUnixSocket) (looks_like_ip(peer) ? disconnect.client_ip : disconnect.client_name) = peer;
    if (colon != kNone) disconnect.reason = text.substr(colon + 2);
  } else {
    return false;
  }
  ExtraList extra;
  attach_who(line, extra, out);
  return true;
}

// `name=12`, `name=1/2`, with or without a comma behind.
bool read_counter(Text word, Text& name, Text& value) {
  if (!word.empty() && word.back() == ',') word.remove_suffix(1);
  const std::size_t equals = word.find('=');
  if (equals == kNone || equals == 0 || equals + 1 == word.size()) return false;
  for (const char c : word.substr(equals + 1)) {
    if (!is_digit(c) && c != '/') return false;
  }
  name = word.substr(0, equals);
  value = word.substr(equals + 1);
  return true;
}

// Takes the counters off the end of `text`.
void take_counters(Text& text, ExtraList& extra) {
  Text name, value;
  std::size_t end = text.size();
  for (std::size_t space = text.rfind(' '); space != kNone && space != 0; space = text.rfind(' ', space - 1)) {
    if (!read_counter(text.substr(space + 1, end - space - 1), name, value)) break;
    end = space;
  }
  Text counters = text.substr(end);
  text = text.substr(0, end);
  while (!counters.empty()) {
    if (read_counter(take_until(counters, ' '), name, value)) extra.add(name, value);
  }
}

bool is_mail_service(Text service) {
  return service == "imap" || service == "pop3" || service == "submission" || service == "managesieve";
}

// `Disconnected: Logged out in=50 out=882 deleted=0 ...` of a session that was logged in.
bool parse_session_end(const Line& line, Emitter& out) {
  Text text = line.message;
  const bool labelled = consume(text, "Disconnected: ");
  if (!labelled && !text.starts_with("Logged out") && !text.starts_with("Connection closed") &&
      !text.starts_with("Disconnected")) {
    return false;
  }
  ExtraList counters;
  take_counters(text, counters);
  auto& disconnect = out.emit<model::event::Disconnect>();
  disconnect.service = line.service;
  disconnect.reason = text;
  attach_who(line, counters, out);
  return true;
}

// --- Logins ---

Text login_protocol(Text service) {
  if (service == "imap-login") return "imap";
  if (service == "pop3-login") return "pop3";
  if (service == "submission-login") return "submission";
  if (service == "managesieve-login" || service == "sieve-login") return "managesieve";
  return {};
}

// The fields behind `: user=`.
struct Client {
  Text user, method, ip, server_ip, session, tls;
};

// `<bob>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, mpid=12, TLS, session=<..>`. A client that failed chose its user
// name: the last place at which the rest begins counts.
bool read_client(Text text, Client& client) {
  if (!consume(text, "<")) return false;
  std::size_t end = text.rfind(">, method=");
  if (end == kNone) end = text.rfind(">, rip=");
  if (end == kNone) return false;
  client.user = text.substr(0, end);
  text.remove_prefix(end + 3);
  while (!text.empty()) {
    const std::size_t comma = text.find(", ");
    Text field = text.substr(0, comma);
    text.remove_prefix(comma == kNone ? text.size() : comma + 2);
    if (consume(field, "method=")) {
      client.method = field;
    } else if (consume(field, "rip=")) {
      client.ip = field;
    } else if (consume(field, "lip=")) {
      client.server_ip = field;
    } else if (consume(field, "session=<") && field.ends_with(">")) {
      client.session = field.substr(0, field.size() - 1);
    } else if (field == "TLS" || field == "secured" || field.starts_with("TLS ")) {
      client.tls = field;
    } else if (field.starts_with("TLS: ")) {
      client.tls = "TLS";
    }
  }
  return true;
}

struct Ending {
  LoginResult result = LoginResult::kNone;  // kNone: nobody was refused, the session just ended
  Text reason;
  std::optional<std::int32_t> attempts;
};

// The words in parentheses of `Disconnected: Connection closed (auth failed, 3 attempts in 12 secs)`.
Ending read_ending(Text head) {
  constexpr Text kRefused[] = {"auth failed",
                               "authorization failed",
                               "tried to use disallowed plaintext auth",
                               "tried to use unsupported auth mechanism",
                               "sent invalid base64 in response",
                               "auth service reported temporary failure",
                               "auth process communication failure",
                               "internal failure",
                               "password expired",
                               "proxy dest auth failed",
                               "cert required, client didn't",
                               "client didn't send a cert",
                               "client sent an invalid cert"};
  Ending ending;
  ending.reason = head;
  int tries = 0;
  for (std::size_t open = head.find('('); open != kNone && tries < 4; open = head.find('(', open + 1), ++tries) {
    const Text inside = head.substr(open + 1, head.find(')', open) - open - 1);
    if (inside.starts_with("user disabled") || inside.starts_with("login disabled")) {
      ending.result = LoginResult::kDisabled;
      ending.reason = inside;
      return ending;
    }
    for (const Text refused : kRefused) {
      if (!inside.starts_with(refused)) continue;
      ending.result = LoginResult::kFailure;
      ending.reason = inside;
      const std::size_t count = inside.rfind(" attempts in ");
      const std::size_t comma = inside.rfind(", ", count);
      if (count != kNone && comma != kNone) {
        ending.attempts = to_number<std::int32_t>(inside.substr(comma + 2, count - comma - 2));
        ending.reason = inside.substr(0, comma);
      }
      return ending;
    }
    if (inside.starts_with("no auth attempts")) {
      ending.reason = head;
      return ending;
    }
  }
  return ending;
}

void fill_login(const Line& line, const Client& client, model::event::Login& login) {
  login.protocol = login_protocol(line.service);
  login.method = client.method;
  login.user = client.user;
  login.client_ip = client.ip;
  login.session_id = client.session;
}

bool parse_login_service(const Line& line, Emitter& out) {
  const std::size_t at = line.message.find(": user=<");
  if (at == kNone) return false;
  const Text head = line.message.substr(0, at);
  Client client;
  if (!read_client(line.message.substr(at + 7), client)) return false;
  ExtraList extra;
  extra.add("server_ip", client.server_ip);
  extra.add("tls", client.tls);
  if (head == "Login" || head == "Logged in") {
    auto& login = out.emit<model::event::Login>();
    fill_login(line, client, login);
    login.result = LoginResult::kSuccess;
    extra.attach(out);
    return true;
  }
  const bool ended =
      head.starts_with("Disconnected") || head.starts_with("Aborted login") || head.starts_with("Login aborted");
  const bool refused = head.starts_with("Maximum number of connections from user+IP exceeded");
  if (!ended && !refused) return false;
  Ending ending = read_ending(head);
  if (refused) ending.result = LoginResult::kFailure;
  if (ending.result != LoginResult::kNone) {
    auto& login = out.emit<model::event::Login>();
    fill_login(line, client, login);
    login.result = ending.result;
    login.reason = ending.reason;
    login.attempts = ending.attempts;
    extra.attach(out);
    return true;
  }
  auto& disconnect = out.emit<model::event::Disconnect>();
  disconnect.service = line.service;
  disconnect.client_ip = client.ip;
  disconnect.reason = ending.reason;
  extra.add("user", client.user);
  extra.add("session_id", client.session);
  extra.attach(out);
  return true;
}

// --- Notices ---

// `passwd-file(bob,192.0.2.10,<session>): Password mismatch`. The user name is the client's: read from the end.
bool parse_auth(const Line& line, Emitter& out) {
  const Text text = line.message;
  const std::size_t open = text.find('(');
  const std::size_t end = text.rfind("): ");
  if (open == 0 || open == kNone || end == kNone || end < open) return false;
  for (const char c : text.substr(0, open)) {
    if (!is_alnum(c) && c != '-' && c != '_') return false;
  }
  Text who = text.substr(open + 1, end - open - 1);
  ExtraList extra;
  const std::size_t session = who.rfind(",<");
  if (session != kNone && who.back() == '>') {
    extra.add("session_id", who.substr(session + 2, who.size() - session - 3));
    who = who.substr(0, session);
  }
  auto& notice = out.emit<model::event::Notice>();
  notice.severity = line.severity == Severity::kNone ? Severity::kInfo : line.severity;
  notice.topic = Topic::kOther;
  notice.text = out.record().text;
  const std::size_t comma = who.rfind(',');
  if (comma != kNone && looks_like_ip(who.substr(comma + 1))) {
    notice.client_ip = who.substr(comma + 1);
    who = who.substr(0, comma);
  }
  extra.add("user", who);
  extra.attach(out);
  return true;
}

bool parse_master(const Line& line, Emitter& out) {
  const Text text = line.message;
  if (text.starts_with("Dovecot v") && text.find(" starting up") != kNone) {
    return emit_notice(out, Severity::kInfo, Topic::kStart);
  }
  const Severity severity = line.severity == Severity::kNone ? Severity::kInfo : line.severity;
  if (text.starts_with("Killed with signal ")) return emit_notice(out, severity, Topic::kStop);
  if (text.starts_with("SIGHUP received - reloading configuration")) {
    return emit_notice(out, severity, Topic::kReload);
  }
  return false;
}

bool parse_complaint(const Line& line, Emitter& out) {
  if (line.severity == Severity::kNone) return false;
  Topic topic = Topic::kOther;
  if (line.service == "config" || line.service == "doveconf") topic = Topic::kConfig;
  if (line.service == "ssl-params") topic = Topic::kTls;
  emit_notice(out, line.severity, topic);
  ExtraList extra;
  attach_who(line, extra, out);
  return true;
}

// Steps of Sieve that change nothing for the message.
bool parse_sieve_step(const Line& line, Emitter& out) {
  if (!line.message.starts_with("sieve: ") && !line.message.starts_with("msgid=")) return false;
  constexpr Text kPhrases[] = {"discarded vacation reply ", "discarded duplicate ",    "discarding vacation response ",
                               "not sending vacation ",     "not sending reject ",     "left message in mailbox ",
                               "store into mailbox ",       "sent mail notification ", "not sending notification "};
  for (const Text phrase : kPhrases) {
    const std::size_t at = line.message.rfind(phrase);
    if (at == kNone || at < 2 || line.message.substr(at - 2, 2) != ": ") continue;
    emit_notice(out, Severity::kInfo, Topic::kOther);
    ExtraList extra;
    attach_who(line, extra, out);
    return true;
  }
  return false;
}

class DovecotDialect final : public Dialect {
 public:
  std::string_view name() const override { return "dovecot"; }

  bool claims(std::string_view program) const override { return program == "dovecot" || program == "dovecot-lda"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    Line line;
    if (!read_line(record.text, line) || !parse_line(line, out)) return false;
    // The tag of Dovecot's one log process carries no pid; the prefix of the message does.
    if (out.last().pid < 0) out.last().pid = to_number<std::int32_t>(line.pid).value_or(-1);
    return true;
  }

 private:
  static bool parse_line(const Line& line, Emitter& out) {
    if (line.service == "lmtp" || line.service == "lda" || line.service == "deliver") {
      if (parse_delivery(line, out) || parse_sieve_step(line, out) || parse_peer(line, out)) return true;
    } else if (!login_protocol(line.service).empty()) {
      if (parse_login_service(line, out)) return true;
    } else if (is_mail_service(line.service)) {
      if (parse_mail_log(line, out) || parse_session_end(line, out) || parse_peer(line, out)) return true;
    } else if (line.service == "auth" || line.service == "auth-worker") {
      if (parse_auth(line, out)) return true;
    } else if (line.service == "master") {
      if (parse_master(line, out)) return true;
    }
    return parse_complaint(line, out);
  }
};

}  // namespace

const Dialect& dovecot_dialect() {
  static const DovecotDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
