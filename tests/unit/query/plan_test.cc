#include "query/plan.h"

#include <gtest/gtest.h>

#include <string>

#include "query/network.h"

namespace mailtrail::query {
namespace {

std::string required(const std::string& search) {
  const Result<Plan> plan = parse_search(search, TimeContext{});
  EXPECT_TRUE(plan.ok()) << search;
  return plan.ok() ? required_text(*plan).value_or("-") : "?";
}

TEST(RequiredText, IsWhatEveryMatchHolds) {
  const struct {
    const char* search;
    const char* text;
  } expectations[] = {
      {"bob@example.net", "bob@example.net"},
      {"to:Bob@Example.net", "bob@example.net"},
      {"from:@gmail.com", "gmail.com"},
      {"from:postmaster", "postmaster"},
      {"queue:4F5C6KzL9z", "4F5C6KzL9z"},
      {"msgid:<a@b.example>", "a@b.example"},
      {"to:sales-*@example.com", "@example.com"},
      {"status:bounced to:bob@example.net", "bob@example.net"},
      {"from:a@b.example to:bob@example.net", "bob@example.net"},
      // `+`, `/` and quotes may stand escaped in JSON.
      {"bob+tag@example.net", "tag@example.net"},
      {"msgid:<a/b$c=long.part@d.example>", "long.part@d.example"},
      {"to:bob@example.net OR to:carol@example.net", "-"},
      {"-to:bob@example.net", "-"},
      {"", "-"},
      {"to:*", "-"},
      {"from:<>", "-"},
      {"to:bob", "-"},
      // May be decoded, joined or spelt otherwise.
      {"subject:invoice", "-"},
      {"invoice", "-"},
      {"client:192.0.2.1", "-"},
      {"host:mx1.example.com", "-"},
      {"code:550", "-"},
  };
  for (const auto& expected : expectations) EXPECT_EQ(required(expected.search), expected.text) << expected.search;
}

TEST(Plan, HostileTextsAreAnsweredWithAMistake) {
  const TimeContext context;
  EXPECT_TRUE(parse_search(std::string(63, '(') + "a" + std::string(63, ')'), context).ok());
  EXPECT_FALSE(parse_search(std::string(64, '(') + "a" + std::string(64, ')'), context).ok());
  EXPECT_FALSE(parse_search(std::string(60'000, '('), context).ok());
  EXPECT_FALSE(parse_search(std::string(60'000, '-') + "a", context).ok());
  EXPECT_TRUE(parse_search(std::string(kMaxSearchLength, 'a'), context).ok());
  EXPECT_FALSE(parse_search(std::string(kMaxSearchLength + 1, 'a'), context).ok());
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "a OR ";
  const Result<Plan> plan = parse_search(many + "a", context);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->where.children.size(), 10'001u);
}

TEST(Per, WordsLeadBack) {
  for (int i = 0; i < 7; ++i) EXPECT_EQ(per_from_word(word(static_cast<Per>(i))), static_cast<Per>(i));
  EXPECT_FALSE(per_from_word("mail"));
  EXPECT_FALSE(per_from_word(""));
}

bool holds(const char* network, const char* address) {
  const auto parsed = parse_network(network);
  EXPECT_TRUE(parsed) << network;
  return parsed && holds_address(*parsed, address);
}

TEST(Network, HoldsItsAddresses) {
  EXPECT_TRUE(holds("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(holds("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(holds("192.0.2.128/25", "192.0.2.129"));
  EXPECT_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(holds("192.0.2.7", "192.0.2.7"));
  EXPECT_TRUE(holds("192.0.2.7", "::ffff:192.0.2.7"));
  EXPECT_TRUE(holds("0.0.0.0/0", "203.0.113.1"));
  EXPECT_FALSE(holds("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(holds("::/0", "192.0.2.1"));
  EXPECT_TRUE(holds("fe80::/10", "fe80::1%eth0"));
  for (const char* text : {"", "unknown", "192.0.2", "192.0.2.1.1", "192.0.2.1 ", "2001:db8:::1", "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "::1.2.3", "::g", "fe80::1%"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  for (const char* text :
       {"1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "::", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4"}) {
    EXPECT_TRUE(parse_address(text)) << text;
  }
}

}  // namespace
}  // namespace mailtrail::query
