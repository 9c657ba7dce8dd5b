// Events of a small mail server for tests of the tracer.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "model/event.h"
#include "model/fact_sink.h"
#include "trace/tracer.h"

namespace mailtrail::trace {

// Gives events to a tracer, as a dialect would, one after another.
class EventFeed {
 public:
  explicit EventFeed(Tracer& tracer) : tracer_(tracer) {}

  Micros now = 1'000 * kDay;
  std::string host = "mx1";

  template <class Body>
  void give(std::string_view program, std::string_view queue_id, const Body& body, std::int32_t pid = 100) {
    model::Event event;
    event.kind = Body::kKind;
    event.time = now;
    event.has_time = true;
    event.host = host;
    event.program = program;
    event.queue_id = queue_id;
    event.pid = pid;
    event.body = &body;
    tracer_.take(event);
  }

  // From the client's connection to the queue manager's taking it up.
  void arrive(std::string_view queue_id, std::string_view sender, std::string_view message_id) {
    model::event::Receive receive;
    receive.client_name = "mail.example.net";
    receive.client_ip = "198.51.100.7";
    give("postfix/smtpd", queue_id, receive);
    model::event::Header header;
    header.message_id = message_id;
    give("postfix/cleanup", queue_id, header);
    model::event::Queue queue;
    queue.sender = sender;
    queue.size = 4711;
    queue.nrcpt = 1;
    queue.queue = "active";
    give("postfix/qmgr", queue_id, queue);
  }
  void attempt(std::string_view queue_id, std::string_view recipient, model::Status status,
               std::string_view reply = "250 2.0.0 Ok", std::string_view remote_queue_id = {}) {
    model::event::Delivery delivery;
    delivery.recipient = recipient;
    delivery.status = status;
    delivery.dsn = status == model::Status::kSent ? "2.0.0" : "4.4.1";
    delivery.reply = reply;
    delivery.relay_host = "mx.example.org";
    delivery.relay_ip = "192.0.2.40";
    delivery.mailer = "smtp";
    delivery.remote_queue_id = remote_queue_id;
    give("postfix/smtp", queue_id, delivery);
  }
  void remove(std::string_view queue_id) { give("postfix/qmgr", queue_id, model::event::Remove{}); }

 private:
  Tracer& tracer_;
};

// Keeps of each journey what the tests ask for.
class JourneyList : public model::FactSink {
 public:
  struct Journey {
    std::uint64_t id;
    std::string queue_id;
    std::size_t messages;
    std::vector<model::Outcome> outcomes;
    bool evicted, open;
  };
  void on_journey(const model::fact::Journey& journey) override {
    Journey& kept = journeys.emplace_back();
    kept.id = journey.id;
    kept.queue_id = journey.queue_ids.empty() ? "" : std::string(journey.queue_ids.front());
    kept.messages = journey.messages.size();
    for (const auto& one : journey.recipients) kept.outcomes.push_back(one.outcome);
    kept.evicted = journey.evicted;
    kept.open = journey.open;
  }
  void on_session(const model::fact::Session&) override { ++sessions; }
  std::deque<Journey> journeys;
  std::size_t sessions = 0;
};

}  // namespace mailtrail::trace
