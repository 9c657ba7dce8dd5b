// Deliveries: `to=<..>, [orig_to=<..>,] relay=.., [conn_use=..,] delay=.., delays=.., dsn=.., status=.. (text)`.
//
// bounce(3), defer(3), sent(3), trace(3) and verify(3) of libglobal write it for every delivery agent. The text in the
// last parentheses is the remote server's: it is never looked into for fields.
#include <array>

#include "dialect/postfix/parts.h"
#include "dialect/postfix/scan.h"
#include "dialect/remote_id/remote_queue_id.h"

namespace mailtrail::dialect::postfix {
namespace {

using model::Status;
using model::Text;
using model::event::Delivery;

// What stands before the status.
struct Fields {
  Text recipient, orig_recipient, relay, delay, delays, dsn, conn_use, status, reply;
  static constexpr std::size_t kMaxOthers = 8;
  std::array<model::Extra, kMaxOthers> others;  // fields of later versions, such as `tls=dane` of 3.11
  std::size_t other_count = 0;
};

bool is_key(Text text) {
  if (text.empty() || text.size() > 40) return false;
  for (const char c : text) {
    if ((c < 'a' || c > 'z') && c != '_') return false;
  }
  return true;
}

// The text in the parentheses that end the line; of a line that was cut off, what there is of it.
Text reply_of(Text text) {
  if (text.empty() || text.front() != '(') return {};
  text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r')) {
    // A multi-line text may leave blanks behind the parenthesis that ends the line, not before it.
    text.remove_suffix(1);
  }
  if (!text.empty() && text.back() == ')') text.remove_suffix(1);
  return text;
}

bool split_status(Text text, Fields& fields) {
  const std::size_t blank = text.find(' ');
  fields.status = text.substr(0, blank);
  if (blank == Text::npos) return !fields.status.empty();
  const Text rest = text.substr(blank + 1);
  if (rest.empty() || rest.front() != '(') return false;
  fields.reply = reply_of(rest);
  return true;
}

// Takes a value of `size` bytes and the `, ` behind it off.
void take_value_of(Text& text, Text& value, std::size_t size) {
  value = text.substr(0, size);
  text.remove_prefix(size + 2);
}

// Takes a value and the `, ` behind it off. Most are a few bytes long.
bool take_value(Text& text, Text& value) {
  for (std::size_t at = 0; at + 1 < text.size(); ++at) {
    if (text[at] != ',' || text[at + 1] != ' ') continue;
    take_value_of(text, value, at);
    return true;
  }
  return false;
}
// The same for a value that is longer as a rule.
bool take_long_value(Text& text, Text& value) {
  const std::size_t size = text.find(", ");
  if (size == Text::npos) return false;
  take_value_of(text, value, size);
  return true;
}

bool split_fields(Text text, Fields& fields) {
  if (!consume(text, "to=<")) return false;
  const auto ends = [](Text rest) { return rest.starts_with(", relay=") || rest.starts_with(", orig_to=<"); };
  if (!take_address(text, fields.recipient, ends)) return false;
  if (consume(text, ", orig_to=<")) {
    if (!take_address(text, fields.orig_recipient, [](Text rest) { return rest.starts_with(", relay="); }))
      return false;
  }
  text.remove_prefix(8);  // `, relay=`, which ended the address
  if (!take_long_value(text, fields.relay)) return false;
  while (!text.empty()) {
    if (consume(text, "status=")) return split_status(text, fields);
    Text* value = nullptr;
    if (consume(text, "delay=")) {
      value = &fields.delay;
    } else if (consume(text, "delays=")) {
      value = &fields.delays;
    } else if (consume(text, "dsn=")) {
      value = &fields.dsn;
    } else if (consume(text, "conn_use=")) {
      value = &fields.conn_use;
    } else {
      const std::size_t equals = text.find('=');
      if (equals == Text::npos || fields.other_count == Fields::kMaxOthers) return false;
      model::Extra& other = fields.others[fields.other_count++];
      other.name = text.substr(0, equals);
      if (!is_key(other.name)) return false;
      text.remove_prefix(equals + 1);
      value = &other.value;
    }
    if (!take_value(text, *value)) return false;
  }
  return false;
}

Status status_of(Text word) {
  if (word == "sent") return Status::kSent;
  if (word == "deferred") return Status::kDeferred;
  if (word == "bounced") return Status::kBounced;
  if (word == "expired") return Status::kExpired;
  if (word == "deliverable") return Status::kDeliverable;
  if (word == "undeliverable") return Status::kUndeliverable;
  // postconf(5), soft_bounce: logged in place of `bounced`, and the mail stays in the queue.
  if (word == "SOFTBOUNCE") return Status::kDeferred;
  return Status::kNone;
}

Text mailer_of(const Tag& tag) {
  switch (tag.daemon) {
    case Daemon::kSmtp:
    case Daemon::kLmtp:
    case Daemon::kLocal:
    case Daemon::kVirtual:
    case Daemon::kPipe:
    case Daemon::kError:
    case Daemon::kRetry:
    case Daemon::kDiscard:
      return tag.name;
    default:
      return {};
  }
}

// Where the tag does not say which daemon: what relay= says of it. `local` and `virtual` are the services of these
// names, `name[address]` a server that was spoken to, and discard(8) alone delivers to `none`.
Tag tag_by_relay(Text relay, Status status) {
  if (relay == "local") return {Daemon::kLocal, relay, {}};
  if (relay == "virtual") return {Daemon::kVirtual, relay, {}};
  if (relay == "none" && status == Status::kSent) return {Daemon::kDiscard, "discard", {}};
  if (relay.find('[') != Text::npos) return {Daemon::kSmtp, {}, {}};
  return {Daemon::kAny, {}, {}};
}

bool speaks_smtp(Daemon daemon) {
  return daemon == Daemon::kSmtp || daemon == Daemon::kLmtp;
}

// The remote's words in a reason that the SMTP client made: `host H[A] said: 550 ..`, `host H[A] refused to talk to me:
// 421
// ..`, `SASL authentication failed; server H[A] said: 535 ..`. The queue manager and error(8) repeat it, after
// `delivery temporarily suspended: `. Empty: the reason is in the words of Postfix, or of a command that it ran.
Text remote_words(Text reply, Daemon daemon) {
  const bool repeated = consume(reply, "delivery temporarily suspended: ");
  if (!repeated && !speaks_smtp(daemon)) return {};
  if (!consume(reply, "host ") && !consume(reply, "SASL authentication failed; server ") &&
      !consume(reply, "SASL [CACHED] authentication failed; server ") &&
      !consume(reply, "TLS is required, but host ")) {
    return {};
  }
  const std::size_t blank = reply.find(' ');
  if (blank == Text::npos) return {};
  reply.remove_prefix(blank + 1);
  if (consume(reply, "said: ") || consume(reply, "refused to talk to me: ") ||
      consume(reply, "refused to start TLS: ")) {
    return reply;
  }
  return {};
}

void set_relay(Delivery& delivery, Text relay, Text& service) {
  if (relay == "none") return;
  Text rest = relay;
  Peer peer;
  if (relay.find('[') != Text::npos && take_peer(rest, peer) && rest.empty()) {
    delivery.relay_host = peer.name;
    delivery.relay_ip = peer.address;
    delivery.relay_path = peer.path;
    delivery.relay_port = peer.port;
    return;
  }
  // `local`, `virtual`, or the name of a service in master.cf.
  if (relay != delivery.mailer) service = relay;
}

void set_delays(Delivery& delivery, Text delays) {
  const auto next = [&delays] { return to_seconds(take_until(delays, '/')); };
  delivery.delay_before_queue = next();
  delivery.delay_in_queue = next();
  delivery.delay_connect = next();
  delivery.delay_transmit = next();
}

void read_reply(Delivery& delivery, Daemon daemon) {
  const Text reply = delivery.reply;
  if (daemon == Daemon::kLocal && reply.starts_with("forwarded as ")) {
    const Text id = reply.substr(13);
    if (is_queue_id(id)) delivery.child_queue_id = id;
    return;
  }
  const bool accepted = delivery.status == Status::kSent || delivery.status == Status::kDeliverable;
  if (accepted) {
    if (!speaks_smtp(daemon)) return;
    delivery.smtp_code = reply_code(reply);
    if (delivery.status == Status::kSent && delivery.smtp_code) delivery.remote_queue_id = remote_queue_id(reply);
    return;
  }
  delivery.smtp_code = reply_code(remote_words(reply, daemon));
}

void set_extra(Emitter& out, const Fields& fields, Text service) {
  std::array<model::Extra, Fields::kMaxOthers + 2> extra{};
  std::size_t count = 0;
  if (!service.empty()) extra[count++] = {"relay", service};
  if (fields.status == "SOFTBOUNCE") extra[count++] = {"status", fields.status};
  for (std::size_t i = 0; i < fields.other_count; ++i) extra[count++] = fields.others[i];
  if (count == 0) return;
  auto* copy = static_cast<model::Extra*>(out.arena().allocate(sizeof(model::Extra) * count, alignof(model::Extra)));
  for (std::size_t i = 0; i < count; ++i) new (copy + i) model::Extra(extra[i]);
  out.last().extra = {copy, count};
}

}  // namespace

bool parse_delivery(Line& line) {
  Fields fields;
  if (!split_fields(line.text, fields)) return false;
  const Status status = status_of(fields.status);
  if (status == Status::kNone) return false;
  Delivery& delivery = line.out.emit<Delivery>(line.queue_id);
  delivery.recipient = fields.recipient;
  delivery.orig_recipient = fields.orig_recipient;
  delivery.status = status;
  delivery.dsn = fields.dsn;
  delivery.reply = fields.reply;
  const Tag tag = line.tag.daemon == Daemon::kAny ? tag_by_relay(fields.relay, status) : line.tag;
  delivery.mailer = mailer_of(tag);
  Text service;
  set_relay(delivery, fields.relay, service);
  delivery.delay = to_seconds(fields.delay);
  set_delays(delivery, fields.delays);
  if (!fields.conn_use.empty()) delivery.conn_use = to_number<std::int32_t>(fields.conn_use);
  read_reply(delivery, tag.daemon);
  set_extra(line.out, fields, service);
  return true;
}

}  // namespace mailtrail::dialect::postfix
