// Plain facts for cases that need few of them.
#pragma once

#include <string>
#include <vector>

#include "base/arena.h"
#include "model/fact_columns.h"
#include "tests/conformance/traps.h"

namespace mailtrail::conformance {

// A mail of one stay on mx1 with one attempt and one recipient, delivered five seconds after it came.
struct Mail {
  Micros received = kFirstDay;
  std::uint64_t key = 1;
  std::string recipient = "bob@example.net";
  model::Outcome outcome = model::Outcome::kDelivered;
  std::string host = "mx1";
};

inline model::fact::Journey journey_of(const Mail& mail, Arena& arena) {
  model::fact::Message message;
  message.message_key = mail.key;
  message.host = arena.store(mail.host);
  message.queue_id = "4F5C6KzL9z";
  message.sender = "alice@example.com";
  message.first_seen = message.last_seen = mail.received;
  message.received = mail.received;
  model::fact::Delivery delivery;
  delivery.message_key = mail.key;
  delivery.attempt = 1;
  delivery.time = mail.received + 5 * kSecond;
  delivery.event.recipient = arena.store(mail.recipient);
  delivery.event.status = mail.outcome == model::Outcome::kDelivered ? model::Status::kSent : model::Status::kDeferred;
  model::fact::Recipient recipient;
  recipient.recipient = delivery.event.recipient;
  recipient.outcome = mail.outcome;
  recipient.attempts = 1;
  recipient.last_attempt = delivery.time;
  if (mail.outcome == model::Outcome::kDelivered) recipient.decided = delivery.time;
  recipient.message_key = mail.key;
  model::fact::Journey journey;
  journey.id = mail.key;
  journey.received = mail.received;
  journey.last_seen = mail.received + 5 * kSecond;
  journey.sender = message.sender;
  std::vector messages{message};
  std::vector deliveries{delivery};
  model::fact::complete_journey(journey, messages, deliveries, arena);
  journey.messages = arena.store(messages);
  journey.deliveries = arena.store(deliveries);
  journey.recipients = arena.store(std::vector{recipient});
  return journey;
}

}  // namespace mailtrail::conformance
