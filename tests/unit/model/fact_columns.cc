#include "model/fact_columns.h"

#include <gtest/gtest.h>

#include <array>

namespace mailtrail::model::fact {
namespace {

Message message_of(std::uint64_t key, Text queue_id, Text sender) {
  Message message;
  message.message_key = key;
  message.host = "mx1.example.org";
  message.queue_id = queue_id;
  message.sender = sender;
  return message;
}

Delivery delivery_of(std::uint64_t key) {
  Delivery delivery;
  delivery.message_key = key;
  return delivery;
}

TEST(CompleteDeliveries, EachTakesWhatItsOwnMessageStates) {
  std::array messages = {message_of(1, "AAA", "a@example.org"), message_of(2, "BBB", "<>")};
  messages[1].message_id = "id@example.org";
  messages[1].client_name = "client.example.net";
  messages[1].client_ip = "192.0.2.1";
  messages[1].sasl_user = "bob";
  messages[1].subject = "hello";
  messages[1].size = 77;
  std::array deliveries = {delivery_of(2), delivery_of(1)};
  complete_deliveries(deliveries, messages, 9);
  const Delivery& second = deliveries[0];
  EXPECT_EQ(second.journey, 9U);
  EXPECT_EQ(second.host, "mx1.example.org");
  EXPECT_EQ(second.queue_id, "BBB");
  EXPECT_EQ(second.sender, "<>");
  EXPECT_EQ(second.message_id, "id@example.org");
  EXPECT_EQ(second.client_name, "client.example.net");
  EXPECT_EQ(second.client_ip, "192.0.2.1");
  EXPECT_EQ(second.sasl_user, "bob");
  EXPECT_EQ(second.subject, "hello");
  EXPECT_EQ(second.size, 77);
  EXPECT_EQ(deliveries[1].queue_id, "AAA");
  EXPECT_EQ(deliveries[1].size, std::nullopt);
}

TEST(CompleteDeliveries, ASenderThatOnlyAHeaderNamesIsNotTheAttempts) {
  std::array messages = {message_of(1, "AAA", "hinted@example.org")};
  messages[0].sender_hinted = true;
  std::array deliveries = {delivery_of(1)};
  complete_deliveries(deliveries, messages, 9);
  EXPECT_EQ(deliveries[0].sender, "");
}

TEST(CompleteJourney, ListsEachQueueIdAndHostOnceInTheOrderOfTheStays) {
  std::array messages = {message_of(1, "BBB", ""), message_of(2, "AAA", ""), message_of(3, "BBB", "")};
  messages[1].host = "MX1.example.org";
  messages[2].host = "";
  std::array deliveries = {delivery_of(3)};
  Journey journey;
  journey.id = 5;
  Arena arena;
  complete_journey(journey, messages, deliveries, arena);
  ASSERT_EQ(journey.queue_ids.size(), 2U);
  EXPECT_EQ(journey.queue_ids[0], "BBB");
  EXPECT_EQ(journey.queue_ids[1], "AAA");
  ASSERT_EQ(journey.hosts.size(), 1U);
  EXPECT_EQ(journey.hosts[0], "mx1.example.org");
  ASSERT_EQ(journey.messages.size(), 3U);
  EXPECT_EQ(journey.messages[2].journey, 5U);
  ASSERT_EQ(journey.deliveries.size(), 1U);
  EXPECT_EQ(journey.deliveries[0].journey, 5U);
}

}  // namespace
}  // namespace mailtrail::model::fact
