// Deliveries that do not name their message.
#include "trace/tracer_impl.h"

namespace mailtrail::trace {

using model::Event;
namespace event = model::event;

namespace {

Text extra_of(const Event& event, std::string_view name) {
  for (const model::Extra& item : event.extra) {
    if (item.name == name) return item.value;
  }
  return {};
}

}  // namespace

void Tracer::Impl::note_started(const Event& event) {
  const Text number = extra_of(event, "delivery");
  if (number.empty() || event.queue_id.empty()) return;
  StartedDelivery started;
  started.place = DeliveryNumbers::place_of(event.host, number);
  started.time = event.time;
  started.queue_id = event.queue_id;
  started.recipient = extra_of(event, "recipient");
  started.local = extra_of(event, "channel") == "local";
  delivery_numbers_.start(std::move(started));
}

void Tracer::Impl::on_unnamed_delivery(const Event& event) {
  const Text number = extra_of(event, "delivery");
  if (number.empty()) return;
  const std::optional<StartedDelivery> started = delivery_numbers_.end(DeliveryNumbers::place_of(event.host, number));
  if (!started) return;
  event::Delivery body = event.as<event::Delivery>();
  body.recipient = started->recipient;
  if (body.mailer.empty()) body.mailer = started->local ? "local" : "remote";
  Event named = event;
  named.queue_id = started->queue_id;
  named.id_hash = 0;
  named.body = &body;
  on_delivery(named);
}

// Of a program that logs no queue ids, one recipient of one message is a stay of its own (Event::id_hash): nothing else
// of it is to come once its delivery ended.
void Tracer::Impl::settle_idless(Stay& stay, const Event& event, const event::Delivery& body) {
  set(stay, stay.message_id, extra_of(event, "message_id"));
  set(stay, stay.subject, extra_of(event, "subject"));
  if (body.size) stay.size = body.size;
  if (body.delay && !stay.has_begin) {
    stay.has_begin = true;
    stay.begun = event.time - static_cast<Micros>(*body.delay * 1e6);
  }
  if (body.status != model::Status::kDeferred) stays_.gone(stay, event.time);
}

}  // namespace mailtrail::trace
