// clang-format off
// NAME
//   sqlgrey
//
// SUMMARY
//   SQLgrey, the greylisting policy server that keeps its lists in a database.
//   `policy` for each decision: defer (`new`, `early reconnect`, `throttling`) or pass (`reconnect ok` with its delay, a match
//   of an automatic white list, a white list of the site). What became of attempts that never came back (`spam:`), entries
//   that it made, and what it says of its database and of itself is a `notice`.
//
// SOURCES
//   SQLgrey 1.8.0 (Debian 12): lines recorded from it, and the texts in the program
//
// SAMPLES
//   Nov 24 19:52:14 mx1 sqlgrey: grey: new: 203.0.113(203.0.113.5), s@sender.example -> r@example.com
//   Nov 24 19:52:17 mx1 sqlgrey: grey: reconnect ok: 203.0.113(203.0.113.5), s@sender.example -> r@example.com (3)
//   Nov 24 19:52:17 mx1 sqlgrey: grey: from awl match: updating 203.0.113(203.0.113.5), s@sender.example(s@sender.example)
//   Nov 24 19:52:14 mx1 sqlgrey: perf: spent 0s cleaning: from_awl (0) domain_awl (0) connect (0)
//
// KNOWN GAPS
//   At log levels below 2 nothing of a decision is logged. Where an address imitates the arrow between sender and recipient,
//   both are left out. A time in a unit other than seconds is not taken for the delay.
// clang-format on
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/ip_shape.h"
#include "dialect/opening_phrase.h"

namespace mailtrail::dialect {
namespace {

using model::Action;
using model::Severity;
using model::Text;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

// How SQLgrey writes the null sender.
constexpr Text kNullSender = "-undef-@-undef-";

struct Decision {
  Text start, reason;
  Action action;
};
constexpr Decision kDecisions[] = {
    {"new: ", "new", Action::kDefer},
    {"early reconnect: ", "early reconnect", Action::kDefer},
    {"throttling: ", "throttling", Action::kDefer},
    {"reconnect ok: ", "reconnect ok", Action::kPass},
    {"domain awl match: updating ", "domain awl match", Action::kPass},
    {"from awl match: updating ", "from awl match", Action::kPass},
};

Text sender_of(Text text) {
  return text == kNullSender ? Text("<>") : text;
}

// `s@sender.example -> r@example.com`, and `(DELAY)` behind a reconnection.
void set_addresses(Text text, model::event::Policy& policy) {
  constexpr Text kArrow = " -> ";
  if (policy.reason == "reconnect ok" && text.ends_with(")")) {
    const std::size_t open = text.rfind(" (");
    if (open != kNone) {
      policy.delay = to_number<double>(text.substr(open + 2, text.size() - open - 3));
      text = text.substr(0, open);
    }
  }
  const std::size_t arrow = text.find(kArrow);
  if (arrow == kNone || arrow != text.rfind(kArrow)) return;
  policy.sender = sender_of(text.substr(0, arrow));
  policy.recipient = text.substr(arrow + kArrow.size());
}

// `203.0.113(203.0.113.5), s@sender.example -> r@example.com` behind the word of the decision.
bool parse_decision(Text text, Emitter& out) {
  for (const Decision& decision : kDecisions) {
    Text rest = text;
    if (!consume(rest, decision.start)) continue;
    const Text network = take_until(rest, '(');
    const Text ip = take_until(rest, ')');
    if (!looks_like_ip(ip) || !consume(rest, ", ")) return false;
    auto& policy = out.emit<model::event::Policy>();
    policy.action = decision.action;
    policy.reason = decision.reason;
    policy.client_ip = ip;
    ExtraList extra;
    extra.add("network", network);
    if (decision.reason == "domain awl match") {
      extra.add("domain", rest);
    } else if (decision.reason == "from awl match") {
      // `s+1@sender.example(s@sender.example)`: what the list holds, and the sender.
      const std::size_t open = rest.rfind('(');
      if (open != kNone && open == rest.find('(') && rest.ends_with(")")) {
        policy.sender = sender_of(rest.substr(open + 1, rest.size() - open - 2));
      }
    } else {
      set_addresses(rest, policy);
    }
    extra.attach(out);
    return true;
  }
  return false;
}

// `s@sender.example, 203.0.113.5(mail.example.net) -> r@example.com`: a white list of the site.
bool parse_whitelist(Text text, Emitter& out) {
  const std::size_t arrow = text.find(") -> ");
  if (arrow == kNone || arrow != text.rfind(") -> ")) return false;
  Text head = text.substr(0, arrow);
  const std::size_t open = head.rfind('(');
  const std::size_t comma = head.rfind(", ", open);
  if (open == kNone || comma == kNone) return false;
  const Text ip = head.substr(comma + 2, open - comma - 2);
  if (!looks_like_ip(ip)) return false;
  auto& policy = out.emit<model::event::Policy>();
  policy.action = Action::kPass;
  policy.reason = "whitelist";
  policy.client_ip = ip;
  policy.client_name = head.substr(open + 1);
  policy.sender = sender_of(head.substr(0, comma));
  policy.recipient = text.substr(arrow + 5);
  return true;
}

constexpr OpeningPhrase kKinds[] = {
    {"grey: ", Severity::kInfo, Topic::kOther},
    {"spam: ", Severity::kInfo, Topic::kOther},
    {"whitelist: ", Severity::kInfo, Topic::kOther},
    {"optin: ", Severity::kInfo, Topic::kOther},
    {"perf: ", Severity::kInfo, Topic::kStats},
    {"conf: ", Severity::kInfo, Topic::kConfig},
    {"dbaccess: ", Severity::kInfo, Topic::kStorage},
    {"martians: ", Severity::kInfo, Topic::kOther},
    {"mail: ", Severity::kInfo, Topic::kOther},
    {"system: ", Severity::kInfo, Topic::kOther},
    {"Unknown logtype (", Severity::kWarning, Topic::kOther},
};

constexpr OpeningPhrase kSelf[] = {
    {"warning: ", Severity::kWarning, Topic::kOther},         {"fatal: ", Severity::kFatal, Topic::kOther},
    {"Process Backgrounded", Severity::kInfo, Topic::kStart}, {"Binding to ", Severity::kInfo, Topic::kStart},
    {"Resolved [", Severity::kInfo, Topic::kStart},           {"Setting gid to ", Severity::kInfo, Topic::kStart},
    {"Setting uid to ", Severity::kInfo, Topic::kStart},      {"Group Not Defined", Severity::kWarning, Topic::kConfig},
    {"User Not Defined", Severity::kWarning, Topic::kConfig}, {"Server closing!", Severity::kInfo, Topic::kStop},
};

Severity severity_of(Text message, Severity otherwise) {
  if (message.starts_with("error: ") || message.starts_with("couldn't ") || message.starts_with("can't connect ")) {
    return Severity::kError;
  }
  if (message.starts_with("warning: ") || message.starts_with("unrecognised line ") ||
      message.starts_with("failed to ")) {
    return Severity::kWarning;
  }
  return otherwise;
}

// Net::Server: `2026/11/24-19:52:14 CONNECT TCP Peer: "[127.0.0.1]:59954" Local: ..`, its start and its end.
bool parse_net_server(Text text, Emitter& out) {
  if (text.size() <= 20 || !is_digit(text.front()) || text[4] != '/' || text[10] != '-') return false;
  text.remove_prefix(19);
  if (text.find(" starting! pid(") != kNone) return emit_notice(out, Severity::kInfo, Topic::kStart);
  if (text.find("Server closing!") != kNone) return emit_notice(out, Severity::kInfo, Topic::kStop);
  return text.starts_with(" CONNECT ") && emit_notice(out, Severity::kInfo, Topic::kNetwork);
}

class SqlgreyDialect final : public Dialect {
 public:
  std::string_view name() const override { return "sqlgrey"; }

  bool claims(std::string_view program) const override { return program == "sqlgrey"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text;
    if (consume(text, "grey: ") && parse_decision(text, out)) return true;
    if (consume(text, "whitelist: ") && parse_whitelist(text, out)) return true;
    if (const OpeningPhrase* kind = find_opening(record.text, kKinds)) {
      return emit_notice(out, severity_of(record.text.substr(kind->text.size()), kind->severity), kind->topic);
    }
    if (const OpeningPhrase* phrase = find_opening(record.text, kSelf)) {
      return emit_notice(out, phrase->severity, phrase->topic);
    }
    return parse_net_server(record.text, out);
  }
};

}  // namespace

const Dialect& sqlgrey_dialect() {
  static const SqlgreyDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
