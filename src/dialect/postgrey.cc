// clang-format off
// NAME
//   postgrey
//
// SUMMARY
//   The greylisting policy server.
//   `policy` for each decision: defer (greylisted) or pass, with its reason. What it says of itself and of its database is a
//   `notice`.
//
// SOURCES
//   postgrey 1.37 (Debian 12); published lines of 1.34 to 1.37
//
// SAMPLES
//   May 21 07:23:05 test postgrey[1492]: action=greylist, reason=new, client_name=unknown, client_address=192.0.2.150, sender=test@sender.example, recipient=test@example.org
//   May 21 07:30:25 test postgrey[1492]: action=pass, reason=triplet found, delay=440, client_name=mail.example.net, client_address=192.0.2.150, sender=test@sender.example, recipient=test@example.org
//   May 21 07:30:25 test postgrey[1492]: cleaning up old logs...
//
// KNOWN GAPS
//   postgrey logs no sender for the null sender. Where an address imitates a field that follows it, the sender and the
//   recipient are left out.
// clang-format on
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/ip_shape.h"
#include "dialect/opening_phrase.h"

namespace mailtrail::dialect {
namespace {

using model::Severity;
using model::Text;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

// What stands between `name` and the next `, `; takes both off `text`. Empty, with `text` as it was, when it does not
// begin with `name`.
Text take_field(Text& text, Text name) {
  if (!consume(text, name)) return {};
  const std::size_t end = text.find(", ");
  const Text value = text.substr(0, end);
  text.remove_prefix(end == kNone ? text.size() : end + 2);
  return value;
}

bool parse_decision(Text text, Text queue_id, Emitter& out) {
  const Text action = take_field(text, "action=");
  if (action != "greylist" && action != "pass") return false;
  auto& policy = out.emit<model::event::Policy>(queue_id);
  policy.action = action == "pass" ? model::Action::kPass : model::Action::kDefer;
  policy.reason = take_field(text, "reason=");
  policy.delay = to_number<double>(take_field(text, "delay="));
  policy.client_name = take_field(text, "client_name=");
  const Text address = take_field(text, "client_address=");
  ExtraList extra;
  // With --privacy the address is a hash.
  if (looks_like_ip(address)) {
    policy.client_ip = address;
  } else {
    extra.add("client_address", address);
  }
  extra.attach(out);
  constexpr Text kRecipient = "recipient=";
  if (consume(text, "sender=")) {
    // A local part may hold anything; the recipient is told apart only where its name stands once.
    const std::size_t at = text.find(", recipient=");
    if (at == kNone || at != text.rfind(", recipient=")) return true;
    policy.sender = text.substr(0, at);
    policy.recipient = text.substr(at + 2 + kRecipient.size());
  } else if (consume(text, kRecipient)) {
    policy.recipient = text;
  }
  return true;
}

constexpr OpeningPhrase kOpenings[] = {
    {"cleaning ", Severity::kInfo, Topic::kStorage},
    {"rm ", Severity::kInfo, Topic::kStorage},
    {"whitelisted: ", Severity::kInfo, Topic::kOther},
    {"correcting date for first seen in the future!", Severity::kWarning, Topic::kOther},
    {"HUP received: reloading whitelists", Severity::kInfo, Topic::kReload},
    {"Exiting!", Severity::kInfo, Topic::kStop},
    {"FATAL: ", Severity::kFatal, Topic::kOther},
    {"WARNING: ", Severity::kWarning, Topic::kOther},
    {"unrecognized request type: ", Severity::kWarning, Topic::kOther},
    {"ignoring garbage: ", Severity::kWarning, Topic::kOther},
    {"Process Backgrounded", Severity::kInfo, Topic::kStart},
    {"Binding to ", Severity::kInfo, Topic::kStart},
    {"Resolved [", Severity::kInfo, Topic::kStart},
    {"Setting gid to ", Severity::kInfo, Topic::kStart},
    {"Setting uid to ", Severity::kInfo, Topic::kStart},
    {"Using default listen value of ", Severity::kInfo, Topic::kStart},
    {"Server closing!", Severity::kInfo, Topic::kStop},
};

class PostgreyDialect final : public Dialect {
 public:
  std::string_view name() const override { return "postgrey"; }

  bool claims(std::string_view program) const override { return program == "postgrey"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text;
    Text queue_id;
    const std::size_t action = text.find(": action=");
    if (action != kNone && action != 0 && text.substr(0, action).find_first_of(" ,=") == kNone) {
      queue_id = text.substr(0, action);
      text.remove_prefix(action + 2);
    }
    if (parse_decision(text, queue_id, out)) return true;
    if (const OpeningPhrase* phrase = find_opening(text, kOpenings)) {
      return emit_notice(out, phrase->severity, phrase->topic);
    }
    // Net::Server: `2026/11/24-03:00:15 postgrey (type Net::Server::Multiplex) starting! pid(390)`, and its last words.
    if (text.size() > 19 && is_digit(text.front()) && text[4] == '/') {
      text.remove_prefix(19);
      if (text.find(" starting! pid(") != kNone) return emit_notice(out, Severity::kInfo, Topic::kStart);
      if (text.find("Server closing!") != kNone) return emit_notice(out, Severity::kInfo, Topic::kStop);
    }
    return false;
  }
};

}  // namespace

const Dialect& postgrey_dialect() {
  static const PostgreyDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
