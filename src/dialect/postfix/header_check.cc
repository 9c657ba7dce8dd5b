// header_checks(5) and body_checks(5): `ACTION: header NAME: VALUE from CLIENT; from=<..> to=<..> proto=.. helo=<..>:
// TEXT` of cleanup(8), the same of milter_header_checks, and `ACTION: header NAME: VALUE[: TEXT]` of the SMTP client.
#include "dialect/postfix/parts.h"
#include "dialect/postfix/scan.h"
#include "dialect/postfix/tail.h"

namespace mailtrail::dialect::postfix {
namespace {

using model::Action;
using model::Text;
namespace event = model::event;

struct Check {
  Text action, name, value, body, note;
  bool mime = false;
  Peer peer;
  Tail tail;
};

// Takes ` from CLIENT` off the end of `head`: the header may hold others before. A client has no blank in it. Mail of
// this host has ` from local`.
void take_client(Text& head, Peer& peer) {
  static constexpr Text kFrom = " from ";
  const std::size_t blank = head.rfind(' ');
  if (blank == Text::npos || blank + 1 < kFrom.size()) return;
  const std::size_t at = blank + 1 - kFrom.size();
  if (head.substr(at, kFrom.size()) != kFrom) return;
  Text client = head.substr(blank + 1);
  if (client != "local" && (!take_peer(client, peer) || !client.empty())) return;
  head = head.substr(0, at);
}

void read_content(Text content, Check& check) {
  if (consume(content, "header ")) {
    const std::size_t colon = content.find(':');
    if (colon == Text::npos) {
      check.value = content;
      return;
    }
    check.name = content.substr(0, colon);
    check.value = trim(content.substr(colon + 1));
  } else if (consume(content, "body ") || consume(content, "content ")) {
    check.body = content;
  } else {
    check.mime = true;
    check.body = content;
  }
}

Action action_of(Text word) {
  if (word == "warning" || word == "warn") return Action::kWarn;
  if (word == "filter") return Action::kFilter;
  if (word == "redirect") return Action::kRedirect;
  if (word == "discard") return Action::kDiscard;
  if (word == "hold" || word == "quarantine") return Action::kHold;
  if (word == "reject") return Action::kReject;
  return Action::kNone;
}

void set_extra(Emitter& out, const Check& check, bool with_action) {
  auto* extra = static_cast<model::Extra*>(out.arena().allocate(2 * sizeof(model::Extra), alignof(model::Extra)));
  std::size_t count = 0;
  if (with_action) new (extra + count++) model::Extra{"check_action", check.action};
  if (!check.body.empty()) new (extra + count++) model::Extra{"body", check.body};
  if (count != 0) out.last().extra = {extra, count};
}

// What each kind has in common.
template <class Body>
void set_transaction(Body& body, const Check& check) {
  if (check.tail.has_sender) body.sender = sender_of(check.tail.sender);
  body.recipient = check.tail.recipient;
  body.client_name = check.peer.name;
  body.client_ip = check.peer.address;
  body.helo = check.tail.helo;
  body.protocol = check.tail.protocol;
  body.header_name = check.name;
  body.header_value = check.value;
}

void emit_reject(Line& line, const Check& check, Action action) {
  auto& reject = line.out.emit<event::Reject>(line.queue_id);
  set_transaction(reject, check);
  reject.stage = model::Stage::kData;
  reject.action = action;
  Text text = check.mime ? check.body : check.note;
  if (check.mime) consume(text, "mime-error ");
  reject.reason = text;
  if (action == Action::kReject && !check.mime) {
    // The text is what the client is told, behind a code that the line does not state.
    reject.reply = text;
    reject.dsn = take_dsn(reject.reason);
  }
  if (!check.mime && !check.body.empty()) set_extra(line.out, check, false);
}

void emit_header(Line& line, const Check& check, Action action) {
  auto& header = line.out.emit<event::Header>(line.queue_id);
  set_transaction(header, check);
  header.action = action;
  header.reason = check.note;
  if (equals_ignoring_case(check.name, "subject")) header.subject = check.value;
  if (equals_ignoring_case(check.name, "from")) header.from_header = check.value;
  // `info` is a log entry alone; other words without a place in the vocabulary change the message.
  const bool with_action = action == Action::kNone && check.action != "info";
  if (with_action || !check.body.empty()) set_extra(line.out, check, with_action);
}

}  // namespace

bool parse_header_check(Line& line, std::string_view action, std::string_view context) {
  Check check;
  check.action = action;
  Text head = context;
  if (split_tail(context, true, head, check.tail)) {
    check.note = check.tail.note;
    take_client(head, check.peer);
  } else if (line.tag.may_be(Daemon::kCleanup)) {
    return false;  // cut off: where the header ends is not known
  }
  read_content(head, check);
  const Action done = action_of(action);
  if (done == Action::kReject || done == Action::kDiscard) {
    emit_reject(line, check, done);
  } else if (done == Action::kHold) {
    auto& hold = line.out.emit<event::Hold>(line.queue_id);
    set_transaction(hold, check);
    hold.reason = check.note;
    if (!check.body.empty()) set_extra(line.out, check, false);
  } else {
    emit_header(line, check, done);
  }
  return true;
}

}  // namespace mailtrail::dialect::postfix
