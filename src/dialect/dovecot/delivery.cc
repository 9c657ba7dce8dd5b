#include "base/text.h"
#include "dialect/dovecot/parts.h"
#include "dialect/ip_shape.h"

namespace mailtrail::dialect::dovecot {
namespace {

using model::Severity;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

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

// Takes `: fileinto action` off the end of a message id: Sieve names the action that did the deed.
Text without_action(Text id) {
  constexpr Text kAction = " action";
  if (!id.ends_with(kAction)) return id;
  const std::size_t colon = id.rfind(": ");
  if (colon == kNone) return id;
  const Text word = id.substr(colon + 2, id.size() - kAction.size() - colon - 2);
  for (const char c : word) {
    if (c < 'a' || c > 'z') return id;
  }
  return word.empty() ? id : id.substr(0, colon);
}

// A format of the site's own may state more behind the id: `<1@example.net>, size=30`. Whether that is still the id
// cannot be told: it is taken as neither.
void set_message_id(Text id, model::event::Mailbox& mailbox, ExtraList& extra) {
  id = without_action(id);
  if (id.find(">, ") == kNone) {
    mailbox.message_id = id;
  } else {
    extra.add("rest", id);
  }
}

// Steps of Sieve and of the delivery agent that change nothing for the message.
constexpr Text kSteps[] = {
    "discarded vacation reply ",
    "discarded duplicate ",
    "discarding vacation response ",
    "not sending vacation ",
    "not sending reject ",
    "not sending notification ",
    "not forwarding message to ",
    "left message in mailbox ",
    "store into mailbox ",
    "sent mail notification ",
    "sent `",
    "piped message to program ",
    "failed to pipe message to program",
    "failed to redirect message to ",
    "failed to send ",
    "no means to send mail",
    "specified IMAP keyword ",
    "invalid keywords set ",
    "vacation action aborted: ",
    "reject action ",
    "vacation action has no means to send mail",
    "notify action ",
    "report action has no means to send mail",
    "Temporarily failed to send rejection: ",
    "Permanently failed to send rejection: ",
    "Auto-submitted message discarded: ",
    "Return-Path missing, rejection reason: ",
    // Deeds, where a client's own act was their cause.
    "Marked message to be discarded if not explicitly delivered ",
    "stored mail into mailbox ",
    "forwarded to <",
    "sent vacation response to <",
    "rejected message from <",
};

// Lines of Sieve that are about a script, not about one message.
constexpr Text kScript[] = {
    "Failed to ",
    "Execution of script ",
    "Aborted script execution sequence ",
    "include: ",
    "Moved active sieve script file ",
    "The LDA Sieve plugin ",
    "DEBUG: ",
    "info: ",
};

bool is_step(Text text) {
  for (const Text phrase : kSteps) {
    const std::size_t at = text.rfind(phrase);
    if (at != kNone && (at == 0 || (at >= 2 && text.substr(at - 2, 2) == ": "))) return true;
  }
  return false;
}

struct Handover {
  Text recipient, sender, host, port, reply, id, size, nrcpt;
};

void emit_handover(const Line& line, const Handover& handover, bool failed, Emitter& out) {
  auto& notice = out.emit<model::event::Notice>();
  notice.severity = failed && is_plain(line) ? Severity::kWarning : severity_of(line);
  notice.topic = Topic::kNetwork;
  notice.text = out.record().text;
  ExtraList extra;
  extra.add("sender", handover.sender);
  extra.add("recipient", handover.recipient);
  extra.add("relay_host", handover.host);
  extra.add("relay_port", handover.port);
  extra.add("reply", handover.reply);
  extra.add("transaction_id", handover.id);
  extra.add("size", handover.size);
  extra.add("nrcpt", handover.nrcpt);
  attach_who(line, extra, out);
}

// The proxy of LMTP: `..: <SESSION>: Sent message to <r@example.com> at 192.0.2.1:24: 250 2.0.0 .. (1/1 at 5 ms)`.
bool parse_proxied(const Line& line, Emitter& out) {
  constexpr Text kSent = "Sent message to <", kFailed = "Failed to send message to <";
  Text text = line.message;
  std::size_t at = text.find(kFailed);
  const bool failed = at != kNone;
  if (!failed) at = text.find(kSent);
  if (at == kNone) return false;
  Line about = line;
  Text head = text.substr(0, at);
  if (head.ends_with(": ")) head.remove_suffix(2);
  const std::size_t open = head.rfind('<');
  if (open != kNone && head.ends_with(">")) about.session = head.substr(open + 1, head.size() - open - 2);
  text.remove_prefix(at + (failed ? kFailed : kSent).size());
  const std::size_t end = text.find("> at ");
  if (end == kNone || text.find("> at ", end + 1) != kNone) return false;
  Handover handover;
  handover.recipient = text.substr(0, end);
  text.remove_prefix(end + 5);
  const std::size_t colon = text.find(": ");
  const Text server = text.substr(0, colon);
  const std::size_t port = server.rfind(':');
  if (colon == kNone || port == kNone) return false;
  handover.host = server.substr(0, port);
  handover.port = server.substr(port + 1);
  text.remove_prefix(colon + 2);
  const std::size_t tail = text.ends_with(" ms)") ? text.rfind(" (") : kNone;
  handover.reply = text.substr(0, tail);
  emit_handover(about, handover, failed, out);
  return true;
}

// The value between `name` and the next `, ` where `name` stands once; nothing else is taken at its word.
Text only_value(Text text, Text name) {
  const std::size_t at = text.find(name);
  if (at == kNone || text.find(name, at + 1) != kNone) return {};
  const Text value = text.substr(at + name.size());
  return value.substr(0, value.find(", "));
}

// The submission service: `Successfully relayed message: from=<..>, size=50, id=.., nrcpt=2, reply=`250 ..'`.
bool parse_submitted(const Line& line, Emitter& out) {
  Text text = line.message;
  const bool failed = consume(text, "Failed to relay message: ");
  if (!failed && !consume(text, "Successfully relayed message: ")) return false;
  const std::size_t reply = text.find(", reply=`");
  Handover handover;
  if (reply != kNone) {
    handover.reply = text.substr(reply + 9);
    if (handover.reply.ends_with("'")) handover.reply.remove_suffix(1);
    text = text.substr(0, reply);
  }
  // The addresses are the user's own texts: they are taken where they cannot be mistaken.
  if (text.starts_with("from=<") && text.find(">, ") == text.rfind(">, ")) {
    handover.sender = text.substr(6, text.find(">, ") - 6);
  }
  handover.size = only_value(text, ", size=");
  handover.id = only_value(text, ", id=");
  handover.nrcpt = only_value(text, ", nrcpt=");
  emit_handover(line, handover, failed, out);
  return true;
}

}  // namespace

// The id is the sender's text and may imitate a deed: the last place at which one begins counts.
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
  ExtraList extra;
  set_message_id(text.substr(0, colon), mailbox, extra);
  if (deed.action == "forwarded") extra.add("forwarded_to", deed.other);
  if (deed.action == "vacation") extra.add("vacation_to", deed.other);
  extra.attach(out);
  return true;
}

bool parse_sieve_step(const Line& line, Emitter& out) {
  Text text = line.message;
  ExtraList extra;
  if (consume(text, "sieve: ")) {
    bool known = is_step(text);
    for (const Text phrase : kScript) known = known || text.starts_with(phrase);
    if (!known) extra.add("rest", text);
    return emit_notice_of(line, Topic::kOther, extra, out);
  }
  if (text.starts_with("msgid=") && is_step(text)) return emit_notice_of(line, Topic::kOther, extra, out);
  if (text.starts_with("program ") && text.find("): ") != kNone) return emit_notice_of(line, Topic::kOther, extra, out);
  return false;
}

bool parse_handover(const Line& line, Emitter& out) {
  return line.service == "submission" ? parse_submitted(line, out) : parse_proxied(line, out);
}

}  // namespace mailtrail::dialect::dovecot
