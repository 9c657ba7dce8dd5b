// What reports count by: the name of a relay, and how much one fact weighs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "model/fact.h"
#include "query/report_figures.h"

namespace mailtrail::query {

inline bool is_loopback(std::string_view ip) {
  return ip.substr(0, 4) == "127." || ip == "::1";
}

inline bool speaks_smtp(std::string_view mailer) {
  return mailer.empty() || mailer.find("smtp") != std::string_view::npos ||
         mailer.find("lmtp") != std::string_view::npos || mailer == "relay" || mailer == "mta";
}

// Whom the attempt handed the mail to: the host, else its address, else the socket; kNoHost where none was reached,
// and the mailer where there is no host to reach.
inline std::string_view relay_of(const model::event::Delivery& event) {
  if (!event.relay_host.empty() && event.relay_host != "none") return event.relay_host;
  if (!event.relay_ip.empty()) return event.relay_ip;
  if (!event.relay_path.empty()) return event.relay_path;
  return speaks_smtp(event.mailer) ? kNoHost : event.mailer;
}

// How many logins a line tells of: one that failed may stand for several attempts (Dovecot).
inline std::uint64_t weight_of(const model::fact::Login& login) {
  if (login.event.result == model::LoginResult::kSuccess) return login.repeat;
  return login.repeat * static_cast<std::uint64_t>(std::clamp(login.event.attempts.value_or(1), 1, 1'000'000));
}

// Whether a rule's action refused the transaction.
inline bool is_refusal(model::Action action) {
  return action == model::Action::kNone || action == model::Action::kReject || action == model::Action::kDefer;
}

// Whether the client was told to come again.
inline bool is_temporary(const model::event::Reject& event) {
  if (event.smtp_code) return *event.smtp_code >= 400 && *event.smtp_code < 500;
  if (!event.dsn.empty()) return event.dsn.front() == '4';
  return event.action == model::Action::kDefer;
}

}  // namespace mailtrail::query
