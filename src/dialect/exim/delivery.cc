// Deliveries: `=> ADDRESS [(PARENT)..] [<ORIGINAL>] R=.. T=.. H=.. C=".."`, `** ADDRESS ..: why`,
// `== ADDRESS .. defer (ERRNO) ..: why` (spec.txt, "Logging deliveries" and after).
#include "base/text.h"
#include "dialect/exim/fields.h"
#include "dialect/exim/parts.h"
#include "dialect/remote_id/remote_queue_id.h"

namespace mailtrail::dialect::exim {
namespace {

using model::Status;
using model::event::Delivery;

// What stands before the fields.
struct Addresses {
  Text recipient, original;
  Text parents;  // `(b@example.net) (c@example.net)`
};

// A local part that needed quotes is logged without them where it was delivered: `ok quoted@example.net <"ok
// quoted"@example.net>`. Whether `shown` is `original` without its quotes.
bool is_shown_of(Text shown, Text original) {
  const std::size_t size = quoted_size(original);
  if (size == 0) return false;
  const Text local = original.substr(1, size - 2);
  std::size_t at = 0;
  for (std::size_t i = 0; i < local.size(); ++i) {
    if (local[i] == '\\' && i + 1 < local.size()) ++i;
    // Exim writes what it takes for the domain in small letters.
    if (at == shown.size() || to_lower(shown[at++]) != to_lower(local[i])) return false;
  }
  return at == shown.size() || equals_ignoring_case(shown.substr(at), original.substr(size));
}

// Takes ` (parent)` and ` <original>` off `text`.
void take_ancestors(Text& text, Addresses& found) {
  Text rest = text;
  while (rest.starts_with(" (")) {
    const std::size_t close = rest.find(") ");
    if (close == kNone) return;
    rest.remove_prefix(close + 1);
  }
  if (!rest.starts_with(" <")) return;
  Text behind = rest.substr(1);
  if (!take_bracketed(behind, found.original)) {
    found.original = {};
    return;
  }
  if (rest.size() < text.size()) found.parents = text.substr(1, text.size() - rest.size() - 1);
  text = behind;
}

// The `number`th way to read the addresses that `text` begins with; takes them off. False: there is no such way.
bool take_addresses(Text& text, int number, Addresses& found) {
  const char first = text.empty() ? '\0' : text.front();
  const bool special = first == '|' || first == '/' || first == '>' || first == ':';
  if (number == 0 && !special) {
    const std::size_t size = address_size(text);
    if (size == 0) return false;
    found.recipient = text.substr(0, size);
    text.remove_prefix(size);
    take_ancestors(text, found);
    return true;
  }
  // A pipe, a file, a reply, or a local part with blanks: up to one of the `<ORIGINAL>` that follow.
  int left = special ? number : number - 1;
  for (std::size_t at = text.find(" <"); at != kNone; at = text.find(" <", at + 1)) {
    Text rest = text.substr(at);
    Addresses one;
    take_ancestors(rest, one);
    if (one.original.empty()) continue;
    if (!special && !is_shown_of(text.substr(0, at), one.original)) continue;
    if (left-- > 0) continue;
    found = one;
    found.recipient = text.substr(0, at);
    text = rest;
    return true;
  }
  if (special && left == 0 && number == 0) {
    const std::size_t size = address_size(text);
    found.recipient = text.substr(0, size);
    text.remove_prefix(size);
    return size != 0;
  }
  return false;
}

// The first way in which the whole line can be read; else the first way as far as it goes.
bool read_line(Text text, LineKind kind, Addresses& addresses, Fields& fields) {
  constexpr int kMostWays = 8;
  for (int way = 0; way < kMostWays; ++way) {
    Text rest = text;
    addresses = {};
    if (!take_addresses(rest, way, addresses)) break;
    fields = {};
    if (read_fields(rest, kind, false, fields)) return true;
  }
  addresses = {};
  if (!take_addresses(text, 0, addresses)) return false;
  fields = {};
  return read_fields(text, kind, true, fields);
}

// The server's words in a reason of Exim's: `SMTP error from remote mail server after RCPT TO:<a@b>: 550 5.1.1 ..`.
// Puts what they answer to into `command`. Empty where the reason is Exim's own.
Text remote_words(Text reason, Text& command) {
  const std::size_t server = reason.find("MTP error from remote mail");
  if (server == kNone || server > 2) return {};
  std::size_t at = reason.find(" after ", server);
  if (at == kNone) return {};
  at += 7;
  const std::size_t begin = at;
  // The command may name an address, which may hold anything in quotes.
  const std::size_t open = reason.find('<', at);
  const std::size_t colon = reason.find(": ", at);
  if (open != kNone && open < colon) {
    Text address, rest = reason.substr(open);
    if (!take_bracketed(rest, address)) return {};
    at = reason.size() - rest.size();
  }
  at = reason.find(": ", at);
  if (at == kNone) return {};
  command = reason.substr(begin, at - begin);
  Text words = reason.substr(at + 2);
  // Up to 4.7x the host stands here: `host mx.example.net [192.0.2.1]: 550 ..`.
  if (words.starts_with("host ")) {
    const std::size_t end = words.find("]: ");
    if (end != kNone) words.remove_prefix(end + 3);
  }
  return reply_code(words) ? words : Text{};
}

Status status_of(Text flag, const Delivery& body) {
  if (flag == "==") return Status::kDeferred;
  if (flag == "**") {
    // What a server refused for good is no expiry, whatever its answer says.
    const bool refused = body.smtp_code && *body.smtp_code >= 500;
    const bool over =
        body.reply.ends_with("retry timeout exceeded") || body.reply.find("have been failing for a long time") != kNone;
    return over && !refused ? Status::kExpired : Status::kBounced;
  }
  // `*>`: exim -N, nothing is delivered.
  return flag == "*>" || body.mailer == "discard" ? Status::kDiscarded : Status::kSent;
}

// Takes ` DT=0.304s`, which stands behind the reason of a failure, off it.
void take_deliver_time(Fields& fields) {
  const std::size_t at = fields.message.rfind(" DT=");
  if (at == kNone || !seconds_of(fields.message.substr(at + 4))) return;
  fields.deliver_time = fields.message.substr(at + 4);
  fields.message = fields.message.substr(0, at);
}

// Where the recipient was thrown away, or is no address.
Text mailer_of(const Addresses& addresses, const Fields& fields) {
  const Text recipient = addresses.recipient;
  if (recipient == ":blackhole:" || recipient == "discarded" || recipient == "blackhole") return "discard";
  return fields.transport;
}

void set_reply(const Fields& fields, Arena& arena, Delivery& body, ExtraList& extra) {
  if (fields.has_confirmation) {
    body.reply = unquoted(fields.confirmation, arena);
    body.smtp_code = reply_code(body.reply);
    if (body.smtp_code) body.remote_queue_id = remote_queue_id(body.reply);
  } else {
    Text command;
    const Text words = remote_words(fields.message, command);
    body.reply = words.empty() ? fields.message : words;
    body.smtp_code = reply_code(words);
    extra.add("command", command);
  }
  if (body.smtp_code) body.dsn = enhanced_code(body.reply);
}

void set_details(const Fields& fields, Delivery& body, ExtraList& extra) {
  body.relay_host = fields.host.name;
  body.relay_ip = fields.host.ip;
  body.relay_port = fields.host.port;
  body.router = fields.router;
  body.sender = fields.sender;
  body.delay = seconds_of(fields.queue_time);
  if (!fields.size.empty()) body.size = to_number<std::int64_t>(fields.size);
  if (!fields.tls.empty()) {
    const TlsName tls = read_tls(fields.tls);
    body.tls_version = tls.version;
    body.tls_cipher = tls.cipher;
  }
  if (!fields.auth.empty()) {
    const AuthName auth = read_auth(fields.auth);
    extra.add("auth_method", auth.method);
    extra.add("auth_user", auth.user);
    extra.add("auth_sender", auth.sender);
  }
  extra.add("errno", fields.defer_code);
}

// `=> blackhole (DATA ACL discarded recipients): why`: all recipients that were not yet dealt with, which it does not
// name.
bool parse_discard(Line& line, Text text) {
  if (!consume(text, "blackhole (")) return false;
  const std::size_t close = text.find(')');
  if (close == kNone) return false;
  Text reason = text.substr(0, close);
  text.remove_prefix(close + 1);
  ExtraList extra;
  if (consume(text, ": ")) {
    extra.add("rule", reason);
    reason = text;
  }
  auto& body = line.out.emit<Delivery>(line.queue_id);
  body.status = Status::kDiscarded;
  body.mailer = "discard";
  body.reply = reason;
  extra.attach(line.out);
  return true;
}

// A local delivery is logged with the local part alone, `alice <alice@example.net>`: where that is the original
// address's, the recipient is this address. Of `bob <team@example.net>` the log does not say the domain.
void set_addresses(const Addresses& addresses, bool thrown_away, Delivery& body) {
  const Text recipient = addresses.recipient, original = addresses.original;
  const std::size_t at = original.rfind('@');
  const Text local = at == kNone ? original : original.substr(0, at);
  const bool same = equals_ignoring_case(recipient, original) || equals_ignoring_case(recipient, local);
  // What was thrown away was meant for the original address.
  body.recipient = !original.empty() && (same || thrown_away) ? original : recipient;
  if (!same && !thrown_away) body.orig_recipient = original;
}

// The two signs of a delivery line, or empty.
Text flag_of(Text text) {
  if (text.size() < 4 || text[2] != ' ') return {};
  const Text flag = text.substr(0, 2);
  for (const Text known : {"=>", "->", "**", "==", ">>", "*>"}) {
    if (flag == known) return flag;
  }
  return {};
}

}  // namespace

bool parse_delivery(Line& line) {
  const Text flag = flag_of(line.text);
  if (flag.empty() || line.queue_id.empty()) return false;
  const Text text = line.text.substr(3);
  if (parse_discard(line, text)) return true;
  const LineKind kind = flag == "**" || flag == "==" ? LineKind::kFailure : LineKind::kDelivery;
  Addresses addresses;
  Fields fields;
  if (!read_line(text, kind, addresses, fields)) return false;
  if (kind == LineKind::kFailure) take_deliver_time(fields);
  auto& body = line.out.emit<Delivery>(line.queue_id);
  const bool thrown_away = addresses.recipient == ":blackhole:" || addresses.recipient == "discarded";
  set_addresses(addresses, thrown_away, body);
  body.mailer = mailer_of(addresses, fields);
  ExtraList extra;
  if (thrown_away) extra.add("transport", fields.transport);
  set_reply(fields, line.out.arena(), body, extra);
  set_details(fields, body, extra);
  body.status = status_of(flag, body);
  extra.add("parents", addresses.parents);
  if (flag == "->") extra.add("same_transaction", "yes");
  if (flag == ">>") extra.add("cutthrough", "yes");
  if (flag == "*>") extra.add("suppressed", "yes");
  add_extras(fields, line.out.arena(), extra);
  extra.attach(line.out);
  return true;
}

}  // namespace mailtrail::dialect::exim
