// What report files count, on made-up facts: exact up to the bound, marked beyond it, silent where the log is.
#include "query/report_file_groups.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "query/report_file_page.h"
#include "query/report_file_tally.h"
#include "tests/unit/query/report_facts.h"
#include "tests/unit/query/sample_journey.h"

namespace mailtrail::query {
namespace {

using model::Outcome;

ReportFile file_of(const std::string& lines) {
  Result<ReportFile> file =
      parse_report_file("mailtrail report 1\ntitle: T\nsummary: S\nnothing: Nothing at all.\n" + lines, "test.report");
  EXPECT_TRUE(file.ok()) << (file.ok() ? "" : file.error().to_string());
  return *file;
}

std::unique_ptr<GroupedReport> report_of(const std::string& lines, ReportContext context = {}) {
  Result<std::unique_ptr<GroupedReport>> report = GroupedReport::make(file_of(lines), std::move(context));
  EXPECT_TRUE(report.ok());
  return std::move(*report);
}

std::string page_of(const ReportTable& table) {
  ReportScope scope;
  scope.lines.lines = 10;
  scope.whole = false;
  return render_report_table(table, scope, {});
}

model::fact::Login failed_login(std::string_view user, int attempts = 1) {
  model::fact::Login login;
  login.time = *parse_timestamp("2026-11-23T10:00:00Z", 0);
  login.event.user = user;
  login.event.result = model::LoginResult::kFailure;
  login.event.attempts = attempts;
  return login;
}

TEST(GroupedReport, CountsALineOfSeveralLoginsAsMany) {
  auto report = report_of("per: login\nkey user: user\nmeasure n: count\n");
  report->on_login(failed_login("bob", 3));
  model::fact::Login repeated = failed_login("bob");
  repeated.repeat = 2;
  report->on_login(repeated);
  const ReportTable table = report->finish();
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.rows[0].cells[1].integer, 5);
  EXPECT_EQ(table.taken[0].second, 5u);
}

TEST(GroupedReport, MarksWhatIsEstimatedBeyondItsBound) {
  ReportContext context;
  context.bound = 10;
  auto report = report_of("per: login\nkey user: user\nmeasure n: count\nmeasure share: share(n)\n", context);
  for (int i = 0; i < 500; ++i) {
    report->on_login(failed_login("user" + std::to_string(i)));
    report->on_login(failed_login("root"));
  }
  const ReportTable table = report->finish();
  EXPECT_TRUE(table.approximate);
  EXPECT_NEAR(static_cast<double>(table.groups), 501, 15);
  ASSERT_FALSE(table.rows.empty());
  const ReportRow& root = table.rows[0];
  EXPECT_EQ(root.cells[0].text, "root");
  EXPECT_GE(root.cells[1].integer, 500);
  EXPECT_LE(root.cells[1].integer - static_cast<std::int64_t>(root.error), 500);
  const std::string page = page_of(table);
  EXPECT_NE(page.find("≈ marks estimates: more than 10 different rows"), std::string::npos) << page;
  EXPECT_NE(report_table_json(table, {}).find("\"approximate\":true"), std::string::npos);
}

TEST(GroupedReport, IsExactUpToItsBound) {
  ReportContext context;
  context.bound = 10;
  auto report = report_of("per: login\nkey user: user\nmeasure n: count\n", context);
  for (int i = 0; i < 100; ++i) report->on_login(failed_login("user" + std::to_string(i % 10)));
  const ReportTable table = report->finish();
  EXPECT_FALSE(table.approximate);
  EXPECT_EQ(table.groups, 10u);
  for (const ReportRow& row : table.rows) EXPECT_EQ(row.cells[1].integer, 10);
  EXPECT_EQ(page_of(table).find("≈"), std::string::npos);
}

TEST(GroupedReport, TellsAnAbsentKeyFromAnEmptyLookingOne) {
  auto report = report_of("per: login\nkey user: user\nkey method: method\nmeasure n: count\norder: user\n");
  report->on_login(failed_login(""));
  report->on_login(failed_login("-"));
  model::fact::Login other = failed_login("");
  other.event.method = "-";
  report->on_login(other);
  const ReportTable table = report->finish();
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[0].cells[0].text, "-");
  // Absent values stand last.
  EXPECT_EQ(table.rows[1].cells[0].type, ReportCell::Type::kAbsent);
  EXPECT_EQ(table.rows[2].cells[0].type, ReportCell::Type::kAbsent);
}

TEST(GroupedReport, KeepsTextsThatWouldBreakItsKeysApart) {
  auto report = report_of("per: login\nkey user: user\nkey method: method\nmeasure n: count\n");
  using namespace std::string_view_literals;
  model::fact::Login one = failed_login("a\0b"sv), two = failed_login("a"sv);
  one.event.method = "c", two.event.method = "b\0c"sv;
  report->on_login(one);
  report->on_login(two);
  EXPECT_EQ(report->finish().rows.size(), 2u);
  const std::string base(5000, 'x');
  auto longs = report_of("per: login\nkey user: user\nmeasure n: count\n");
  longs->on_login(failed_login(base + 'a'));
  longs->on_login(failed_login(base + 'b'));
  const ReportTable table = longs->finish();
  EXPECT_EQ(table.rows.size(), 2u);
  EXPECT_LT(table.rows[0].cells[0].text.size(), 400u);
}

TEST(GroupedReport, CountsMailsOnceWhateverTheirRecipients) {
  const SampleJourney sample;
  auto report = report_of(
      "per: recipient\nmeasure mails: mails\nmeasure n: count\nmeasure bounced: count where status:bounced\n"
      "measure part: share(bounced, n)\nmeasure first: first(received)\n");
  report->on_journey(sample.journey);
  const ReportTable table = report->finish();
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.rows[0].cells[0].integer, 1);
  EXPECT_EQ(table.rows[0].cells[1].integer, 2);
  EXPECT_EQ(table.rows[0].cells[2].integer, 1);
  EXPECT_EQ(table.rows[0].cells[3].real, 0.5);
  EXPECT_EQ(table.rows[0].cells[4].integer, sample.start);
  EXPECT_FALSE(report_of("per: recipient\nmeasure n: count\n")->needs_attempts());
  EXPECT_TRUE(report_of("per: attempt\nmeasure n: count\n")->needs_attempts());
}

TEST(GroupedReport, SaysNoShareOfWhatTheLogNeverTells) {
  const SampleJourney sample;
  const std::string lines =
      "per: attempt\nkey relay: RELAY\nmeasure n: count\nmeasure tls: stated(tls_version)\n"
      "measure part: share(tls, n)\nsilent tls: The log tells of no TLS.\n";
  auto report = report_of(lines);
  report->on_journey(sample.journey);
  ReportTable table = report->finish();
  ASSERT_FALSE(table.rows.empty());
  EXPECT_EQ(table.rows[0].cells[2].type, ReportCell::Type::kAbsent);
  EXPECT_EQ(table.rows[0].cells[3].type, ReportCell::Type::kAbsent);
  const std::string page = page_of(table);
  EXPECT_NE(page.find("The log tells of no TLS."), std::string::npos) << page;
  EXPECT_EQ(page.find('%'), std::string::npos) << page;

  SampleJourney secure;
  secure.deliveries[1].event.tls_version = "TLSv1.3";
  auto told = report_of(lines);
  told->on_journey(secure.journey);
  table = told->finish();
  EXPECT_EQ(page_of(table).find("The log tells"), std::string::npos);
  EXPECT_NE(page_of(table).find(" %"), std::string::npos);
}

TEST(GroupedReport, LeavesOutWhatItsFiltersRefuse) {
  auto report = report_of(
      "per: login\nwith: user\nwithout: method\nonly result: failure, disabled\nkey user: user\nmeasure n: count\n"
      "least n: 2\n");
  for (int i = 0; i < 2; ++i) report->on_login(failed_login("bob"));
  report->on_login(failed_login("once"));
  report->on_login(failed_login(""));
  model::fact::Login ok = failed_login("bob");
  ok.event.result = model::LoginResult::kSuccess;
  report->on_login(ok);
  model::fact::Login plain = failed_login("bob");
  plain.event.method = "PLAIN";
  report->on_login(plain);
  const ReportTable table = report->finish();
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_EQ(table.groups, 1u);
  EXPECT_EQ(table.rows[0].cells[1].integer, 2);
  EXPECT_EQ(table.taken[0].second, 3u);
}

TEST(GroupedReport, KeepsTheGreatestOfAListOfAnyLength) {
  ReportContext context;
  context.limit = 3;
  auto report = report_of("per: journey\nfield size: size\norder: size descending\n", context);
  for (int i = 0; i < 5000; ++i) {
    MailFact mail;
    mail.made.size = (i * 7919) % 5000;
    report->on_journey(mail.journey());
  }
  const ReportTable table = report->finish();
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.groups, 5000u);
  EXPECT_EQ(table.rows[0].cells[0].integer, 4999);
  EXPECT_EQ(table.rows[2].cells[0].integer, 4997);
}

TEST(GroupedReport, TellsHoursOnTheWallOfItsZone) {
  ReportContext context;
  context.zone = *TimeZone::load("Europe/Berlin");
  auto report = report_of(
      "per: login\nkey hour: HOUR(time)\nkey day: DAY(time)\nkey clock: HOUR_OF_DAY(time)\nmeasure n: count\n",
      context);
  model::fact::Login login = failed_login("bob");
  login.time = *parse_timestamp("2026-11-23T23:30:00Z", 0);
  report->on_login(login);
  login.time = 0;  // no time is in no hour
  report->on_login(login);
  const ReportTable table = report->finish();
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0].cells[0].text, "2026-11-24 00:00");
  EXPECT_EQ(table.rows[0].cells[1].text, "2026-11-24");
  EXPECT_EQ(table.rows[0].cells[2].text, "00:00");
  EXPECT_EQ(table.rows[1].cells[0].type, ReportCell::Type::kAbsent);
}

TEST(GroupedReport, TakesTheFirstLineOfAReply) {
  auto report = report_of("per: login\nkey line: FIRST_LINE(reason)\nmeasure n: count\norder: line\n");
  for (const char* reason : {"550-5.7.1 one 550 5.7.1 two", "550 one 550 two", "one\r\ntwo", "550-"}) {
    model::fact::Login login = failed_login("bob");
    login.event.reason = reason;
    report->on_login(login);
  }
  const ReportTable table = report->finish();
  ASSERT_EQ(table.rows.size(), 4u);
  EXPECT_EQ(table.rows[0].cells[0].text, "550 one 550 two");
  EXPECT_EQ(table.rows[1].cells[0].text, "550-");
  EXPECT_EQ(table.rows[2].cells[0].text, "550-5.7.1 one");
  EXPECT_EQ(table.rows[3].cells[0].text, "one");
}

TEST(GroupedReport, SumsHostileNumbersWithoutWrapping) {
  auto report = report_of("per: journey\nmeasure sum: sum(size)\nmeasure most: max(size)\n");
  for (const std::int64_t size : {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MIN}) {
    MailFact mail;
    mail.made.size = size;
    report->on_journey(mail.journey());
  }
  const ReportTable table = report->finish();
  EXPECT_EQ(table.rows[0].cells[0].integer, INT64_MAX);
  EXPECT_EQ(table.rows[0].cells[1].integer, INT64_MAX);
}

TEST(GroupedReport, RefusesATimeRangeThatIsEmptyWhenItIsKnown) {
  ReportContext context;
  context.times.now = *parse_timestamp("2026-11-24T00:00:00Z", 0);
  const ReportFile file = file_of("per: login\nsearch: since:1h until:2026-11-24T00:00:00Z\nmeasure n: count\n");
  EXPECT_TRUE(GroupedReport::make(file, context).ok());
  context.times.now = *parse_timestamp("2027-11-24T00:00:00Z", 0);
  EXPECT_FALSE(GroupedReport::make(file, context).ok());
}

TEST(DistinctCount, IsExactUpToAThousandAndNearBeyond) {
  DistinctCount count;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    count.add(mix_hash(i, 7));
    count.add(mix_hash(i / 2, 7));
  }
  EXPECT_TRUE(count.exact());
  EXPECT_EQ(count.estimate(), 1000u);
  for (std::uint64_t i = 0; i < 50'000; ++i) count.add(mix_hash(i, 7));
  EXPECT_FALSE(count.exact());
  EXPECT_NEAR(static_cast<double>(count.estimate()), 50'000, 2'000);
}

TEST(QuantileCount, IsExactForFewAndNearForMany) {
  QuantileCount few, many;
  for (int i = 1; i <= 20; ++i) few.add(i);
  EXPECT_EQ(few.quantile(0.5), 10);
  EXPECT_EQ(few.quantile(0.95), 19);
  for (int i = 1; i <= 10'000; ++i) many.add(i);
  EXPECT_NEAR(many.quantile(0.95), 9500, 95);
}

TEST(ValueCount, NamesEightAndCountsTheOthers) {
  ValueCount values;
  for (int i = 0; i < 12; ++i) values.add("v" + std::to_string(i), 1);
  values.add("v3", 5);
  EXPECT_EQ(values.sorted().size(), 8u);
  EXPECT_EQ(values.sorted()[0].first, "v3");
  EXPECT_EQ(values.others(), 4u);
}

TEST(ReportTablePage, IsNoWiderThanItsTerminalAndSaysWhatFoundNoRoom) {
  std::string lines = "per: login\nkey user: user\nkey reason: reason\n";
  for (int i = 0; i < 20; ++i) lines += "measure number_of_times_" + std::to_string(i) + ": count\n";
  auto report = report_of(lines);
  const std::string user = "bob\x1b[31m" + std::string(300, 'x');
  model::fact::Login login = failed_login(user);
  const std::string reason = "why " + std::string(400, 'y');
  login.event.reason = reason;
  report->on_login(login);
  const ReportTable table = report->finish();
  for (const std::size_t width : {60u, 80u, 100u, 200u}) {
    PageOptions options;
    options.width = width;
    ReportScope scope;
    scope.lines.lines = 1;
    std::string_view page;
    const std::string text = render_report_table(table, scope, options);
    for (page = text; !page.empty();) EXPECT_LE(display_width(take_until(page, '\n')), width) << text;
    EXPECT_NE(text.find("found no room"), std::string::npos);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace mailtrail::query
