// clang-format off
// NAME
//   qmail
//
// SUMMARY
//   qmail 1.03, netqmail and notqmail: qmail-send through multilog (TAI64N) or splogger (syslog), tcpserver, rblsmtpd and the
//   lines of common patches of qmail-smtpd.
//   `receive` for info msg, `queue` for new msg and starting delivery, `delivery` for how one ended, `notify` for bounce msg,
//   `remove` for end msg, `delete` for a triple bounce, `connect` and `disconnect` for tcpserver, `reject` for rblsmtpd and
//   CHKUSER, `notice` for all else. A delivery's end names neither message nor recipient: both stand in its beginning, joined by
//   `extra.delivery`.
//
// SOURCES
//   qmail-log(5), qmail-send.c's log calls as qmail-log(5) lists them, tcpserver(1), rblsmtpd(1), CHKUSER 2.0
//
// SAMPLES
//   @4000000067431d5f0f2b8c44 new msg 93
//   @4000000067431d5f0f2b8c44 info msg 93: bytes 2343 from <s@example.org> qp 18695 uid 49491
//   @4000000067431d5f0f2b8c44 starting delivery 2392: msg 93 to remote a@example.com
//   @4000000067431d5f0f2b8c44 status: local 0/10 remote 1/20
//   @4000000067431d6012345678 delivery 2392: success: 192.0.2.7_accepted_message./Remote_host_said:_250_2.0.0_ok_queued_as_X1/
//   @4000000067431d6012345678 end msg 93
//   Nov 24 03:00:15 mx1 qmail: 1795489215.123456 new msg 94
//
// KNOWN GAPS
//   qmail writes blanks in reports as `_` and line ends as `/`: they stand as they are logged. Nothing was recorded by us: qmail
//   is no package of Debian 12.
// clang-format on
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/ip_shape.h"

namespace mailtrail::dialect {
namespace {

namespace event = model::event;
using model::Severity;
using model::Status;
using model::Text;
using model::Topic;

// Takes a decimal number of at most 19 digits off `text`; empty where there is none.
Text take_number(Text& text) {
  std::size_t size = 0;
  while (size < text.size() && is_digit(text[size])) ++size;
  const Text number = size <= 19 ? text.substr(0, size) : Text{};
  text.remove_prefix(number.size());
  return number;
}

// `2343 from <s@example.org> qp 18695 uid 49491`. The sender may hold anything: what follows it is read from the end.
bool parse_info(Text text, Text id, Emitter& out) {
  const Text bytes = take_number(text);
  if (bytes.empty() || !consume(text, " from <")) return false;
  const std::size_t user_at = text.rfind(" uid ");
  if (user_at == Text::npos) return false;
  const Text user = text.substr(user_at + 5);
  text = text.substr(0, user_at);
  const std::size_t parent_at = text.rfind("> qp ");
  if (parent_at == Text::npos) return false;
  auto& receive = out.emit<event::Receive>(id);
  const Text sender = text.substr(0, parent_at);
  receive.sender = sender.empty() || sender == "#@[]" ? "<>" : sender;
  receive.size = to_number<std::int64_t>(bytes);
  receive.user = user;
  ExtraList extra;
  extra.add("qp", text.substr(parent_at + 5));
  if (sender == "#@[]") extra.add("sender", sender);
  extra.attach(out);
  return true;
}

// `93 to remote a@example.com`
bool parse_start(Text text, Text number, Emitter& out) {
  const Text id = take_number(text);
  if (id.empty() || !consume(text, " to ")) return false;
  const bool local = text.starts_with("local ");
  if (!local && !text.starts_with("remote ")) return false;
  text.remove_prefix(local ? 6 : 7);
  auto& queue = out.emit<event::Queue>(id);
  queue.queue = "active";
  ExtraList extra;
  extra.add("delivery", number);
  extra.add("channel", local ? "local" : "remote");
  extra.add("recipient", text);
  extra.attach(out);
  return true;
}

// The reply's code in `..._said:_250_2.0.0_ok/`.
void read_remote_reply(Text report, event::Delivery& delivery) {
  const std::size_t underscore = report.find('_');
  const Text first = report.substr(0, underscore);
  if (looks_like_ip(first)) delivery.relay_ip = first;
  constexpr Text kSaid = "_said:_";
  const std::size_t at = report.find(kSaid);
  if (at == Text::npos) return;
  Text said = report.substr(at + kSaid.size());
  const Text code = said.substr(0, 3);
  if (code.size() < 3 || code[0] < '2' || code[0] > '5') return;
  delivery.smtp_code = to_number<std::int32_t>(code);
  if (said.size() < 5 || (said[3] != '_' && said[3] != '-')) return;
  said.remove_prefix(4);
  const Text dsn = said.substr(0, said.find_first_of("_/"));
  const bool plain =
      dsn.size() >= 5 && dsn[0] == code[0] && dsn[1] == '.' && dsn.find_first_not_of("0123456789.") == Text::npos;
  if (plain) delivery.dsn = dsn;
}

bool parse_end(Text text, Text number, Emitter& out) {
  Status status;
  if (consume(text, "success: ")) {
    status = Status::kSent;
  } else if (consume(text, "deferral: ")) {
    status = Status::kDeferred;
  } else if (consume(text, "failure: ")) {
    status = Status::kBounced;
  } else {
    return text.starts_with("report mangled") && emit_notice(out, Severity::kWarning, Topic::kOther);
  }
  auto& delivery = out.emit<event::Delivery>();
  delivery.status = status;
  delivery.reply = text;
  read_remote_reply(text, delivery);
  ExtraList extra;
  extra.add("delivery", number);
  extra.attach(out);
  return true;
}

bool parse_send(Text text, Emitter& out) {
  if (consume(text, "new msg ")) {
    const Text id = take_number(text);
    if (id.empty() || !text.empty()) return false;
    out.emit<event::Queue>(id).queue = "incoming";
    return true;
  }
  if (consume(text, "end msg ")) {
    const Text id = take_number(text);
    if (id.empty() || !text.empty()) return false;
    out.emit<event::Remove>(id);
    return true;
  }
  if (consume(text, "info msg ")) {
    const Text id = take_number(text);
    return !id.empty() && consume(text, ": bytes ") && parse_info(text, id, out);
  }
  if (consume(text, "starting delivery ")) {
    const Text number = take_number(text);
    return !number.empty() && consume(text, ": msg ") && parse_start(text, number, out);
  }
  if (consume(text, "delivery ")) {
    const Text number = take_number(text);
    return !number.empty() && consume(text, ": ") && parse_end(text, number, out);
  }
  if (consume(text, "bounce msg ")) {
    const Text id = take_number(text);
    if (id.empty() || !consume(text, " qp ")) return false;
    out.emit<event::Notify>(id).notify = "failure";
    ExtraList extra;
    extra.add("qp", text);
    extra.attach(out);
    return true;
  }
  if (consume(text, "triple bounce: discarding bounce/")) {
    const Text id = take_number(text);
    if (id.empty()) return false;
    out.emit<event::Delete>(id).reason = "triple bounce";
    return true;
  }
  if (text.starts_with("status: ")) return emit_notice(out, Severity::kInfo, Topic::kStats);
  if (text == "running") return emit_notice(out, Severity::kInfo, Topic::kStart);
  if (text == "exiting") return emit_notice(out, Severity::kInfo, Topic::kStop);
  if (text.starts_with("warning: ")) return emit_notice(out, Severity::kWarning, Topic::kQueue);
  if (text.starts_with("alert: ")) return emit_notice(out, Severity::kFatal, Topic::kOther);
  if (text.starts_with("double bounce: ")) return emit_notice(out, Severity::kInfo, Topic::kQueue);
  return text.starts_with("number of deliveries left before exiting") &&
         emit_notice(out, Severity::kInfo, Topic::kStop);
}

// Takes what stands before the next `:` off `text`, an address of IPv6 in one piece where four or more groups follow.
Text take_part(Text& text) {
  return take_until(text, ':');
}

// `ok 7 mx1.example.com:198.51.100.5:25 client.example.org:192.0.2.10::50001`
bool parse_tcpserver(Text text, Emitter& out) {
  if (text.starts_with("status: ")) return emit_notice(out, Severity::kInfo, Topic::kStats);
  if (consume(text, "end ")) {
    const Text pid = take_number(text);
    if (pid.empty() || !consume(text, " status ")) return false;
    out.emit<event::Disconnect>().service = "smtp";
    ExtraList extra;
    extra.add("pid", pid);
    extra.add("status", text);
    extra.attach(out);
    return true;
  }
  if (consume(text, "pid ")) {
    const Text pid = take_number(text);
    if (pid.empty() || !consume(text, " from ")) return false;
    auto& notice = out.emit<event::Notice>();
    notice.severity = Severity::kDebug;
    notice.topic = Topic::kNetwork;
    notice.text = out.record().text;
    if (looks_like_ip(text)) notice.client_ip = text;
    return true;
  }
  const bool denied = text.starts_with("deny ");
  if (!denied && !text.starts_with("ok ")) return false;
  text.remove_prefix(denied ? 5 : 3);
  const Text pid = take_number(text);
  if (pid.empty() || !consume(text, " ")) return false;
  take_until(text, ' ');
  const Text name = take_part(text), ip = take_part(text), user = take_part(text);
  if (!looks_like_ip(ip)) return false;
  if (denied) {
    auto& reject = out.emit<event::Reject>();
    reject.stage = model::Stage::kConnect;
    reject.action = model::Action::kReject;
    reject.client_name = name;
    reject.client_ip = ip;
    reject.client_port = to_number<std::uint16_t>(text);
  } else {
    auto& connect = out.emit<event::Connect>();
    connect.client_name = name;
    connect.client_ip = ip;
    connect.client_port = to_number<std::uint16_t>(text);
    connect.service = "smtp";
  }
  ExtraList extra;
  extra.add("pid", pid);
  extra.add("ident", user);
  extra.attach(out);
  return true;
}

// `192.0.2.10 pid 7: 451 http://...`
bool parse_rblsmtpd(Text text, Emitter& out) {
  const Text ip = take_until(text, ' ');
  if (!looks_like_ip(ip) || !consume(text, "pid ")) return false;
  const Text pid = take_number(text);
  if (pid.empty() || !consume(text, ": ")) return false;
  auto& reject = out.emit<event::Reject>();
  reject.stage = model::Stage::kConnect;
  reject.action = model::Action::kReject;
  reject.client_ip = ip;
  reject.smtp_code = to_number<std::int32_t>(text.substr(0, 3));
  reject.reply = text;
  ExtraList extra;
  extra.add("pid", pid);
  extra.attach(out);
  return true;
}

// `CHKUSER rejected rcpt: from <s@example.org::> remote <helo:name:192.0.2.10> rcpt <a@example.com> : not existing
// recipient`. The client chose the addresses and HELO: where they hold what should stand around them, the line is kept
// as it is.
bool parse_chkuser(Text text, Emitter& out) {
  const bool rejected = text.starts_with("rejected ");
  const std::size_t from = text.find(": from <");
  const std::size_t remote = text.find("> remote <");
  const std::size_t rcpt = text.find("> rcpt <");
  const std::size_t reason = text.rfind("> : ");
  if (from == Text::npos || remote == Text::npos || rcpt == Text::npos || reason == Text::npos || remote < from ||
      rcpt < remote || reason < rcpt || text.find("> remote <", remote + 1) != Text::npos ||
      text.find("> rcpt <", rcpt + 1) != Text::npos || !rejected) {
    return emit_notice(out, Severity::kInfo, Topic::kOther);
  }
  const Text peer = text.substr(remote + 10, rcpt - remote - 10);
  auto& reject = out.emit<event::Reject>();
  reject.stage = model::Stage::kRcpt;
  reject.action = model::Action::kReject;
  Text sender = text.substr(from + 8, remote - from - 8);
  reject.sender = take_until(sender, ':');
  if (reject.sender.empty()) reject.sender = "<>";
  reject.recipient = text.substr(rcpt + 8, reason - rcpt - 8);
  reject.reason = text.substr(reason + 4);
  // HELO and name may hold colons; an address of IPv4 is what follows the last one.
  if (const std::size_t colon = peer.rfind(':'); colon != Text::npos && looks_like_ip(peer.substr(colon + 1))) {
    reject.client_ip = peer.substr(colon + 1);
  }
  ExtraList extra;
  extra.add("remote", peer);
  extra.attach(out);
  return true;
}

class Qmail : public Dialect {
 public:
  std::string_view name() const override { return "qmail"; }
  bool claims(std::string_view program) const override {
    return program == "qmail" || program == "qmail-send" || program == "tcpserver" || program == "rblsmtpd" ||
           program == "qmail-smtpd";
  }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text;
    if (record.program == "tcpserver") return parse_tcpserver(text, out);
    if (record.program == "rblsmtpd") return parse_rblsmtpd(text, out);
    if (record.program == "qmail-smtpd") {
      return consume(text, "CHKUSER ") ? parse_chkuser(text, out) : emit_notice(out, Severity::kInfo, Topic::kOther);
    }
    // splogger(8) puts its own time before the line: seconds, a dot and six digits.
    if (record.program == "qmail") {
      Text rest = text;
      if (!take_number(rest).empty() && consume(rest, ".") && take_number(rest).size() == 6 && consume(rest, " ")) {
        text = rest;
      }
    }
    return parse_send(text, out);
  }
};

}  // namespace

const Dialect& qmail_dialect() {
  static const Qmail dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
