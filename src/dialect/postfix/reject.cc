// What was refused, or let through with a word: `reject: RCPT from name[address]: 550 5.1.1 ..; from=<..> to=<..>
// proto=.. helo=<..>`, of smtpd(8) (log_whatsup), of milters in smtpd and cleanup, of before-queue filters
// (`proxy-reject`), and of postscreen(8).
#include "dialect/postfix/parts.h"
#include "dialect/postfix/scan.h"
#include "dialect/postfix/tail.h"

namespace mailtrail::dialect::postfix {
namespace {

using model::Action;
using model::Stage;
using model::Text;
namespace event = model::event;

// The words that Postfix logs before the stage, without `milter-` and `proxy-`.
struct Word {
  Text text;
  Action action;  // kNone: accepted, with a remark
};
constexpr Word kWords[] = {
    {"reject", Action::kReject},   {"reject_warning", Action::kWarn}, {"hold", Action::kHold},
    {"discard", Action::kDiscard}, {"redirect", Action::kRedirect},   {"filter", Action::kFilter},
    {"warn", Action::kWarn},       {"warning", Action::kWarn},        {"quarantine", Action::kHold},
    {"defer", Action::kDefer},     {"info", Action::kNone},           {"bcc", Action::kNone},
    {"prepend", Action::kNone},    {"permit", Action::kNone},         {"accept", Action::kNone},
    {"replace", Action::kNone},    {"strip", Action::kNone},          {"ignore", Action::kNone},
    {"delay", Action::kNone},      {"pass", Action::kNone},           {"dunno", Action::kNone},
    {"notice", Action::kNone},     {"tempfail", Action::kDefer}};

const Word* find_word(Text text) {
  for (const Word& word : kWords) {
    if (word.text == text) return &word;
  }
  return nullptr;
}

Stage stage_of(Text text) {
  if (text == "RCPT") return Stage::kRcpt;
  if (text == "CONNECT" || text == "connect") return Stage::kConnect;
  if (text == "EHLO" || text == "HELO" || text == "LHLO") return Stage::kHelo;
  if (text == "MAIL") return Stage::kMail;
  if (text == "DATA") return Stage::kData;
  if (text == "END-OF-MESSAGE" || text == "END-OF-DATA") return Stage::kEod;
  if (text == "BDAT") return Stage::kBdat;
  if (text == "AUTH") return Stage::kAuth;
  if (text == "VRFY") return Stage::kVrfy;
  if (text == "ETRN") return Stage::kEtrn;
  if (text == "STARTTLS") return Stage::kStarttls;
  return Stage::kNone;
}

// The command at which it happened: a word in capitals, or `<WHAT-THE-CLIENT-SAID>`.
bool take_stage(Text& text, Text& stage) {
  const std::size_t end = text.find_first_of(" :");
  if (end == Text::npos || end == 0 || end > 40) return false;
  stage = text.substr(0, end);
  text.remove_prefix(end);
  return true;
}

// `<what>: reason`: smtpd names the address, client or command that the words are about.
Text without_subject(Text text) {
  if (text.empty() || text.front() != '<') return text;
  const std::size_t end = text.find(">: ");
  return end == Text::npos ? text : text.substr(end + 3);
}

// The list in `[what] blocked using LIST` (postconf(5), default_rbl_reply; postscreen's own reply has the same words).
Text blocklist_of(Text reason) {
  const std::size_t at = reason.find("] blocked using ");
  if (at == Text::npos) return {};
  const Text rest = reason.substr(at + 16);
  const Text name = rest.substr(0, rest.find_first_of(" ;,"));
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

void read_reply(event::Reject& reject, Text text, bool told) {
  Text rest = text;
  reject.smtp_code = reply_code(rest);
  if (reject.smtp_code) rest.remove_prefix(rest.size() > 3 ? 4 : 3);
  reject.dsn = take_dsn(rest);
  if (told && (reject.smtp_code || !reject.dsn.empty())) reject.reply = text;
  reject.reason = without_subject(rest);
  reject.blocklist = blocklist_of(reject.reason);
}

void set_peer(event::Reject& body, const Peer& peer) {
  body.client_name = peer.name;
  body.client_ip = peer.address;
  body.client_port = peer.port;
}

struct Parts {
  Text stage, reply;
  Peer peer;
  Tail tail;
};

void emit_reject(Line& line, Action action, const Parts& parts) {
  auto& reject = line.out.emit<event::Reject>(line.queue_id);
  reject.stage = stage_of(parts.stage);
  reject.action = action;
  read_reply(reject, parts.reply, true);
  set_peer(reject, parts.peer);
  if (parts.tail.has_sender) reject.sender = sender_of(parts.tail.sender);
  reject.recipient = parts.tail.recipient;
  reject.protocol = parts.tail.protocol;
  reject.helo = parts.tail.helo;
  reject.sasl_user = parts.tail.sasl_user;
}

// A milter holds a message that has its queue id: that is an act on the message, not a refusal.
void emit_hold(Line& line, const Parts& parts) {
  auto& hold = line.out.emit<event::Hold>(line.queue_id);
  hold.reason = parts.reply;
  if (parts.tail.has_sender) hold.sender = sender_of(parts.tail.sender);
  hold.recipient = parts.tail.recipient;
  hold.client_name = parts.peer.name;
  hold.client_ip = parts.peer.address;
  hold.helo = parts.tail.helo;
  hold.protocol = parts.tail.protocol;
}

void emit_remark(Line& line, const Parts& parts) {
  auto& notice = line.out.emit<event::Notice>(line.queue_id);
  notice.severity = model::Severity::kInfo;
  notice.topic = model::Topic::kOther;
  notice.text = line.noqueue ? line.out.record().text : line.text;
  notice.client_name = parts.peer.name;
  notice.client_ip = parts.peer.address;
}

// `milter-header-hold: header ..`, `milter-header-add: ..` (postconf(5), milter_header_checks).
bool is_milter_check(Text word) {
  return word.starts_with("header-") || word.starts_with("body-");
}

bool split_parts(Text text, bool proxy, Parts& parts) {
  if (!take_stage(text, parts.stage)) return false;
  if (!proxy || text.starts_with(" from ")) {
    if (!consume(text, " from ")) return false;
    // A milter may refuse what pickup(8) brought: mail of this host.
    if (!consume(text, "local") && !take_peer(text, parts.peer)) return false;
  }
  if (!consume(text, ": ")) return false;
  // Every such line has a tail, but one that was cut off.
  if (!split_tail(text, false, parts.reply, parts.tail)) parts.reply = text;
  if (parts.reply.ends_with(';')) parts.reply.remove_suffix(1);
  return true;
}

}  // namespace

bool parse_action(Line& line) {
  Text text = line.text;
  const std::size_t colon = text.find(": ");
  if (colon == Text::npos || colon > 30) return false;
  Text name = text.substr(0, colon);
  text.remove_prefix(colon + 2);
  if (name == "abort") return parse_tls(line);
  const bool milter = consume(name, "milter-");
  const bool proxy = consume(name, "proxy-");
  if (milter && is_milter_check(name)) {
    name.remove_prefix(name.find('-') + 1);
    return parse_header_check(line, name, text);
  }
  const Word* word = find_word(name);
  if (word == nullptr) return false;
  if (text.starts_with("header ") || text.starts_with("body ") || text.starts_with("mime-error ") ||
      text.starts_with("content ")) {
    return parse_header_check(line, name, text);
  }
  Parts parts;
  if (!split_parts(text, proxy, parts)) return false;
  if (milter && word->action == Action::kHold && !line.queue_id.empty()) {
    emit_hold(line, parts);
  } else if (word->action == Action::kNone) {
    emit_remark(line, parts);
  } else {
    emit_reject(line, word->action, parts);
  }
  return true;
}

}  // namespace mailtrail::dialect::postfix
