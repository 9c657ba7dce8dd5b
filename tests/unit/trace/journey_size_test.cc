// A journey of very many stays: a filter that splits one mail, and a mail that is handed on again and again.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "event_feed.h"

namespace mailtrail::trace {
namespace {

constexpr int kStays = 20'000;

std::string id_of(int number) {
  char id[16];
  std::snprintf(id, sizeof id, "4F5C6%05X", static_cast<unsigned>(number));
  return id;
}

std::string recipient_of(int number) {
  return "user" + std::to_string(number) + "@example.com";
}

// Keeps the queue ids of each journey in its order.
class OrderSink : public model::FactSink {
 public:
  void on_journey(const model::fact::Journey& journey) override {
    std::vector<std::string>& kept = journeys.emplace_back();
    for (const model::fact::Message& stay : journey.messages) kept.emplace_back(stay.queue_id);
    queue_ids.push_back(journey.queue_ids.size());
    for (const model::fact::Recipient& one : journey.recipients) {
      delivered += one.outcome == model::Outcome::kDelivered;
      led_here += one.orig_recipients.size();
    }
  }
  std::vector<std::vector<std::string>> journeys;
  std::vector<std::size_t> queue_ids;
  std::size_t delivered = 0, led_here = 0;
};

// Far above what it takes (a few seconds in a debug build), far below what a step for each pair of stays takes.
constexpr auto kBound = std::chrono::seconds(30);

TEST(JourneySize, AFilterSplitsOneMailIntoVeryMany) {
  const auto begin = std::chrono::steady_clock::now();
  OrderSink sink;
  Tracer tracer(sink, {});
  EventFeed feed(tracer);
  feed.arrive(id_of(0), "list@example.net", "<1@example.net>");
  for (int i = 1; i < kStays; ++i) {
    feed.now += 1'000;
    feed.arrive(id_of(i), "list@example.net", "<1@example.net>");
    feed.attempt(id_of(0), recipient_of(i), model::Status::kSent, "250 2.0.0 Ok: queued as " + id_of(i), id_of(i));
    feed.attempt(id_of(i), recipient_of(i), model::Status::kSent);
    feed.remove(id_of(i));
  }
  feed.remove(id_of(0));
  tracer.finish();
  ASSERT_EQ(sink.journeys.size(), 1u);
  ASSERT_EQ(sink.journeys[0].size(), static_cast<std::size_t>(kStays));
  EXPECT_EQ(sink.queue_ids[0], static_cast<std::size_t>(kStays));
  for (int i = 0; i < kStays; ++i) ASSERT_EQ(sink.journeys[0][static_cast<std::size_t>(i)], id_of(i));
  EXPECT_EQ(sink.delivered, static_cast<std::size_t>(kStays - 1));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kBound);
}

// The clocks say that each was before the one that it came from: the chain counts.
TEST(JourneySize, AMailIsHandedOnVeryOften) {
  const auto begin = std::chrono::steady_clock::now();
  OrderSink sink;
  Tracer tracer(sink, {});
  EventFeed feed(tracer);
  for (int i = 0; i < kStays; ++i) {
    feed.now -= 1'000;
    feed.arrive(id_of(i), "list@example.net", "<1@example.net>");
    if (i > 0) {
      feed.attempt(id_of(i - 1), recipient_of(i - 1), model::Status::kSent, "250 2.0.0 Ok: queued as " + id_of(i),
                   id_of(i));
      feed.remove(id_of(i - 1));
    }
  }
  feed.attempt(id_of(kStays - 1), recipient_of(kStays - 1), model::Status::kSent);
  tracer.finish();
  ASSERT_EQ(sink.journeys.size(), 1u);
  ASSERT_EQ(sink.journeys[0].size(), static_cast<std::size_t>(kStays));
  for (int i = 0; i < kStays; ++i) ASSERT_EQ(sink.journeys[0][static_cast<std::size_t>(i)], id_of(i));
  EXPECT_EQ(sink.delivered, 1u);
  EXPECT_GE(sink.led_here, 100u);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kBound);
}

}  // namespace
}  // namespace mailtrail::trace
