// Spans of time in zones that change their clocks, and figures span by span against those of the whole report. Pages
// stand in tests/golden/report/; with MAILTRAIL_UPDATE_GOLDENS set in the environment they are written anew.
#include "query/report_spans.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "query/report_spans_page.h"
#include "tests/unit/query/report_facts.h"

namespace mailtrail::query {
namespace {

using model::LoginResult;
using model::Outcome;

Micros at(std::string_view text) {
  return *parse_timestamp(text, 0);
}

SpanGrid grid(const std::string& zone, SpanUnit unit) {
  return SpanGrid(TimeZone::load(zone).value(), unit);
}

std::string text_of(const SpanGrid& grid, const SpanGrid::Span& span) {
  const auto wall = [&](Micros time) { return format_rfc3339(time, grid.zone().offset_at(time)); };
  return wall(span.begin) + " " + wall(span.end);
}

TEST(SpanGrid, DayOnWhichClocksGoForwardIs23Hours) {
  const SpanGrid days = grid("Europe/Berlin", SpanUnit::kDay);
  const SpanGrid::Span span = days.span_of(at("2026-03-29T12:00:00Z"));
  EXPECT_EQ(text_of(days, span), "2026-03-29T00:00:00.000000+01:00 2026-03-30T00:00:00.000000+02:00");
  EXPECT_EQ(span.end - span.begin, 23 * kHour);
}

TEST(SpanGrid, DayOnWhichClocksGoBackIs25Hours) {
  const SpanGrid days = grid("Europe/Berlin", SpanUnit::kDay);
  const SpanGrid::Span span = days.span_of(at("2026-10-25T12:00:00Z"));
  EXPECT_EQ(span.end - span.begin, 25 * kHour);
  EXPECT_EQ(days.next(span).begin, span.end);
}

TEST(SpanGrid, HourThatTheWallShowsTwiceIsTwoSpans) {
  const SpanGrid hours = grid("Europe/Berlin", SpanUnit::kHour);
  const SpanGrid::Span first = hours.span_of(at("2026-10-25T00:30:00Z"));
  EXPECT_EQ(text_of(hours, first), "2026-10-25T02:00:00.000000+02:00 2026-10-25T02:00:00.000000+01:00");
  EXPECT_EQ(text_of(hours, hours.next(first)), "2026-10-25T02:00:00.000000+01:00 2026-10-25T03:00:00.000000+01:00");
}

TEST(SpanGrid, HourInWhichClocksGoBackByHalfAnHourIsParted) {
  // Lord Howe, 2026-04-05 02:00 +11 -> 01:30 +10:30
  const SpanGrid hours = grid("Australia/Lord_Howe", SpanUnit::kHour);
  const SpanGrid::Span before = hours.span_of(at("2026-04-04T14:30:00Z"));
  EXPECT_EQ(text_of(hours, before), "2026-04-05T01:00:00.000000+11:00 2026-04-05T01:30:00.000000+10:30");
  EXPECT_EQ(text_of(hours, hours.next(before)), "2026-04-05T01:30:00.000000+10:30 2026-04-05T02:00:00.000000+10:30");
}

TEST(SpanGrid, DayWithoutMidnightBeginsWhenClocksAreChanged) {
  // Santiago, 2026-09-06: 00:00 -04 is 01:00 -03.
  const SpanGrid days = grid("America/Santiago", SpanUnit::kDay);
  const SpanGrid::Span span = days.span_of(at("2026-09-06T12:00:00Z"));
  EXPECT_EQ(text_of(days, span), "2026-09-06T01:00:00.000000-03:00 2026-09-07T00:00:00.000000-03:00");
}

TEST(SpanGrid, WeeksBeginOnMondayAndMonthsOnTheFirst) {
  const SpanGrid weeks = grid("UTC", SpanUnit::kWeek);
  EXPECT_EQ(text_of(weeks, weeks.span_of(at("2026-11-22T23:59:59Z"))),
            "2026-11-16T00:00:00.000000+00:00 2026-11-23T00:00:00.000000+00:00");
  const SpanGrid months = grid("Europe/Berlin", SpanUnit::kMonth);
  EXPECT_EQ(text_of(months, months.span_of(at("2026-12-31T23:30:00Z"))),
            "2027-01-01T00:00:00.000000+01:00 2027-02-01T00:00:00.000000+01:00");
}

// Also where clocks were changed by odd spans or over midnight: no hole, no overlap.
TEST(SpanGrid, EveryTimeLiesInExactlyOneSpan) {
  for (const std::string name : {"Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu",
                                 "Pacific/Apia", "America/Havana", "America/St_Johns"}) {
    for (const SpanUnit unit : {SpanUnit::kHour, SpanUnit::kDay, SpanUnit::kWeek, SpanUnit::kMonth}) {
      const SpanGrid spans = grid(name, unit);
      SpanGrid::Span span = spans.span_of(at("2011-01-01T00:00:00Z"));
      const Micros end = at("2012-03-01T00:00:00Z");
      while (span.begin < end) {
        ASSERT_LT(span.begin, span.end) << name << word(unit);
        for (const Micros time : {span.begin, (span.begin + span.end) / 2, span.end - 1}) {
          const SpanGrid::Span same = spans.span_of(time);
          ASSERT_EQ(same.begin, span.begin) << name << ' ' << word(unit) << ' ' << format_rfc3339(time, 0);
          ASSERT_EQ(same.end, span.end) << name << ' ' << word(unit) << ' ' << format_rfc3339(time, 0);
        }
        const SpanGrid::Span next = spans.next(span);
        ASSERT_EQ(next.begin, span.end) << name << ' ' << word(unit);
        span = next;
      }
    }
  }
}

// Three weeks of mail, none on the 14th.
void tell(model::FactSink& sink, int scale = 1) {
  for (int hour = 0; hour < 21 * 24; ++hour) {
    const Micros time = at("2026-10-15T00:10:00Z") + hour * kHour;
    if (hour / 24 == 13) continue;
    for (int i = 0; i < (1 + hour % 5) * scale; ++i) {
      MailFact mail;
      mail.received = time + i * kSecond;
      mail.to("bob@example.net", Outcome::kDelivered, (1 + hour % 7) * kSecond + 250'000);
      if (hour % 9 == 0) mail.to("gone@example.org", Outcome::kBounced);
      if (hour % 100 == 0) mail.to("old@example.org", Outcome::kExpired, 5 * kDay);
      if (hour > 480) mail.to("later@example.com", Outcome::kDeferred);
      sink.on_journey(mail.journey());
    }
    if (hour % 3 == 0) {
      model::fact::Rejection refused = refusal("550 no", 550, "192.0.2.1", time);
      refused.repeat = 3;
      sink.on_rejection(refused);
    }
    if (hour % 11 == 0) sink.on_login(login(LoginResult::kFailure, "bob", "192.0.2.2", time));
    sink.on_login(login(LoginResult::kSuccess, "bob", "192.0.2.2", time));
  }
  MailFact notification;
  notification.made.notification = true;
  sink.on_journey(notification.to("alice@example.com", Outcome::kDelivered).journey());
}

SpanReport report_of(SpanUnit unit, const std::string& zone = "Europe/Berlin", int scale = 1) {
  SpanReportBuilder builder(TimeZone::load(zone).value(), unit);
  tell(builder, scale);
  return builder.finish(at("2026-10-15T00:10:00Z"), at("2026-11-04T23:20:00Z")).value();
}

void expect_same(const PeriodTally& tally, const Report& report) {
  EXPECT_EQ(tally.journeys, report.journeys);
  EXPECT_EQ(tally.recipients, report.recipients);
  EXPECT_EQ(tally.outcomes, report.outcomes);
  EXPECT_EQ(tally.refused, report.refused.transactions);
  EXPECT_EQ(tally.refused_temporary, report.refused.temporary);
  EXPECT_EQ(tally.logins_ok, report.logins.ok);
  EXPECT_EQ(tally.logins_failed, report.logins.failed);
  EXPECT_EQ(tally.end_to_end.count(), report.end_to_end.count);
  EXPECT_EQ(tally.end_to_end.quantile(0.95), report.end_to_end.p95);
}

TEST(SpanReport, TotalIsThatOfTheWholeReport) {
  ReportBuilder whole;
  tell(whole);
  const Report report = whole.finish();
  for (const SpanUnit unit : {SpanUnit::kHour, SpanUnit::kDay, SpanUnit::kWeek, SpanUnit::kMonth}) {
    expect_same(report_of(unit).total, report);
  }
}

TEST(SpanReport, SpanWithoutAFactHasARow) {
  const SpanReport report = report_of(SpanUnit::kDay, "UTC");
  ASSERT_EQ(report.rows.size(), 21u);
  EXPECT_TRUE(report.rows[13].figures.empty());
  EXPECT_FALSE(report.rows[12].figures.empty());
  EXPECT_TRUE(report.rows[0].part);
  EXPECT_FALSE(report.rows[1].part);
  EXPECT_TRUE(report.rows[20].part);
}

TEST(SpanReport, MoreThanAThousandSpansAreRefused) {
  SpanReportBuilder near(TimeZone(), SpanUnit::kHour), far(TimeZone(), SpanUnit::kHour),
      many(TimeZone(), SpanUnit::kHour);
  const Micros begin = at("2026-01-01T00:00:00Z");
  near.on_login(login(LoginResult::kSuccess, "bob", "", begin));
  near.on_login(login(LoginResult::kSuccess, "bob", "", begin + 999 * kHour));
  EXPECT_EQ(near.finish({}, {}).value().rows.size(), 1000u);
  far.on_login(login(LoginResult::kSuccess, "bob", "", begin));
  far.on_login(login(LoginResult::kSuccess, "bob", "", begin + 1000 * kHour));
  const Result<SpanReport> refused = far.finish({}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().what, "from 2026-01-01 to 2026-02-11 there are more than 1000 hours");
  EXPECT_EQ(refused.error().remedy, "--per day, or --since and --until narrow the range");
  for (int i = 0; i < 5000; ++i) many.on_login(login(LoginResult::kSuccess, "bob", "", begin + i * kHour));
  EXPECT_FALSE(many.finish({}, {}).ok());
}

TEST(SpanReport, FactsWithoutATimeOrOfAnImpossibleOneAreInNoRow) {
  SpanReportBuilder builder(TimeZone(), SpanUnit::kMonth);
  for (const Micros time : {Micros{0}, INT64_MAX, INT64_MIN, at("2026-01-01T00:00:00Z")}) {
    builder.on_login(login(LoginResult::kFailure, "bob", "", time));
  }
  const SpanReport report = builder.finish({}, {}).value();
  EXPECT_EQ(report.untimed, 3u);
  EXPECT_EQ(report.total.logins_failed, 1u);
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

TEST(SpanPage, Goldens) {
  expect_golden(render_spans(report_of(SpanUnit::kDay), {100, false, true, 5}), "spans_day_100.txt");
  expect_golden(render_spans(report_of(SpanUnit::kDay), {80, false, true, 5}), "spans_day_80.txt");
  expect_golden(render_spans(report_of(SpanUnit::kWeek, "UTC", 200), {80, false, false, 5}), "spans_week_ascii_80.txt");
  expect_golden(spans_json(report_of(SpanUnit::kMonth)), "spans_month.json");
}

TEST(SpanPage, NoLineIsWiderThanThePage) {
  for (const std::size_t width : {80, 100, 120, 200}) {
    for (const SpanUnit unit : {SpanUnit::kHour, SpanUnit::kDay, SpanUnit::kWeek, SpanUnit::kMonth}) {
      if (unit == SpanUnit::kHour && width < 100) continue;
      std::stringstream page(render_spans(report_of(unit, "Europe/Berlin", 20), {width, false, true, 5}));
      for (std::string line; std::getline(page, line);) EXPECT_LE(display_width(line), width) << line;
    }
  }
}

}  // namespace
}  // namespace mailtrail::query
