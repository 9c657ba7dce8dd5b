#include "model/fact_columns.h"

#include <unordered_map>
#include <vector>

#include "base/text.h"

namespace mailtrail::model::fact {
namespace {

void add_once(std::vector<Text>& list, Text text) {
  if (text.empty()) return;
  for (const Text one : list) {
    if (equals_ignoring_case(one, text)) return;
  }
  list.push_back(text);
}

}  // namespace

void complete_deliveries(std::span<Delivery> deliveries, std::span<const Message> messages, std::uint64_t journey) {
  // Of few messages each is looked at; the first of a key counts.
  constexpr std::size_t kFew = 8;
  std::unordered_map<std::uint64_t, const Message*> by_key;
  if (messages.size() > kFew) {
    for (const Message& message : messages) by_key.emplace(message.message_key, &message);
  }
  const auto message_of = [&](std::uint64_t key) -> const Message* {
    if (messages.size() > kFew) {
      const auto found = by_key.find(key);
      return found == by_key.end() ? nullptr : found->second;
    }
    for (const Message& message : messages) {
      if (message.message_key == key) return &message;
    }
    return nullptr;
  };
  for (Delivery& delivery : deliveries) {
    delivery.journey = journey;
    const Message* const message = message_of(delivery.message_key);
    if (message == nullptr) continue;
    delivery.host = message->host;
    delivery.queue_id = message->queue_id;
    delivery.sender = message->sender_hinted ? Text{} : message->sender;
    delivery.message_id = message->message_id;
    delivery.client_name = message->client_name;
    delivery.client_ip = message->client_ip;
    delivery.sasl_user = message->sasl_user;
    delivery.subject = message->subject;
    delivery.size = message->size;
  }
}

void complete_journey(Journey& journey, std::span<Message> messages, std::span<Delivery> deliveries, Arena& arena) {
  std::vector<Text> queue_ids, hosts;
  for (Message& message : messages) {
    message.journey = journey.id;
    add_once(queue_ids, message.queue_id);
    add_once(hosts, message.host);
  }
  complete_deliveries(deliveries, messages, journey.id);
  journey.messages = messages;
  journey.deliveries = deliveries;
  journey.queue_ids = arena.store(queue_ids);
  journey.hosts = arena.store(hosts);
}

}  // namespace mailtrail::model::fact
