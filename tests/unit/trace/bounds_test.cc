// What the tracer holds is bounded, counted and told.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "event_feed.h"

namespace mailtrail::trace {
namespace {

std::string id_of(int number) {
  char id[16];
  std::snprintf(id, sizeof id, "%XAF%05X", number % 0xFFFFF + 0x100, number & 0xFFFFF);
  return id;
}

void arrive_and_wait(EventFeed& feed, int number) {
  const std::string id = id_of(number), who = std::to_string(number);
  feed.arrive(id, "sender" + who + "@example.net", "<20261124030020." + who + "@mail.example.net>");
  feed.attempt(id, "recipient" + who + "@example.org", model::Status::kDeferred,
               "host mx.example.org[192.0.2.40] said: 451 4.3.0 <recipient" + who +
                   "@example.org>: Temporary lookup failure (in reply to RCPT TO command)");
}

// Bytes that the C library has handed out; 0 under a sanitizer, which has its own.
std::size_t bytes_in_use() {
  return mallinfo2().uordblks;
}

// What `count` open messages with `attempts` attempts each cost, as it is counted and as it is.
struct Cost {
  std::size_t counted, used;
};
Cost cost_of_open(int count, int attempts, int recipients, bool details) {
  JourneyList list;
  TracerOptions options;
  options.keep_details = details;
  options.memory_limit = std::size_t{4} << 30;
  const std::size_t before = bytes_in_use();
  Tracer tracer(list, options);
  EventFeed feed(tracer);
  for (int i = 0; i < count; ++i) {
    feed.now += 1'000;
    arrive_and_wait(feed, i);
    for (int more = 1; more < attempts; ++more) {
      feed.attempt(id_of(i), "recipient" + std::to_string(i) + "@example.org", model::Status::kDeferred, "451 later");
    }
    for (int more = 1; more < recipients; ++more) {
      feed.attempt(id_of(i), "other" + std::to_string(more) + "@example.org", model::Status::kDeferred, "451 later");
    }
  }
  const std::size_t after = bytes_in_use();
  EXPECT_EQ(tracer.stats().open_now, count);
  EXPECT_EQ(tracer.stats().evicted, 0u);
  const Cost cost{tracer.stats().bytes_peak / count, after > before ? (after - before) / count : 0};
  std::printf("an open message, %d attempts, %d recipients, %s details: %zu bytes counted, %zu used\n", attempts,
              recipients, details ? "with" : "without", cost.counted, cost.used);
  tracer.finish();
  EXPECT_EQ(list.journeys.size(), count);
  return cost;
}

TEST(TracerBounds, AnOpenMessageCostsAboutAKibibyte) {
  const Cost cost = cost_of_open(50'000, 1, 1, false);
  EXPECT_LE(cost.counted, 1'536u);
  EXPECT_GE(cost.counted, 600u);
}

// Were more used than is counted, the limit would be no limit.
TEST(TracerBounds, WhatIsCountedIsWhatIsUsed) {
  for (const Cost cost : {cost_of_open(50'000, 1, 1, false), cost_of_open(20'000, 1, 1, true),
                          cost_of_open(5'000, 10, 1, true), cost_of_open(500, 1, 200, false)}) {
    EXPECT_LE(cost.used, cost.counted + cost.counted / 3);
  }
}

void crowd(bool details) {
  constexpr int kMessages = 30'000;
  JourneyList list;
  TracerOptions options;
  options.memory_limit = 4u << 20;
  options.keep_details = details;
  Tracer tracer(list, options);
  EventFeed feed(tracer);
  for (int i = 0; i < kMessages; ++i) {
    feed.now += 1'000;
    arrive_and_wait(feed, i);
    // A quarter is looked at again later, as retries do.
    if (i > 2'000 && i % 4 == 0)
      feed.attempt(id_of(i - 1'000), "again@example.org", model::Status::kDeferred, "451 later");
  }
  const TracerStats running = tracer.stats();
  EXPECT_GT(running.evicted, 10'000u);
  EXPECT_LT(running.bytes_peak, options.memory_limit + options.memory_limit / 2);
  tracer.finish();
  std::set<std::uint64_t> ids;
  std::size_t evicted = 0;
  for (const auto& journey : list.journeys) {
    ids.insert(journey.id);
    evicted += journey.evicted;
    EXPECT_TRUE(journey.open || !journey.evicted);
  }
  EXPECT_EQ(evicted, tracer.stats().evicted);
  EXPECT_EQ(list.journeys.size(), tracer.stats().journeys);
  EXPECT_EQ(tracer.stats().messages, tracer.stats().journeys);
  EXPECT_EQ(ids.size(), list.journeys.size());
  EXPECT_GE(list.journeys.size(), static_cast<std::size_t>(kMessages));
  EXPECT_EQ(tracer.stats().open_now, 0u);
}

TEST(TracerBounds, TheQuietestAreGivenUpAndSaidSo) {
  crowd(false);
}

TEST(TracerBounds, DetailsCountToo) {
  crowd(true);
}

TEST(TracerBounds, AFewWithVeryMuchAreGivenUpToo) {
  JourneyList list;
  TracerOptions options;
  options.memory_limit = 1u << 20;
  Tracer tracer(list, options);
  EventFeed feed(tracer);
  feed.arrive("AAAAA1", "list@example.com", "<list@example.com>");
  for (int i = 0; i < 60'000; ++i) {
    feed.attempt("AAAAA1", "member" + std::to_string(i) + "@example.org", model::Status::kSent);
  }
  EXPECT_LE(tracer.stats().bytes_peak, 2u << 20);
  tracer.finish();
  EXPECT_GT(list.journeys.size(), 1u);
  std::size_t recipients = 0;
  for (const auto& journey : list.journeys) recipients += journey.outcomes.size();
  EXPECT_EQ(recipients, 60'000u);
}

TEST(TracerBounds, NoMoreLingerThanAreAllowed) {
  JourneyList list;
  TracerOptions options;
  options.linger_count = 10;
  Tracer tracer(list, options);
  EventFeed feed(tracer);
  for (int i = 0; i < 100; ++i) {
    const std::string id = id_of(i);
    feed.arrive(id, "a@example.net", "<" + id + "@example.net>");
    feed.attempt(id, "b@example.org", model::Status::kSent);
    feed.remove(id);
  }
  EXPECT_GE(list.journeys.size(), 89u);
  EXPECT_LE(list.journeys.size(), 91u);
  tracer.finish();
  ASSERT_EQ(list.journeys.size(), 100u);
  for (const auto& journey : list.journeys) {
    EXPECT_EQ(journey.outcomes, std::vector{model::Outcome::kDelivered});
    EXPECT_FALSE(journey.evicted);
  }
}

TEST(TracerBounds, LingersLongerOnceTwoHostsAreSeen) {
  for (const bool two_hosts : {false, true}) {
    JourneyList list;
    Tracer tracer(list, {});
    EventFeed feed(tracer);
    if (two_hosts) {
      feed.host = "mx2";
      feed.arrive("BBBBB1", "x@example.net", "<other@example.net>");
      feed.host = "mx1";
    }
    feed.arrive("AAAAA1", "a@example.net", "<one@example.net>");
    feed.attempt("AAAAA1", "b@example.org", model::Status::kSent);
    feed.remove("AAAAA1");
    const auto told_by = [&](Micros later) {
      feed.now += later;
      feed.give("postfix/anvil", "", model::event::Notice{});
      return list.journeys.size();
    };
    EXPECT_EQ(told_by(29 * kSecond), 0u);
    EXPECT_EQ(told_by(2 * kSecond), two_hosts ? 0u : 1u);
    EXPECT_EQ(told_by(9 * kMinute), two_hosts ? 0u : 1u);
    EXPECT_EQ(told_by(kMinute), 1u);
  }
}

TEST(TracerBounds, ManyRecipientsOfOneMailAreEachTold) {
  JourneyList list;
  Tracer tracer(list, {});
  EventFeed feed(tracer);
  feed.arrive("AAAAA1", "list@example.com", "<list@example.com>");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5'000; ++i) {
      feed.attempt("AAAAA1", "member" + std::to_string(i) + "@example.org",
                   round == 2 ? model::Status::kSent : model::Status::kDeferred);
    }
  }
  feed.remove("AAAAA1");
  tracer.finish();
  ASSERT_EQ(list.journeys.size(), 1u);
  EXPECT_EQ(list.journeys[0].outcomes, std::vector<model::Outcome>(5'000, model::Outcome::kDelivered));
  EXPECT_EQ(tracer.stats().attempts, 15'000u);
}

// Each recipient is found behind the filter by its address, however many there are.
TEST(TracerBounds, ManyRecipientsThroughAFilter) {
  constexpr int kRecipients = 20'000;
  JourneyList list;
  Tracer tracer(list, {});
  EventFeed feed(tracer);
  feed.arrive("AAAAA1", "list@example.com", "<list@example.com>");
  feed.arrive("AAAAA2", "list@example.com", "<list@example.com>");
  for (int i = 0; i < kRecipients; ++i) {
    feed.attempt("AAAAA1", "member" + std::to_string(i) + "@example.org", model::Status::kSent,
                 "250 2.0.0 Ok: queued as AAAAA2", "AAAAA2");
  }
  feed.remove("AAAAA1");
  for (int i = 0; i < kRecipients; ++i) {
    feed.attempt("AAAAA2", "member" + std::to_string(i) + "@example.org",
                 i % 2 == 0 ? model::Status::kSent : model::Status::kBounced);
  }
  feed.remove("AAAAA2");
  tracer.finish();
  ASSERT_EQ(list.journeys.size(), 1u);
  EXPECT_EQ(list.journeys[0].messages, 2u);
  ASSERT_EQ(list.journeys[0].outcomes.size(), static_cast<std::size_t>(kRecipients));
  EXPECT_EQ(std::count(list.journeys[0].outcomes.begin(), list.journeys[0].outcomes.end(), model::Outcome::kBounced),
            kRecipients / 2);
}

}  // namespace
}  // namespace mailtrail::trace
