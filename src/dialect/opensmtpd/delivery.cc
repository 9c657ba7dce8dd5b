// Attempts: `SESSION mta delivery ..` to another server, `SESSION mda delivery ..` to a mailbox, and what the queue
// says of envelopes that end without one.
//
// OpenSMTPD takes no address that holds a blank or an angle bracket, so that the fields before the server's words are
// its own; those words stand last.
#include "dialect/opensmtpd/parts.h"
#include "dialect/opensmtpd/scan.h"
#include "dialect/remote_id/remote_queue_id.h"

namespace mailtrail::dialect::opensmtpd {
namespace {

using model::Severity;
using model::Status;
using model::Text;
using model::Topic;
using model::event::Delivery;

constexpr std::size_t kNone = Text::npos;

Status status_of(Text result) {
  if (result == "Ok") return Status::kSent;
  if (result == "TempFail") return Status::kDeferred;
  if (result == "PermFail" || result == "Loop") return Status::kBounced;
  return Status::kNone;
}

// The fields before the words, in the order of the line. Those that this version does not know are gathered in
// `others`.
struct Fields {
  Text evpid, from, to, rcpt, relay, delay, result, stat;
  bool has_from = false;
  ExtraList others;
};

bool read_fields(Text text, Fields& fields) {
  Text rest;
  while (!text.empty()) {
    if (consume(text, "stat=")) {
      if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
      fields.stat = text;
      break;
    }
    const std::size_t equals = std::min(text.find('='), text.find(' '));
    if (equals == kNone || text[equals] != '=') {
      const Text part = take_until(text, ' ');
      if (rest.empty()) rest = part;
      continue;
    }
    const Text name = text.substr(0, equals);
    const auto value = take_field(text, text.substr(0, equals + 1));
    if (!value) return false;
    if (name == "evpid") {
      fields.evpid = *value;
    } else if (name == "from") {
      fields.from = *value;
      fields.has_from = true;
    } else if (name == "to") {
      fields.to = *value;
    } else if (name == "rcpt") {
      if (*value != "-") fields.rcpt = *value;
    } else if (name == "relay") {
      fields.relay = *value;
    } else if (name == "delay") {
      fields.delay = *value;
    } else if (name == "result") {
      fields.result = *value;
    } else if (*value != "-") {
      fields.others.add(name, *value);
    }
  }
  fields.others.add("rest", rest);
  return is_id(fields.evpid, 16) && !fields.to.empty();
}

// `198.51.100.16 (mx.smart.example)`: the host is the name of the address; where it has none, the address again.
void set_relay(const Fields& fields, Delivery& delivery, ExtraList& extra) {
  Text text = fields.relay;
  const Text address = take_until(text, ' ');
  delivery.relay_ip = ip_of(address);
  if (delivery.relay_ip.empty()) {
    extra.add("relay", fields.relay);
    return;
  }
  if (!consume(text, "(") || !text.ends_with(')')) return;
  text.remove_suffix(1);
  if (ip_of(text).empty()) delivery.relay_host = text;
}

void fill(const Fields& fields, Status status, Delivery& delivery) {
  delivery.status = status;
  delivery.recipient = fields.to;
  if (!equals_ignoring_case(fields.rcpt, fields.to)) delivery.orig_recipient = fields.rcpt;
  if (fields.has_from) delivery.sender = sender_of(fields.from);
  delivery.delay = to_seconds(fields.delay);
  delivery.reply = fields.stat;
}

bool parse_attempt(const Line& line, Text mailer) {
  Fields fields;
  if (!read_fields(line.fields, fields)) return false;
  const Status status = status_of(fields.result);
  if (status == Status::kNone) return false;
  auto& delivery = line.out.emit<Delivery>(fields.evpid.substr(0, 8));
  fill(fields, status, delivery);
  delivery.mailer = mailer;
  ExtraList extra;
  extra.add("evpid", fields.evpid);
  if (mailer == "smtp") {
    set_relay(fields, delivery, extra);
    const ReplyCodes codes = read_codes(fields.stat);
    delivery.smtp_code = codes.code;
    delivery.dsn = codes.dsn;
    if (status == Status::kSent) delivery.remote_queue_id = remote_queue_id(fields.stat);
  }
  if (fields.result == "Loop") extra.add("result", fields.result);
  extra.append(fields.others);
  line.attach(extra);
  return true;
}

// `from=<..>, to=<..>, rcpt=<..>, delay=.., stat=..` of the queue's own lines.
bool read_listed_fields(Text text, Fields& fields) {
  while (!text.empty()) {
    if (consume(text, "stat=")) {
      fields.stat = text;
      break;
    }
    const Text name = text.substr(0, text.find('='));
    const std::size_t end = text.find(", ");
    if (end == kNone || name.size() + 1 > end) return false;
    Text value = text.substr(name.size() + 1, end - name.size() - 1);
    text.remove_prefix(end + 2);
    value = without_brackets(value);
    if (name == "from") {
      fields.from = value;
      fields.has_from = true;
    } else if (name == "to") {
      fields.to = value;
    } else if (name == "rcpt") {
      if (value != "-") fields.rcpt = value;
    } else if (name == "delay") {
      fields.delay = value;
    } else if (name == "relay") {
      fields.relay = value;
    } else {
      fields.others.add(name, value);
    }
  }
  return !fields.to.empty() && !fields.stat.empty();
}

bool parse_tls(const Line& line) {
  Text text = line.fields;
  const auto ciphers = take_field(text, "ciphers=");
  if (!ciphers) return false;
  const Cipher cipher = read_cipher(*ciphers);
  auto& tls = line.out.emit<model::event::Tls>();
  tls.direction = model::Direction::kOut;
  tls.tls_version = cipher.version;
  tls.tls_cipher = cipher.name;
  tls.tls_bits = cipher.bits;
  line.attach();
  return true;
}

bool note(const Line& line, Severity severity, Topic topic) {
  emit_notice(line.out, severity, topic);
  line.attach();
  return true;
}

}  // namespace

bool parse_mta(const Line& line) {
  const Text word = line.event;
  if (word == "delivery") return parse_attempt(line, "smtp");
  if (word == "tls" || word == "starttls") return parse_tls(line);
  if (word == "error") return note(line, Severity::kWarning, Topic::kNetwork);
  if (word == "host-rejects-all-mails") return note(line, Severity::kWarning, Topic::kNetwork);
  if (word == "server-cert-check" || word == "cert-check" || word == "ssl_check_name:") {
    return note(line, Severity::kInfo, Topic::kTls);
  }
  const bool known =
      word == "connecting" || word == "connected" || word == "disconnected" || word == "closed" || word == "closing";
  return known && note(line, Severity::kDebug, Topic::kNetwork);
}

bool parse_mda(const Line& line) {
  return line.event == "delivery" && parse_attempt(line, "local");
}

bool parse_queue_log(Text kind, Text text, Emitter& out) {
  const Text word = take_until(text, ' ');
  if (!consume(text, "for ")) return false;
  Fields fields;
  fields.evpid = take_until(text, ':');
  if (!is_id(fields.evpid, 16) || !consume(text, " ")) return false;
  if (!read_listed_fields(text, fields)) return false;
  ExtraList extra;
  extra.add("evpid", fields.evpid);
  if (word == "Remove") {
    auto& removed = out.emit<model::event::Delete>(fields.evpid.substr(0, 8));
    removed.reason = fields.stat;
    if (fields.has_from) removed.sender = sender_of(fields.from);
    removed.recipient = fields.to;
  } else if (word == "Expire") {
    // No attempt: the last one says why.
    auto& expire = out.emit<model::event::Expire>(fields.evpid.substr(0, 8));
    expire.reason = fields.stat;
    if (fields.has_from) expire.sender = sender_of(fields.from);
    extra.add("recipient", fields.to);
    if (!equals_ignoring_case(fields.rcpt, fields.to)) extra.add("orig_recipient", fields.rcpt);
    extra.add("delay", fields.delay);
  } else {
    const Status status = status_of(word);
    if (status == Status::kNone) return false;
    auto& delivery = out.emit<Delivery>(fields.evpid.substr(0, 8));
    fill(fields, status, delivery);
    delivery.mailer = kind == "relay" ? Text("smtp") : Text("local");
    set_relay(fields, delivery, extra);
    const ReplyCodes codes = read_codes(fields.stat);
    if (kind == "relay") {
      delivery.smtp_code = codes.code;
      delivery.dsn = codes.dsn;
      if (status == Status::kSent) delivery.remote_queue_id = remote_queue_id(fields.stat);
    }
  }
  extra.append(fields.others);
  extra.attach(out);
  return true;
}

}  // namespace mailtrail::dialect::opensmtpd
