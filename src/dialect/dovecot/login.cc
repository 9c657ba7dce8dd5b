#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "dialect/dovecot/parts.h"

namespace mailtrail::dialect::dovecot {
namespace {

using model::LoginResult;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

// The fields behind `: user=`.
struct Client {
  Text user, method, ip, server_ip, session, tls, tls_details, mail_pid;
  std::array<Text, 4> unknown;  // the first of the fields that are not known
  std::size_t unknown_count = 0;
};

void read_field(Text field, Client& client) {
  const Text whole = field;
  if (consume(field, "method=")) {
    client.method = field;
  } else if (consume(field, "rip=")) {
    client.ip = field;
  } else if (consume(field, "lip=")) {
    client.server_ip = field;
  } else if (consume(field, "mpid=")) {
    client.mail_pid = field;
  } else if (consume(field, "session=<") && field.ends_with(">")) {
    client.session = field.substr(0, field.size() - 1);
  } else if (field == "TLS" || field == "secured" || field.starts_with("TLS ")) {
    client.tls = field;
  } else if (field.starts_with("TLS: ")) {
    client.tls = "TLS";
  } else if (field.starts_with("TLSv") || field.starts_with("SSLv")) {
    client.tls_details = field;
  } else if (client.unknown_count < client.unknown.size()) {
    client.unknown[client.unknown_count++] = whole;
  }
}

// `<bob>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, mpid=12, TLS, session=<..>`. The client chose the user and the
// method: the last place at which the rest begins counts, and the last of each field.
bool read_client(Text text, Client& client) {
  if (consume(text, "<")) {
    std::size_t end = text.rfind(">, method=");
    if (end == kNone) end = text.rfind(">, rip=");
    if (end == kNone) return false;
    client.user = text.substr(0, end);
    text.remove_prefix(end + 3);
  }
  while (!text.empty()) {
    const std::size_t comma = text.find(", ");
    read_field(text.substr(0, comma), client);
    text.remove_prefix(comma == kNone ? text.size() : comma + 2);
  }
  return !client.ip.empty();
}

// The unknown fields as one text.
Text join_unknown(const Client& client, Arena& arena) {
  if (client.unknown_count <= 1) return client.unknown[0];
  std::size_t size = 0;
  for (std::size_t i = 0; i < client.unknown_count; ++i) size += client.unknown[i].size() + 2;
  char* joined = static_cast<char*>(arena.allocate(size, 1));
  char* end = joined;
  for (std::size_t i = 0; i < client.unknown_count; ++i) {
    if (i != 0) end = std::copy_n(", ", 2, end);
    end = std::copy(client.unknown[i].begin(), client.unknown[i].end(), end);
  }
  return {joined, static_cast<std::size_t>(end - joined)};
}

void add_client(const Client& client, ExtraList& extra, Arena& arena) {
  extra.add("server_ip", client.server_ip);
  extra.add("tls", client.tls);
  extra.add("tls_details", client.tls_details);
  extra.add("rest", join_unknown(client, arena));
}

struct Ending {
  LoginResult result = LoginResult::kNone;  // kNone: nobody was refused, the session just ended
  Text reason;
  std::optional<std::int32_t> attempts;
};

// Takes `, 3 attempts in 12 secs` off the end of `inside`; versions before 2.1 end at `attempts`.
void take_attempts(Text& inside, Ending& ending) {
  const std::size_t count = inside.rfind(" attempts");
  const std::size_t comma = count == kNone ? kNone : inside.rfind(", ", count);
  if (comma == kNone) return;
  ending.attempts = to_number<std::int32_t>(inside.substr(comma + 2, count - comma - 2));
  inside = inside.substr(0, comma);
}

// The words in parentheses of `Disconnected: Connection closed (auth failed, 3 attempts in 12 secs)`.
Ending read_ending(Text head) {
  constexpr Text kRefused[] = {"auth failed",
                               "authorization failed",
                               "tried to use disallowed plaintext auth",
                               "tried to use disabled plaintext auth",
                               "tried to use disallowed cleartext auth",
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
    Text inside = head.substr(open + 1, head.find(')', open) - open - 1);
    if (inside.starts_with("user disabled") || inside.starts_with("login disabled")) {
      ending.result = LoginResult::kDisabled;
      ending.reason = inside;
      return ending;
    }
    for (const Text refused : kRefused) {
      if (!inside.starts_with(refused)) continue;
      ending.result = LoginResult::kFailure;
      take_attempts(inside, ending);
      ending.reason = inside;
      return ending;
    }
    if (inside.starts_with("no auth attempts")) return ending;
  }
  return ending;
}

void emit_login(const Line& line, const Client& client, const Ending& ending, ExtraList& extra, Emitter& out) {
  auto& login = out.emit<model::event::Login>();
  login.protocol = login_protocol(line.service);
  login.method = client.method;
  login.user = client.user;
  login.client_ip = client.ip;
  login.session_id = client.session;
  login.result = ending.result;
  login.reason = ending.reason;
  login.attempts = ending.attempts;
  extra.attach(out);
}

void emit_disconnect(const Line& line, const Client& client, Text reason, ExtraList& extra, Emitter& out) {
  auto& disconnect = out.emit<model::event::Disconnect>();
  disconnect.service = line.service;
  disconnect.client_ip = client.ip;
  disconnect.reason = reason;
  extra.add("user", client.user);
  extra.add("session_id", client.session);
  extra.attach(out);
}

void emit_client_notice(const Line& line, const Client& client, ExtraList& extra, Emitter& out) {
  auto& notice = out.emit<model::event::Notice>();
  notice.severity = severity_of(line);
  notice.topic = Topic::kOther;
  notice.text = out.record().text;
  notice.client_ip = client.ip;
  extra.add("user", client.user);
  extra.add("session_id", client.session);
  extra.attach(out);
}

// The `(192.0.2.1)` counters of a proxied session: `Disconnected by server (0s idle, in=223, out=425)`.
void add_proxy_counters(Text head, ExtraList& extra) {
  const std::size_t open = head.rfind(" (");
  if (open == kNone || !head.ends_with(")")) return;
  Text inside = head.substr(open + 2, head.size() - open - 3);
  while (!inside.empty()) {
    const std::size_t comma = inside.find(", ");
    Text field = inside.substr(0, comma);
    inside.remove_prefix(comma == kNone ? inside.size() : comma + 2);
    if (consume(field, "in=")) extra.add("in", field);
    if (consume(field, "out=")) extra.add("out", field);
  }
}

// `proxy(bob,192.0.2.1:143): ` (2.3) and `proxy(bob): ` (2.2) before what happened. The user's name may hold anything:
// the last place at which it can end counts.
bool take_proxy(Text& head, Text& destination) {
  if (!head.starts_with("proxy(")) return false;
  const std::size_t end = head.rfind("): ");
  if (end == kNone) return false;
  const Text inside = head.substr(6, end - 6);
  const std::size_t comma = inside.rfind(',');
  if (comma != kNone) destination = inside.substr(comma + 1);
  head.remove_prefix(end + 3);
  return true;
}

bool parse_proxy(const Line& line, Text head, const Client& client, ExtraList& extra, Emitter& out) {
  Text destination;
  if (!take_proxy(head, destination)) return false;
  Text started = head;
  if (consume(started, "Started proxying to ") || consume(started, "started proxying to ")) {
    extra.add("proxied_to", destination.empty() ? started.substr(0, started.find(' ')) : destination);
    emit_login(line, client, {LoginResult::kSuccess, {}, {}}, extra, out);
    return true;
  }
  extra.add("proxied_to", destination);
  if (is_plain(line) && (head.starts_with("Disconnected by ") || head.starts_with("Connection closed by ") ||
                         head.starts_with("disconnecting ") || head.starts_with("Aborted "))) {
    add_proxy_counters(head, extra);
    emit_disconnect(line, client, head, extra, out);
    return true;
  }
  emit_client_notice(line, client, extra, out);
  return true;
}

// Where the fields of the client begin; versions before 2.0 leave out a user that is not known.
std::size_t find_client(Text text, std::size_t& skip) {
  constexpr Text kStarts[] = {": user=<", ": method=", ": rip="};
  for (const Text start : kStarts) {
    const std::size_t at = text.find(start);
    if (at == kNone) continue;
    skip = start == kStarts[0] ? start.size() - 1 : 2;
    return at;
  }
  return kNone;
}

// Words that the login process says beside the end of the session, which is told in a line of its own.
bool is_remark(Text head) {
  return head.starts_with("Authenticate ") || head.starts_with("Login failed: ") || head.starts_with("APOP failed: ") ||
         head.starts_with("SSL is disabled") || head.starts_with("Auth process not responding");
}

}  // namespace

Text login_protocol(Text service) {
  if (service == "imap-login") return "imap";
  if (service == "pop3-login") return "pop3";
  if (service == "submission-login") return "submission";
  if (service == "managesieve-login" || service == "sieve-login") return "managesieve";
  return {};
}

bool parse_login_service(const Line& line, Emitter& out) {
  std::size_t skip = 0;
  const std::size_t at = find_client(line.message, skip);
  if (at == kNone) return false;
  Text head = line.message.substr(0, at);
  Client client;
  ExtraList extra;
  if (consume(head, "ID sent: ")) {
    // The client wrote what stands before its fields, and may have written such fields.
    const Text rest = line.message.substr(at + 1);
    if (rest.find(": user=<") == kNone) read_client(line.message.substr(at + skip), client);
    emit_client_notice(line, client, extra, out);
    return true;
  }
  if (!read_client(line.message.substr(at + skip), client)) return false;
  add_client(client, extra, out.arena());
  if (head == "Login" || head == "Logged in") {
    emit_login(line, client, {LoginResult::kSuccess, {}, {}}, extra, out);
    return true;
  }
  if (parse_proxy(line, head, client, extra, out)) return true;
  Text ended = head;
  const bool is_end =
      consume(ended, "Disconnected") || ended.starts_with("Aborted login") || ended.starts_with("Login aborted");
  consume(ended, ": ");
  if (ended.starts_with("Maximum number of connections from user+IP exceeded")) {
    emit_login(line, client, {LoginResult::kFailure, ended, {}}, extra, out);
    return true;
  }
  if (!is_plain(line) || !is_end) {
    if (is_plain(line) && !is_remark(head)) extra.add("rest", head);
    emit_client_notice(line, client, extra, out);
    return true;
  }
  const Ending ending = read_ending(head);
  if (ending.result != LoginResult::kNone) {
    emit_login(line, client, ending, extra, out);
  } else {
    emit_disconnect(line, client, ending.reason, extra, out);
  }
  return true;
}

}  // namespace mailtrail::dialect::dovecot
