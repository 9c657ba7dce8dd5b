// `to=`: an attempt for one recipient or for several that share its fate. logdelivery of Sendmail writes, in this
// order: to, then where there are any ctladdr, delay, xdelay, mailer, pri, relay, dsn, ntries, stage, reply, and last
// stat.
//
// Strangers write the addresses, the detail of a local address (which stands in relay), and the remote's words in reply
// and stat. The list of recipients is read over whole addresses; what a stranger says behind it stands to the right of
// the fields that Sendmail reckons.
#include "dialect/extra_list.h"
#include "dialect/remote_id/remote_queue_id.h"
#include "dialect/sendmail/parts.h"
#include "dialect/sendmail/scan.h"

namespace mailtrail::dialect::sendmail {
namespace {

using model::Status;
using model::Text;
using model::event::Delivery;

constexpr std::size_t kNone = Text::npos;

struct Fields {
  Text recipients;  // as listed, with their commas
  Text ctladdr, delay, xdelay, mailer, relay, dsn, reply, stat;
  ExtraList others;
};

// Takes the list of recipients off: its end is the first comma with a blank behind it that is no part of an address.
// `[more]` at its end says that the next line names more of them.
bool take_recipients(Text& text, Fields& fields) {
  std::size_t at = 0;
  while (true) {
    const std::size_t length = address_length(text.substr(at));
    if (length == kNone) return false;
    at += length;
    if (at == text.size()) return false;
    if (at + 1 < text.size() && text[at + 1] == ' ') break;
    ++at;
  }
  fields.recipients = text.substr(0, at);
  text.remove_prefix(at + 2);
  if (consume(text, "[more], ")) fields.others.add("more", "yes");
  return true;
}

bool is_key(Text text) {
  if (text.empty() || text.size() > 24) return false;
  for (const char c : text) {
    if (!is_alnum(c) && c != '_' && c != '-') return false;
  }
  return true;
}

// Takes what stands before the next `, ` and that off.
Text take_value(Text& text) {
  const std::size_t end = text.find(", ");
  const Text value = text.substr(0, end);
  text.remove_prefix(end == kNone ? text.size() : end + 2);
  return value;
}

// The relay of a local mailer is the detail of the address, `x` of `bob+x`: the sender's own words, of at most 40
// bytes. Where an address holds `, ` the detail may, too, and the relay goes on to the last place at which the rest can
// begin.
Text take_relay(Text& text, Text recipients) {
  if (recipients.find('+') != kNone && recipients.find(", ") != kNone) {
    for (std::size_t at = text.rfind(", dsn="); at != kNone && at != 0; at = text.rfind(", dsn=", at - 1)) {
      const Text value = text.substr(at + 6, text.find(", ", at + 6) - at - 6);
      if (at > 40 || !is_dsn(value)) continue;
      const Text relay = text.substr(0, at);
      text.remove_prefix(at + 2);
      return relay;
    }
  }
  return take_value(text);
}

// Whether `stat` is the reply again: `Deferred: ` and its words, or of a long one, as shortenstring cuts it, the
// beginning and the end with `...` between.
bool echoes(Text stat, Text reply) {
  if (!consume(stat, "Deferred: ")) return false;
  if (stat == reply) return true;
  const std::size_t dots = stat.find("...");
  return dots != kNone && dots > 20 && reply.starts_with(stat.substr(0, dots)) &&
         reply.ends_with(stat.substr(dots + 3));
}

// `text` stands behind `reply=`, the remote's own words. Where it repeats itself as the stat, that is where the stat
// begins; else at the last place: then it is in Sendmail's words.
bool split_reply(Text text, Fields& fields) {
  constexpr Text kStat = ", stat=";
  std::size_t last = kNone;
  int tries = 0;
  for (std::size_t at = text.find(kStat); at != kNone; at = text.find(kStat, at + 1)) {
    last = at;
    if (++tries <= 16 && echoes(text.substr(at + kStat.size()), text.substr(0, at))) break;
  }
  if (last == kNone) return false;
  fields.reply = text.substr(0, last);
  fields.stat = text.substr(last + kStat.size());
  return true;
}

bool split_fields(Text text, Fields& fields) {
  if (!take_recipients(text, fields)) return false;
  Text rest;
  while (!text.empty()) {
    if (consume(text, "stat=")) {
      fields.stat = text;
      fields.others.add("rest", rest);
      return !text.empty();
    }
    if (consume(text, "reply=")) {
      fields.others.add("rest", rest);
      return split_reply(text, fields);
    }
    if (consume(text, "relay=")) {
      fields.relay = take_relay(text, fields.recipients);
      continue;
    }
    if (consume(text, "ctladdr=")) {
      const std::size_t length = address_length(text);
      fields.ctladdr = length == kNone ? take_value(text) : text.substr(0, length);
      if (length != kNone) text.remove_prefix(std::min(text.size(), length + 2));
      continue;
    }
    const std::size_t equals = std::min(text.find('='), text.find(", "));
    const Text name = text.substr(0, equals);
    if (equals == kNone || text[equals] != '=' || !is_key(name)) {
      const Text part = take_value(text);
      if (rest.empty()) rest = part;
      continue;
    }
    text.remove_prefix(equals + 1);
    const Text value = take_value(text);
    if (name == "delay") {
      fields.delay = value;
    } else if (name == "xdelay") {
      fields.xdelay = value;
    } else if (name == "mailer") {
      fields.mailer = value;
    } else if (name == "dsn" && is_dsn(value)) {
      fields.dsn = value;
    } else {
      fields.others.add(name, value);
    }
  }
  return false;
}

// The words of EVENTS.md for what Sendmail's standard mailers do (cf/mailer/*.m4).
Text mailer_word(Text mailer) {
  if (mailer == "esmtp" || mailer == "smtp8" || mailer == "dsmtp" || mailer == "relay") return "smtp";
  if (mailer == "prog") return "pipe";
  if (mailer == "*file*") return "file";
  return mailer;
}

Status status_of(const Fields& fields) {
  const Text stat = fields.stat;
  if (stat == "Sent" || stat.starts_with("Sent (")) return Status::kSent;
  if (stat.starts_with("Deferred") || stat == "queued") return Status::kDeferred;
  if (stat == "quarantined") return Status::kHeld;
  // All else is why it failed for good, in the words of sysexits or of the mailer.
  if (fields.dsn.starts_with('4')) return Status::kDeferred;
  return fields.dsn.starts_with('2') ? Status::kSent : Status::kBounced;
}

void set_reply(const Fields& fields, Delivery& delivery, ExtraList& extra) {
  Text stat = fields.stat;
  if (delivery.status == Status::kSent) {
    if (consume(stat, "Sent (") && stat.ends_with(')')) {
      delivery.reply = stat.substr(0, stat.size() - 1);
      if (delivery.mailer == "smtp" || delivery.mailer == "lmtp") {
        delivery.remote_queue_id = remote_queue_id(delivery.reply);
      }
    } else if (stat != "Sent") {
      delivery.reply = fields.stat;
    }
    return;
  }
  if (!fields.reply.empty()) {
    delivery.reply = fields.reply;
    delivery.smtp_code = read_reply(fields.reply).code;
    if (!echoes(fields.stat, fields.reply)) extra.add("stat", fields.stat);
    return;
  }
  consume(stat, "Deferred: ");
  delivery.reply = stat;
  // Before 8.17 there is no `reply=`: where a server answered, its code begins the words.
  if (fields.stat.starts_with("Deferred: ")) delivery.smtp_code = read_reply(stat).code;
}

void fill(const Fields& fields, Delivery& delivery, ExtraList& extra) {
  delivery.status = status_of(fields);
  delivery.dsn = fields.dsn;
  delivery.mailer = mailer_word(fields.mailer);
  delivery.delay = to_seconds(fields.delay);
  extra.add("xdelay", fields.xdelay);
  const bool remote = fields.relay.ends_with(']') || delivery.mailer == "smtp";
  if (remote) {
    const Peer peer = read_peer(fields.relay);
    delivery.relay_host = peer.name;
    delivery.relay_ip = peer.ip;
  } else {
    extra.add("relay", fields.relay);
  }
  if (delivery.mailer != fields.mailer) extra.add("mailer", fields.mailer);
  extra.add("ctladdr", fields.ctladdr);
  set_reply(fields, delivery, extra);
}

// Words of a transaction that was refused after its data: Sendmail names each recipient, and no mailer.
void emit_refused(Line& line, const Fields& fields, Text recipient) {
  auto& reject = line.out.emit<model::event::Reject>(line.queue_id);
  reject.stage = model::Stage::kEod;
  reject.action = model::Action::kReject;
  reject.dsn = fields.dsn;
  reject.reason = fields.stat;
  reject.reply = fields.reply;
  reject.smtp_code = read_reply(fields.reply).code;
  reject.recipient = recipient;
}

}  // namespace

bool parse_delivery(Line& line) {
  Text text = line.text;
  if (!consume(text, "to=")) return false;
  Fields fields;
  if (!split_fields(text, fields)) return false;
  const bool refused = fields.mailer.empty() && fields.xdelay.empty();
  // Programs and files have no address: who stands behind them is the alias or the user that names them.
  const bool named_by_alias = fields.mailer == "prog" || fields.mailer == "*file*";
  const Text control = fields.ctladdr.substr(0, fields.ctladdr.rfind(" ("));
  Text rest = fields.recipients;
  bool any = false;
  while (!rest.empty()) {
    const std::size_t length = std::min(address_length(rest), rest.size());
    const Text recipient = bare_address(rest.substr(0, length));
    rest.remove_prefix(std::min(rest.size(), length + 1));
    if (recipient.empty()) continue;
    any = true;
    ExtraList extra;
    if (refused) {
      emit_refused(line, fields, recipient);
    } else {
      auto& delivery = line.out.emit<Delivery>(line.queue_id);
      delivery.recipient = recipient;
      fill(fields, delivery, extra);
      if (named_by_alias) delivery.orig_recipient = bare_address(control);
    }
    extra.append(fields.others);
    extra.attach(line.out);
  }
  return any;
}

}  // namespace mailtrail::dialect::sendmail
