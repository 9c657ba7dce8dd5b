// What is told of the difference to the range before, and what is not.
#include "query/report_compare.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "query/report_json.h"
#include "query/report_page.h"
#include "tests/unit/query/report_facts.h"

namespace mailtrail::query {
namespace {

using model::Outcome;

Micros at(std::string_view text) {
  return *parse_timestamp(text, 0);
}

TEST(ChangeOfShare, OfSmallNumbersNothingIsTold) {
  EXPECT_FALSE(change_of_share({6, 100}, {1, 100}));      // six times as many, of a hundred
  EXPECT_FALSE(change_of_share({30, 1000}, {10, 1000}));  // 3.2 deviations
  EXPECT_FALSE(change_of_share({99, 99}, {0, 99}));       // too few recipients for a share
  EXPECT_FALSE(change_of_share({0, 0}, {500, 1000}));
}

TEST(ChangeOfShare, OfGreatNumbersASmallDifferenceIsNotTold) {
  EXPECT_FALSE(change_of_share({110'000, 1'000'000}, {100'000, 1'000'000}));  // 23 deviations, a tenth more
  EXPECT_TRUE(change_of_share({120'000, 1'000'000}, {100'000, 1'000'000}));
}

TEST(ChangeOfShare, SaysWhichWayAndHowMuch) {
  const std::optional<Change> up = change_of_share({1820, 58'000}, {900, 58'000});
  ASSERT_TRUE(up);
  EXPECT_TRUE(up->up);
  EXPECT_NEAR(up->factor, 2.02, 0.01);
  const std::optional<Change> down = change_of_share({900, 58'000}, {1820, 58'000});
  ASSERT_TRUE(down);
  EXPECT_FALSE(down->up);
  const std::optional<Change> from_none = change_of_share({500, 1000}, {0, 1000});
  ASSERT_TRUE(from_none);
  EXPECT_EQ(from_none->factor, 0);
}

// 97 % delivered are 3 % that are not: half of those of before.
TEST(ChangeOfShare, AShareAboveAHalfIsMeasuredByTheOthers) {
  EXPECT_TRUE(change_of_share({9700, 10'000}, {9400, 10'000}));
  EXPECT_FALSE(change_of_share({6100, 10'000}, {5800, 10'000}));
}

// Mail of the range before has had the time to get on: what waits now may yet be delivered.
TEST(ChangeOfShare, WhatStillWaitsMakesNoDifference) {
  EXPECT_TRUE(change_of_share({8000, 10'000, 100}, {9500, 10'000}));
  EXPECT_FALSE(change_of_share({8000, 10'000, 1500}, {9500, 10'000}));
  EXPECT_FALSE(change_of_share({900, 10'000}, {300, 10'000, 600}));
}

TEST(ChangeOfCount, OfSmallNumbersNothingIsTold) {
  EXPECT_FALSE(change_of_count(20, 5));
  EXPECT_FALSE(change_of_count(35, 0));
  EXPECT_TRUE(change_of_count(36, 0));
  EXPECT_FALSE(change_of_count(0, 0));
  EXPECT_FALSE(change_of_count(1'150'000, 1'000'000));
  EXPECT_TRUE(change_of_count(500, 1000));
}

TEST(Comparison, MailThatWaitsIsNeverCompared) {
  Comparison comparison;
  comparison.now.recipients = comparison.before.recipients = 1000;
  comparison.now.outcomes[static_cast<std::size_t>(Outcome::kDeferred)] = 900;
  EXPECT_FALSE(change_of_outcome(comparison, Outcome::kDeferred));
}

TEST(Comparison, RangeBeforeIsAsLong) {
  const Comparison comparison = range_before(at("2026-11-16T00:00:00Z"), at("2026-11-23T00:00:00Z"));
  EXPECT_EQ(comparison.since, at("2026-11-09T00:00:00Z"));
  EXPECT_EQ(comparison.until, at("2026-11-16T00:00:00Z"));
}

std::string obstacle(std::string_view from, std::string_view to, std::uint64_t gaps_now = 0, std::uint64_t before = 0) {
  Comparison comparison = range_before(at("2026-11-16T00:00:00Z"), at("2026-11-23T00:00:00Z"));
  comparison.now.gaps = gaps_now;
  comparison.before.gaps = before;
  return obstacle_of(comparison, at("2026-11-23T00:00:00Z"), {at(from), at(to)}, TimeZone());
}

TEST(Comparison, BothRangesMustBeHeldWholly) {
  EXPECT_EQ(obstacle("2026-11-09T00:00:03Z", "2026-11-22T23:59:58Z"), "");  // logs begin with their first line
  EXPECT_EQ(obstacle("2026-11-09T03:00:00Z", "2026-11-23T10:00:00Z"), "what is held begins 2026-11-09 03:00");
  EXPECT_EQ(obstacle("2026-11-01T00:00:00Z", "2026-11-22T10:00:00Z"),
            "what is held ends 2026-11-22 10:00, within the range");
  EXPECT_EQ(obstacle("2026-11-01T00:00:00Z", "2026-11-24T10:00:00Z", 1, 0),
            "lines are missing in the logs of the range");
  EXPECT_EQ(obstacle("2026-11-01T00:00:00Z", "2026-11-24T10:00:00Z", 0, 1),
            "lines are missing in the logs of the range before");
  const Comparison too_long = range_before(at("1971-01-01T00:00:00Z"), at("2026-11-23T00:00:00Z"));
  EXPECT_EQ(obstacle_of(too_long, at("2026-11-23T00:00:00Z"), {1, at("2026-11-24T00:00:00Z")}, TimeZone()),
            "there is no range of that length before");
}

// A week with twice as many bounces as the one before, more delivered, and an attack on the logins.
Report compared(const std::string& obstacle = "") {
  const Micros since = at("2026-11-16T00:00:00Z"), until = at("2026-11-23T00:00:00Z");
  ReportBuilder builder;
  Comparison comparison = range_before(since, until);
  PeriodSink now(comparison.now), before(comparison.before);
  for (int week = 0; week < 2; ++week) {
    for (int i = 0; i < 2000; ++i) {
      MailFact mail;
      mail.received = (week == 0 ? comparison.since : since) + i * 5 * kMinute;
      mail.to("bob@example.net", Outcome::kDelivered);
      if (i % (week == 0 ? 16 : 5) == 0) mail.to("gone@example.org", Outcome::kBounced);
      if (week == 1 && i > 1900) mail.to("later@example.com", Outcome::kDeferred);
      (week == 0 ? before : now).on_journey(mail.journey());
      if (week == 1) builder.on_journey(mail.journey());
      const model::fact::Login failure = login(model::LoginResult::kFailure, "bob", "192.0.2.2", mail.received);
      const model::fact::Rejection refused = refusal("550 no", 550, "192.0.2.1", mail.received);
      if (i % 20 < 1 + week * 12) (week == 0 ? before : now).on_login(failure);
      if (i % 4 == week * 3 || week == 0) (week == 0 ? before : now).on_rejection(refused);
      if (week == 1 && i % 20 < 13) builder.on_login(failure);
      if (week == 1 && i % 4 == 3) builder.on_rejection(refused);
    }
  }
  comparison.obstacle = obstacle;
  Report report = builder.finish();
  report.comparison = comparison;
  return report;
}

// The answer and the mail; what follows is in other goldens.
std::string page(const Report& report, PageOptions options) {
  const std::string whole = render_report(report, options);
  return whole.substr(0, whole.find("\nVolume"));
}

void expect_golden(const std::string& page, const std::string& name) {
  const std::string path = std::string(MAILTRAIL_SOURCE_DIR) + "/tests/golden/report/" + name;
  if (std::getenv("MAILTRAIL_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(path) << page;
    return;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(page, expected.str()) << name;
}

TEST(ComparedPage, Goldens) {
  expect_golden(page(compared(), {80, false, true, 5}), "compared_80.txt");
  expect_golden(page(compared(), {100, false, true, 5}), "compared_100.txt");
  expect_golden(page(compared(), {60, false, false, 5}), "compared_ascii_60.txt");
  expect_golden(page(compared("what is held begins 2026-11-10 00:00"), {80, false, true, 5}), "not_compared_80.txt");
}

TEST(ComparedPage, MailThatCeasedIsTold) {
  Report report = ReportBuilder().finish();
  report.comparison = compared().comparison;
  report.comparison->now = {};
  const std::string text = render_report(report, {100, false, true, 5});
  EXPECT_NE(text.find("2,000 journeys, now ▼ 0"), std::string::npos) << text;
}

TEST(ComparedPage, NoLineIsWiderThanThePage) {
  for (const std::size_t width : {60, 66, 70, 76, 80, 100, 200}) {
    std::stringstream text(page(compared(), {width, false, true, 5}));
    for (std::string line; std::getline(text, line);) EXPECT_LE(display_width(line), width) << line;
  }
}

TEST(ComparedJson, FiguresOfTheRangeBeforeOnlyWhereTheyCompare) {
  const std::string json = report_json(compared());
  EXPECT_NE(
      json.find(R"("before":{"since":"2026-11-09T00:00:00.000000+00:00","until":"2026-11-16T00:00:00.000000+00:00",)"
                R"("comparable":true,"mail":{"journeys":2000,"recipients":2125,)"),
      std::string::npos);
  const std::string without = report_json(compared("lines are missing"));
  EXPECT_NE(without.find(R"("comparable":false,"why_not":"lines are missing"}})"), std::string::npos);
  Report plain = compared();
  plain.comparison.reset();
  EXPECT_EQ(report_json(plain).find("\"before\""), std::string::npos);
}

}  // namespace
}  // namespace mailtrail::query
