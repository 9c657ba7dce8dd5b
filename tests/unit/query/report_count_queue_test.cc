#include "query/report_count_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "query/report.h"
#include "query/report_json.h"
#include "tests/unit/query/report_facts.h"

namespace mailtrail::query {
namespace {

const Micros kStart = *parse_timestamp("2026-11-23T10:00:00Z", 0);

class OnEitherThread : public testing::TestWithParam<bool> {};

TEST_P(OnEitherThread, CountsAreMadeInTheirOrder) {
  SplitTable senders(60'000), known(60'000);
  CountQueue queue(GetParam());
  // A name is counted among the known only by those that come behind its first count there.
  queue.add_if_known(known, queue.fold("A@example.com"), {1, 0, 0});
  queue.add(known, queue.fold("a@EXAMPLE.com"), 2, {0, 2, 0});
  queue.add_if_known(known, queue.fold("a@example.com"), {4, 0, 0});
  for (int i = 0; i < 40'000; ++i) {
    const std::string_view key = queue.fold("User" + std::to_string(i % 10'000) + "@example.net");
    queue.add(senders, key, 1, {1, 0, 0});
    queue.add(senders, key.substr(key.find('@') + 1), 1, {0, 1, 0});
  }
  queue.flush();
  EXPECT_EQ(senders.total(), 80'000u);
  EXPECT_EQ(senders.distinct(), 10'001u);
  ASSERT_NE(senders.find("example.net"), nullptr);
  EXPECT_EQ(senders.find("example.net")->bad, 40'000u);
  ASSERT_NE(senders.find("user9999@example.net"), nullptr);
  EXPECT_EQ(senders.find("user9999@example.net")->good, 4u);
  ASSERT_NE(known.find("a@example.com"), nullptr);
  EXPECT_EQ(known.find("a@example.com")->good, 4u);
  EXPECT_EQ(known.find("a@example.com")->bad, 2u);
  // It goes on behind a flush, and may end with counts that were never asked for.
  queue.add(senders, queue.fold("user1@example.net"), 3, {});
  queue.flush();
  EXPECT_EQ(senders.total(), 80'003u);
  queue.add(senders, queue.fold("left@example.net"), 1, {});
}

TEST_P(OnEitherThread, KeysOfTheGreatestLengthFillTheirChunk) {
  SplitTable table(60'000);
  CountQueue queue(GetParam());
  const std::string huge(1'000, 'X');
  for (int i = 0; i < 1'000; ++i) queue.add(table, queue.fold(huge + std::to_string(i)), 1, {});
  queue.flush();
  EXPECT_EQ(table.distinct(), 1'000u);
}

INSTANTIATE_TEST_SUITE_P(CountQueue, OnEitherThread, testing::Bool());

std::string report_of_many(bool own_thread) {
  ReportOptions options;
  options.bound = 100;
  options.own_thread = own_thread;
  ReportBuilder builder(options);
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = std::to_string(i * 7919 % 701);
    MailFact mail;
    mail.sender = "Sender" + std::to_string(i % 37) + "@example" + std::to_string(i % 301) + ".com";
    builder.on_delivery(attempt(model::Status::kSent, "mx" + name + ".example.net", kStart + i));
    builder.on_journey(mail.to("user" + name + "@example.net", model::Outcome::kDelivered).journey());
  }
  return report_json(builder.finish());
}

// Beyond their bound the tables forget keys: what they then estimate hangs on the order of the counts.
TEST(Report, IsTheSameOnAThreadOfItsOwn) {
  EXPECT_EQ(report_of_many(true), report_of_many(false));
}

}  // namespace
}  // namespace mailtrail::query
