// Sessions of clients: `SESSION smtp WORD fields`. From 6.4 on only `connected` names the client; in 6.0 every line
// does.
#include "dialect/opensmtpd/parts.h"
#include "dialect/opensmtpd/scan.h"
#include "dialect/text_list.h"

namespace mailtrail::dialect::opensmtpd {
namespace {

using model::Action;
using model::Stage;
using model::Text;
namespace event = model::event;

constexpr std::size_t kNone = Text::npos;

// `address=203.0.113.3 host=client.example`, taken off. `<unknown>` says that the address has no name.
struct Client {
  Text ip, name;
};
Client take_client(Text& text) {
  Client client;
  const auto address = take_field(text, "address=");
  if (!address) return client;
  client.ip = ip_of(*address);
  if (const auto host = take_field(text, "host="); host && *host != "unknown" && *host != "<unknown>") {
    client.name = *host;
  }
  return client;
}

bool parse_connected(const Line& line) {
  Text text = line.fields;
  if (!text.starts_with("address=")) return false;
  const bool local = text.starts_with("address=local ");
  const Client client = take_client(text);
  auto& connect = line.out.emit<event::Connect>();
  connect.client_ip = client.ip;
  connect.client_name = client.name;
  connect.service = "smtp";
  ExtraList extra;
  if (local) extra.add("address", "local");
  extra.add("rest", text);
  line.attach(extra);
  return true;
}

bool parse_disconnected(const Line& line) {
  Text text = trim(line.fields);
  const Client client = take_client(text);
  const auto reason = take_field(text, "reason=");
  if (!reason) return false;
  auto& disconnect = line.out.emit<event::Disconnect>();
  disconnect.client_ip = client.ip;
  disconnect.client_name = client.name;
  disconnect.service = "smtp";
  // What is not one word is not in quotes in every version.
  disconnect.reason = *reason;
  ExtraList extra;
  extra.add("rest", text);
  line.attach(extra);
  return true;
}

bool parse_tls(const Line& line) {
  Text text = line.fields;
  const Client client = take_client(text);
  const auto ciphers = take_field(text, "ciphers=");
  if (!ciphers) return false;
  const Cipher cipher = read_cipher(*ciphers);
  auto& tls = line.out.emit<event::Tls>();
  tls.direction = model::Direction::kIn;
  tls.tls_version = cipher.version;
  tls.tls_cipher = cipher.name;
  tls.tls_bits = cipher.bits;
  tls.peer_ip = client.ip;
  tls.peer_name = client.name;
  ExtraList extra;
  extra.add("rest", text);
  line.attach(extra);
  return true;
}

// `user=alice result=ok`. The user name is the client's; OpenSMTPD writes its blanks as `\s` (vis(3), VIS_WHITE).
bool parse_authentication(const Line& line) {
  Text text = line.fields;
  const auto user = take_field(text, "user=");
  if (!user) return false;
  const Client client = take_client(text);
  const auto result = take_field(text, "result=");
  if (!result) return false;
  auto& login = line.out.emit<event::Login>();
  login.protocol = "smtp";
  login.user = *user;
  login.result = *result == "ok" ? model::LoginResult::kSuccess : model::LoginResult::kFailure;
  if (*result != "ok") login.reason = *result;
  login.client_ip = client.ip;
  login.client_name = client.name;
  login.session_id = line.session_id;
  return true;
}

// `msgid=f9e0602a size=515 nrcpt=1 proto=ESMTP`; 6.0: `.. msgid=.. from=<..> to=<..> size=.. ndest=.. proto=..`.
bool parse_message(const Line& line) {
  Text text = line.fields;
  const Client client = take_client(text);
  const auto id = take_field(text, "msgid=");
  if (!id || !is_id(*id, 8)) return false;
  const auto from = take_field(text, "from=");
  const auto to = take_field(text, "to=");
  const auto size = take_field(text, "size=");
  auto count = take_field(text, "nrcpt=");
  const auto destinations = count ? std::nullopt : take_field(text, "ndest=");
  const auto protocol = take_field(text, "proto=");
  auto& receive = line.out.emit<event::Receive>(*id);
  if (from) receive.sender = sender_of(*from);
  receive.client_ip = client.ip;
  receive.client_name = client.name;
  if (size) receive.size = to_number<std::int64_t>(*size);
  if (count) receive.nrcpt = to_number<std::int32_t>(*count);
  if (protocol) receive.protocol = *protocol;
  if (to) {
    TextList recipients(line.out.arena());
    recipients.add(*to);
    receive.recipients = recipients.span();
  }
  ExtraList extra;
  if (destinations) extra.add("ndest", *destinations);
  extra.add("rest", text);
  line.attach(extra);
  return true;
}

// `evpid=f9e0602a85667a5d from=<s@sender.example> to=<bob@local.example>`: an envelope is a message for one recipient;
// its id begins with that of the message.
bool parse_envelope(const Line& line) {
  Text text = line.fields;
  const auto id = take_field(text, "evpid=");
  if (!id || !is_id(*id, 16)) return false;
  const auto from = take_field(text, "from=");
  const auto to = take_field(text, "to=");
  if (!from || !to) return false;
  auto& queue = line.out.emit<event::Queue>(id->substr(0, 8));
  queue.sender = sender_of(*from);
  ExtraList extra;
  extra.add("evpid", *id);
  extra.add("recipient", *to);
  extra.add("rest", text);
  line.attach(extra);
  return true;
}

// The address in `RCPT TO:<bob@local.example> NOTIFY=..`.
Text address_in(Text command) {
  const std::size_t open = command.find('<');
  if (open == kNone) return {};
  const std::size_t close = command.find('>', open);
  return command.substr(open + 1, close == kNone ? kNone : close - open - 1);
}

Stage stage_of(Text verb) {
  struct Named {
    Text verb;
    Stage stage;
  };
  constexpr Named kNamed[] = {{"RCPT", Stage::kRcpt}, {"MAIL", Stage::kMail},        {"EHLO", Stage::kHelo},
                              {"HELO", Stage::kHelo}, {"LHLO", Stage::kHelo},        {"DATA", Stage::kData},
                              {"AUTH", Stage::kAuth}, {"VRFY", Stage::kVrfy},        {"EXPN", Stage::kVrfy},
                              {"ETRN", Stage::kEtrn}, {"STARTTLS", Stage::kStarttls}};
  for (const Named& named : kNamed) {
    if (equals_ignoring_case(named.verb, verb)) return named.stage;
  }
  return Stage::kNone;
}

struct Failure {
  Text command, result;
};

// `command="RCPT TO:<a@x.example>" result="550 .."`. The client wrote the command, and a refusal of a recipient repeats
// it: there the answer begins where its words do, else at the last place where one may begin.
bool split_failure(Text text, Failure& failure) {
  constexpr Text kResult = "\" result=\"";
  constexpr Text kRepeats = "550 Invalid recipient: <";
  if (!consume(text, "command=\"") || !text.ends_with('"')) return false;
  text.remove_suffix(1);
  std::size_t at = text.rfind(kResult);
  if (at == kNone) return false;
  int tries = 0;
  for (std::size_t one = text.find(kResult); one < at && tries < 16; one = text.find(kResult, one + 1), ++tries) {
    if (text.substr(one + kResult.size()).starts_with(kRepeats)) at = one;
  }
  failure.command = text.substr(0, at);
  failure.result = text.substr(at + kResult.size());
  return true;
}

bool parse_failed_command(const Line& line) {
  Text text = line.fields;
  const Client client = take_client(text);
  Failure failure;
  if (!split_failure(text, failure)) return false;
  const Text verb = failure.command.substr(0, failure.command.find_first_of(" :"));
  const Stage stage = failure.command.empty() ? Stage::kConnect : stage_of(verb);
  const ReplyCodes codes = read_codes(failure.result);
  // `authentication result=permfail` has told of a wrong password; what is no command of mail refuses no mail.
  if (stage == Stage::kNone || (stage == Stage::kAuth && codes.code == 535)) {
    emit_notice(line.out, model::Severity::kInfo, model::Topic::kOther);
    line.attach();
    return true;
  }
  auto& reject = line.out.emit<event::Reject>();
  // Behind the data the last command is still DATA.
  const bool has_data = stage == Stage::kData && codes.code != 503;
  reject.stage = has_data ? Stage::kEod : stage;
  reject.action = Action::kReject;
  reject.smtp_code = codes.code;
  reject.dsn = codes.dsn;
  reject.reply = failure.result;
  reject.client_ip = client.ip;
  reject.client_name = client.name;
  if (stage == Stage::kRcpt) reject.recipient = address_in(failure.command);
  if (stage == Stage::kMail) reject.sender = sender_of(address_in(failure.command));
  if (stage == Stage::kHelo && failure.command.size() > 5) reject.helo = trim(failure.command.substr(5));
  ExtraList extra;
  extra.add("command", failure.command);
  line.attach(extra);
  return true;
}

bool parse_bad_input(const Line& line) {
  Text text = line.fields;
  const Client client = take_client(text);
  const auto result = take_field(text, "result=");
  if (!result) return false;
  auto& policy = line.out.emit<event::Policy>();
  policy.action = Action::kViolation;
  policy.reason = *result;
  policy.client_ip = client.ip;
  policy.client_name = client.name;
  line.attach();
  return true;
}

}  // namespace

bool parse_smtp(const Line& line) {
  const Text word = line.event;
  if (word == "envelope") return parse_envelope(line);
  if (word == "message") return parse_message(line);
  if (word == "connected") return parse_connected(line);
  if (word == "disconnected" || word == "closed") return parse_disconnected(line);
  if (word == "tls" || word == "starttls") return parse_tls(line);
  if (word == "authentication") return parse_authentication(line);
  if (word == "failed-command") return parse_failed_command(line);
  if (word == "bad-input") return parse_bad_input(line);
  if (word != "client-cert-check" && word != "cert-check") return false;
  emit_notice(line.out, model::Severity::kInfo, model::Topic::kTls);
  line.attach();
  return true;
}

}  // namespace mailtrail::dialect::opensmtpd
