// Hand-made facts for the tests of the report.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "query/report.h"

namespace mailtrail::query {

// A mail with its recipients; `journey()` points into the object.
struct MailFact {
  std::string sender = "alice@example.com";
  Micros received = *parse_timestamp("2026-11-23T10:00:00Z", 0);
  std::vector<model::fact::Recipient> recipients;
  model::fact::Message stays[2];
  std::size_t stay_count = 1;
  model::fact::Journey made;

  MailFact& to(std::string_view address, model::Outcome outcome, Micros after = 2 * kSecond) {
    model::fact::Recipient& one = recipients.emplace_back();
    one.recipient = address;
    one.outcome = outcome;
    one.last_attempt = received + after;
    if (outcome != model::Outcome::kDeferred) one.decided = received + after;
    return *this;
  }
  MailFact& says(std::string_view dsn, int code, std::string_view reply, std::string_view host) {
    model::fact::Recipient& one = recipients.back();
    one.dsn = dsn;
    one.smtp_code = code;
    one.reply = reply;
    one.relay_host = host;
    return *this;
  }
  const model::fact::Journey& journey() {
    made.sender = sender;
    made.received = received;
    made.last_seen = received + kMinute;
    made.recipients = recipients;
    made.messages = {stays, stay_count};
    return made;
  }
};

inline model::fact::Delivery attempt(model::Status status, std::string_view host, Micros time) {
  model::fact::Delivery fact;
  fact.time = time;
  fact.event.status = status;
  fact.event.relay_host = host;
  fact.event.mailer = "smtp";
  return fact;
}

inline model::fact::Rejection refusal(std::string_view reply, int code, std::string_view ip, Micros time) {
  model::fact::Rejection fact;
  fact.time = time;
  fact.event.stage = model::Stage::kRcpt;
  fact.event.action = model::Action::kReject;
  fact.event.reply = reply;
  fact.event.smtp_code = code;
  fact.event.client_ip = ip;
  return fact;
}

inline model::fact::Login login(model::LoginResult result, std::string_view user, std::string_view ip, Micros time) {
  model::fact::Login fact;
  fact.time = time;
  fact.event.result = result;
  fact.event.protocol = "imap";
  fact.event.user = user;
  fact.event.client_ip = ip;
  return fact;
}

inline model::fact::Notice notice(model::Severity severity, std::string_view program, std::string_view text,
                                  Micros time) {
  model::fact::Notice fact;
  fact.time = time;
  fact.program = program;
  fact.event.severity = severity;
  fact.event.text = text;
  return fact;
}

}  // namespace mailtrail::query
