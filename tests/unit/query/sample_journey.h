// A made-up mail for the tests of searches: two stays (a content filter between them), two recipients, four attempts.
#pragma once

#include "base/time.h"
#include "model/fact.h"

namespace mailtrail::query {

// 10:41:07 alice hands in a mail for bob and for sales (an alias of carol) on mx1; 10:41:08 the filter gives it back
// under a new queue id; bob bounces at once; carol is deferred, then delivered at 10:51:09. `journey` points into the
// object.
struct SampleJourney {
  static constexpr std::uint64_t kFirstKey = 0x00ab54cd98ef0123, kSecondKey = 0x00ab54cd98ef0124;
  Micros start = *parse_timestamp("2026-11-23T10:41:07+01:00", 0);

  model::Text queue_ids[2] = {"4F5C6KzL9z", "4F5C6Kq0Xz"};
  model::Text hosts[1] = {"mx1.example.com"};
  model::Text carol_originals[1] = {"sales@example.net"};
  model::LineRef lines[2] = {{0, 11, 80, 0}, {80, 12, 90, 0}};
  model::fact::Step steps[1] = {{start + 2 * kSecond, model::Kind::kNotify, "failure", "4F5C6L0pZz", {170, 13, 60, 0}}};
  model::fact::Message messages[2];
  model::fact::Delivery deliveries[4];
  model::fact::Recipient recipients[2];
  model::fact::Journey journey;

  SampleJourney() {
    make_messages();
    make_deliveries();
    make_recipients();
    journey.id = kFirstKey;
    journey.message_id = "CAB4711@mail.example.com";
    journey.sender = "alice@example.com";
    journey.subject = "Invoice 4711";
    journey.received = start;
    journey.last_seen = start + 10 * kMinute + 3 * kSecond;
    journey.offset_minutes = 60;
    journey.size = 24'000;
    journey.messages = messages;
    journey.deliveries = deliveries;
    journey.recipients = recipients;
    journey.queue_ids = queue_ids;
    journey.hosts = hosts;
  }
  SampleJourney(const SampleJourney&) = delete;
  SampleJourney& operator=(const SampleJourney&) = delete;

  // As the tracer tells it when it was told not to keep details.
  model::fact::Journey without_details() const {
    model::fact::Journey bare = journey;
    bare.deliveries = {};
    return bare;
  }

 private:
  void make_messages() {
    for (int i = 0; i < 2; ++i) {
      model::fact::Message& stay = messages[i];
      stay.message_key = i == 0 ? kFirstKey : kSecondKey;
      stay.journey = kFirstKey;
      stay.host = hosts[0];
      stay.queue_id = queue_ids[i];
      stay.first_seen = start + i * kSecond;
      stay.received = stay.first_seen;
      stay.offset_minutes = 60;
      stay.sender = "alice@example.com";
      stay.message_id = "CAB4711@mail.example.com";
      stay.size = 24'000 + i * 500;
    }
    messages[0].client_name = "laptop.example.com";
    messages[0].client_ip = "192.0.2.17";
    messages[0].sasl_user = "alice";
    messages[0].subject = "Invoice 4711";
    messages[0].outcome = model::Outcome::kUnknown;
    messages[0].last_seen = start + kSecond;
    messages[0].removed = messages[0].last_seen;
    messages[0].lines = lines;
    messages[1].client_name = "localhost";
    messages[1].client_ip = "127.0.0.1";
    messages[1].last_seen = start + 10 * kMinute + 3 * kSecond;
    messages[1].parent = kFirstKey;
    messages[1].parent_queue_id = queue_ids[0];
    messages[1].link = model::Link::kFilter;
    messages[1].link_confidence = 1.0;
    messages[1].link_evidence = "\"queued as\", message id agrees";
    messages[1].steps = steps;
  }

  void make_delivery(int index, int stay, model::Text recipient, model::Status status, std::int32_t code,
                     model::Text dsn, model::Text reply, model::Outcome outcome) {
    model::fact::Delivery& attempt = deliveries[index];
    attempt.message_key = messages[stay].message_key;
    attempt.journey = kFirstKey;
    attempt.attempt = index == 3 ? 2 : 1;
    attempt.time = start + (index == 3 ? 10 * kMinute + 2 * kSecond : (index + 1) * kSecond);
    attempt.offset_minutes = 60;
    attempt.host = hosts[0];
    attempt.program = "postfix/smtp";
    attempt.queue_id = queue_ids[stay];
    attempt.event.recipient = recipient;
    attempt.event.status = status;
    attempt.event.dsn = dsn;
    attempt.event.smtp_code = code;
    attempt.event.reply = reply;
    attempt.event.mailer = "smtp";
    attempt.event.delay = index == 3 ? 602.5 : 0.5;
    attempt.sender = messages[stay].sender;
    attempt.message_id = messages[stay].message_id;
    attempt.client_name = messages[stay].client_name;
    attempt.client_ip = messages[stay].client_ip;
    attempt.sasl_user = messages[stay].sasl_user;
    attempt.subject = messages[stay].subject;
    attempt.size = messages[stay].size;
    attempt.outcome = outcome;
    attempt.at = {static_cast<std::uint64_t>(1000 * index), static_cast<std::uint64_t>(20 + index), 200, 0};
  }

  void make_deliveries() {
    using model::Outcome;
    using model::Status;
    make_delivery(0, 0, "bob@example.net", Status::kRelayed, 250, "2.0.0", "250 2.0.0 Ok: queued as 4F5C6Kq0Xz",
                  Outcome::kBounced);
    deliveries[0].event.remote_queue_id = queue_ids[1];
    deliveries[0].event.relay_host = deliveries[0].event.relay_ip = "127.0.0.1";
    make_delivery(1, 1, "bob@example.net", Status::kBounced, 550, "5.1.1", "550 5.1.1 User unknown", Outcome::kBounced);
    deliveries[1].event.relay_host = "mx.example.net";
    deliveries[1].event.relay_ip = "198.51.100.7";
    deliveries[1].reason = "mailbox_unknown";
    deliveries[1].action = "fix_address";
    deliveries[1].actor = "sender";
    deliveries[1].provider = "example";
    make_delivery(2, 1, "carol@example.org", Status::kDeferred, 451, "4.7.1", "451 4.7.1 Greylisted",
                  Outcome::kDelivered);
    make_delivery(3, 1, "carol@example.org", Status::kSent, 250, "2.0.0", "250 2.0.0 OK 77AB", Outcome::kDelivered);
    for (int i = 2; i < 4; ++i) {
      deliveries[i].event.orig_recipient = "sales@example.net";
      deliveries[i].event.relay_host = "mx.example.org";
    }
    deliveries[3].event.remote_queue_id = "77AB";
  }

  void make_recipients() {
    for (int i = 0; i < 2; ++i) {
      const model::fact::Delivery& last = deliveries[i == 0 ? 1 : 3];
      model::fact::Recipient& recipient = recipients[i];
      recipient.recipient = last.event.recipient;
      recipient.outcome = last.outcome;
      recipient.status = last.event.status;
      recipient.dsn = last.event.dsn;
      recipient.smtp_code = last.event.smtp_code;
      recipient.reply = last.event.reply;
      recipient.reason = last.reason;
      recipient.actor = last.actor;
      recipient.relay_host = last.event.relay_host;
      recipient.mailer = last.event.mailer;
      recipient.attempts = 2;
      recipient.decided = last.time;
      recipient.last_attempt = last.time;
      recipient.message_key = kSecondKey;
    }
    recipients[1].orig_recipients = carol_originals;
  }
};

}  // namespace mailtrail::query
