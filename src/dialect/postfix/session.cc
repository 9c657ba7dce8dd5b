// Sessions with smtpd(8): connect, disconnect and why, improper pipelining, logins that failed.
#include <algorithm>

#include "dialect/postfix/parts.h"
#include "dialect/postfix/scan.h"

namespace mailtrail::dialect::postfix {
namespace {

using model::Text;
namespace event = model::event;

// SMTP has fewer commands; a line that names more was not written by smtpd.
constexpr std::size_t kMaxCommands = 48;

// Digits that `text` begins with, taken off.
std::optional<std::uint32_t> take_count(Text& text) {
  std::uint32_t value = 0;
  std::size_t at = 0;
  for (; at < text.size() && at < 9 && is_digit(text[at]); ++at) {
    value = value * 10 + static_cast<std::uint32_t>(text[at] - '0');
  }
  if (at == 0) return std::nullopt;
  text.remove_prefix(at);
  return value;
}

// ` ehlo=1 mail=1 rcpt=0/1 commands=2/3`: accepted and total, or one number for both (smtpd(8) since 3.0).
bool read_commands(Text text, Emitter& out, std::span<const model::CommandCount>& commands) {
  if (text.empty()) return true;
  const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
  if (count == 0 || count > kMaxCommands) return false;
  auto* found = static_cast<model::CommandCount*>(
      out.arena().allocate(sizeof(model::CommandCount) * count, alignof(model::CommandCount)));
  for (std::size_t i = 0; i < count; ++i) {
    auto* command = new (found + i) model::CommandCount;
    if (!consume(text, " ")) return false;
    command->name = take_until(text, '=');
    const auto accepted = take_count(text);
    if (command->name.empty() || !accepted) return false;
    command->accepted = command->total = *accepted;
    if (!consume(text, "/")) continue;
    const auto total = take_count(text);
    if (!total) return false;
    command->total = *total;
  }
  commands = {found, count};
  return text.empty();
}

template <class Body>
void set_client(Body& body, const Peer& peer) {
  body.client_name = peer.name;
  body.client_ip = peer.address;
  body.client_port = peer.port;
}

bool parse_connect(Line& line, Text text) {
  Peer peer;
  if (!take_peer(text, peer) || !text.empty()) return false;
  set_client(line.out.emit<event::Connect>(), peer);
  return true;
}

bool parse_disconnect(Line& line, Text text) {
  Peer peer;
  if (!take_peer(text, peer)) return false;
  std::span<const model::CommandCount> commands;
  if (!read_commands(text, line.out, commands)) return false;
  auto& body = line.out.emit<event::Disconnect>();
  set_client(body, peer);
  body.commands = commands;
  return true;
}

// `lost connection after DATA (17 bytes) from name[address]`; later versions put the queue id or NOQUEUE before it.
bool parse_abort(Line& line) {
  static constexpr Text kReasons[] = {"lost connection after ", "timeout after ", "too many errors after ",
                                      "hangup after ", "bare <LF> received after "};
  for (const Text reason : kReasons) {
    if (!line.text.starts_with(reason)) continue;
    const std::size_t from = line.text.find(" from ", reason.size());
    if (from == Text::npos || from > 100) return false;
    Text rest = line.text.substr(from + 6);
    Peer peer;
    if (!take_peer(rest, peer) || !rest.empty()) return false;
    auto& body = line.out.emit<event::Disconnect>(line.queue_id);
    set_client(body, peer);
    body.reason = line.text.substr(0, from);
    return true;
  }
  return false;
}

// `improper command pipelining after DATA from name[address]: what was sent`.
bool parse_pipelining(Line& line) {
  static constexpr Text kWords = "improper command pipelining after ";
  if (!line.text.starts_with(kWords)) return false;
  const std::size_t from = line.text.find(" from ", kWords.size());
  if (from == Text::npos || from > 100) return false;
  Text rest = line.text.substr(from + 6);
  Peer peer;
  if (!take_peer(rest, peer) || (!rest.empty() && !rest.starts_with(":"))) return false;
  auto& policy = line.out.emit<event::Policy>(line.queue_id);
  policy.action = model::Action::kViolation;
  policy.reason = line.text.substr(0, from);
  set_client(policy, peer);
  return true;
}

bool is_submission(Text instance) {
  const Text service = instance.substr(instance.rfind('/') == Text::npos ? 0 : instance.rfind('/') + 1);
  return service.find("submission") != Text::npos || service.find("smtps") != Text::npos;
}

// The words of smtpd_sasl_glue about one attempt: ` authentication failed: reason[, sasl_username=user]` or
// ` authentication aborted`.
struct Failure {
  Text reason, user;
};

bool read_failure(Text text, Failure& failure) {
  if (text == "authentication aborted") {
    failure.reason = text;
    return true;
  }
  if (!consume(text, "authentication failed: ")) return false;
  static constexpr Text kUser = ", sasl_username=";
  // The reason is the authentication server's, the name is the client's: the first mark is Postfix's own.
  const std::size_t user = text.find(kUser);
  failure.reason = text.substr(0, user);
  if (user != Text::npos) failure.user = text.substr(user + kUser.size());
  if (failure.reason == "(reason unavailable)") failure.reason = {};
  if (failure.user == "(unavailable)") failure.user = {};
  return true;
}

}  // namespace

bool parse_session(Line& line) {
  Text text = line.text;
  if (consume(text, "connect from ")) return parse_connect(line, text);
  if (consume(text, "disconnect from ")) return parse_disconnect(line, text);
  return parse_session_end(line);
}

bool parse_session_end(Line& line) {
  return parse_abort(line) || parse_pipelining(line);
}

bool parse_failed_login(Line& line) {
  Text text = line.text;
  Peer peer;
  if (!take_peer(text, peer) || !consume(text, ": SASL ")) return false;
  const Text method = take_until(text, ' ');
  Failure failure;
  if (!read_failure(text, failure)) return false;
  auto& login = line.out.emit<event::Login>(line.queue_id);
  // Without the service's name it may be either.
  if (line.tag.daemon != Daemon::kAny) login.protocol = is_submission(line.tag.instance) ? "submission" : "smtp";
  login.method = method;
  login.user = failure.user;
  login.result = model::LoginResult::kFailure;
  login.reason = failure.reason;
  login.client_ip = peer.address;
  login.client_name = peer.name;
  return true;
}

}  // namespace mailtrail::dialect::postfix
