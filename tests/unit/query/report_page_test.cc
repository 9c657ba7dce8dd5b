// Pages against tests/golden/report/NAME.txt, and what must hold at every width. With MAILTRAIL_UPDATE_GOLDENS set in
// the environment the goldens are written anew.
#include "query/report_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "query/report_json.h"
#include "query/report_layout.h"
#include "tests/unit/query/report_facts.h"

namespace mailtrail::query {
namespace {

using model::Outcome;
using model::Status;

const Micros kStart = *parse_timestamp("2026-11-22T23:10:00Z", 0);

void add_mail(ReportBuilder& builder) {
  for (int i = 0; i < 180; ++i) {
    MailFact mail;
    mail.received = kStart + i * 9 * kMinute + 200'000;
    mail.sender = i % 3 == 0 ? "newsletter@shop.example.com" : "alice@example.com";
    mail.made.size = 24'000 + i;
    const std::string bob = "bob" + std::to_string(i % 7) + "@example.net";
    mail.to(bob, Outcome::kDelivered, kSecond + i * 10'000);
    if (i % 6 == 0) {
      mail.to("gone@example.org", Outcome::kBounced)
          .says("5.1.1", 550, "550 5.1.1 <gone@example.org>: Recipient address rejected: User unknown",
                "mx.example.org");
    }
    if (i % 30 == 0) {
      mail.to("later@slow.example", Outcome::kDeferred)
          .says("4.7.1", 451, "451 4.7.1 <later@slow.example>: Greylisted, come back", "mx.slow.example");
    }
    builder.on_journey(mail.journey());
    model::fact::Delivery sent = attempt(Status::kSent, "mx.example.net", mail.received + kSecond);
    sent.event.relay_ip = "192.0.2.25", sent.event.tls_version = i % 2 == 0 ? "TLSv1.3" : "";
    sent.event.delay = 1.0 + i * 0.01, sent.event.delay_before_queue = 0.1, sent.event.delay_in_queue = 0.0;
    sent.event.delay_connect = 0.4, sent.event.delay_transmit = 0.5 + i * 0.01;
    builder.on_delivery(sent);
    if (i % 6 == 0) builder.on_delivery(attempt(Status::kBounced, "mx.example.org", mail.received + kSecond));
    if (i % 8 == 0) builder.on_delivery(attempt(Status::kDeferred, "mx.slow.example", mail.received + kSecond));
  }
  MailFact dsn;
  dsn.made.notification = true;
  builder.on_journey(dsn.to("alice@example.com", Outcome::kDelivered).journey());
}

void add_trouble(ReportBuilder& builder) {
  for (int i = 0; i < 90; ++i) {
    const std::string ip = "203.0.113." + std::to_string(i % 9);
    model::fact::Rejection listed = refusal(
        "554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using "
        "zen.example.org",
        554, ip, kStart + i * 13 * kMinute);
    listed.event.blocklist = "zen.example.org";
    builder.on_rejection(listed);
    if (i % 3 == 0) {
      builder.on_rejection(refusal("450 4.2.0 <c.example[203.0.113.9]>: Client host rejected: Greylisted", 450, ip,
                                   kStart + i * 13 * kMinute));
    }
  }
  for (int i = 0; i < 25; ++i) {
    builder.on_login(
        login(model::LoginResult::kFailure, i % 5 == 0 ? "admin" : "eve", "198.51.100.7", kStart + i * kHour));
  }
  builder.on_login(login(model::LoginResult::kSuccess, "eve", "198.51.100.7", kStart + 26 * kHour));
  builder.on_login(login(model::LoginResult::kSuccess, "alice", "192.0.2.17", kStart + 26 * kHour));
  builder.on_notice(notice(model::Severity::kFatal, "postfix/master",
                           "open lock file pid/master.pid: No space left on device", kStart + kHour));
  for (int i = 0; i < 12; ++i) {
    builder.on_notice(notice(model::Severity::kWarning, "postfix/smtpd",
                             "hostname liar.example does not resolve to address 203.0.113." + std::to_string(i),
                             kStart));
  }
  model::fact::Gap gap;
  gap.host = "mx2";
  gap.time = kStart + 4 * kHour;
  gap.event.missing = 1310;
  gap.event.reason = "journal suppressed";
  builder.on_gap(gap);
}

LineStats line_stats() {
  LineStats lines;
  lines.lines = 12'044;
  lines.unparsed = 21;
  lines.first = kStart;
  lines.last = kStart + 27 * kHour;
  lines.hosts = {"mx1", "mx2"};
  lines.year_inferred = true;
  lines.unparsed_programs = {{"kernel", 21, "usb 1-1: new high-speed USB device number 4"}};
  return lines;
}

Report usual_report() {
  ReportOptions options;
  options.zone = TimeZone::load("Europe/Berlin").value();
  options.reason = [](const model::fact::Recipient& recipient) {
    return recipient.outcome == Outcome::kDeferred
               ? Reason{"greylisted", "451 4.7.1 <ADDRESS>: Greylisted", "nobody, wait"}
               : Reason{"mailbox unknown", "550 5.1.1", "the sender: correct the address"};
  };
  ReportBuilder builder(options);
  add_mail(builder);
  add_trouble(builder);
  builder.on_lines(line_stats());
  return builder.finish();
}

Report hostile_report() {
  ReportOptions options;
  options.bound = 100;
  ReportBuilder builder(options);
  for (int i = 0; i < 400; ++i) {
    MailFact mail;
    mail.sender = "\x1b[31mred\x1b[0m@evil.example";
    const std::string to = i % 2 == 0 ? "often@例え.example" : std::string(100, 'w') + std::to_string(i) + "@x.example";
    mail.to(to, Outcome::kBounced).says("5.0.0", 550, "550 \x1b]0;title\x07\xff said\r\nstatus=sent", "mx\n.example");
    builder.on_journey(mail.journey());
    builder.on_login(login(model::LoginResult::kFailure,
                           "\xe2\x80\xae"
                           "moc.live",
                           "not an address", kStart));
    builder.on_notice(notice(model::Severity::kError, "a\tb", "line\none", kStart));
  }
  LineStats lines;
  lines.lines = 10;
  lines.unparsed = 9;
  lines.hosts = {"h\x1b[2J"};
  lines.unparsed_programs = {{"", 9, std::string("\0\x01 binary", 9)}};
  builder.on_lines(lines);
  return builder.finish();
}

void compare(const std::string& name, const std::string& page) {
  const std::string path = std::string(MAILTRAIL_SOURCE_DIR) + "/tests/golden/report/" + name + ".txt";
  if (std::getenv("MAILTRAIL_UPDATE_GOLDENS") != nullptr) std::ofstream(path) << page;
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::stringstream expected;
  expected << file.rdbuf();
  EXPECT_EQ(page, expected.str());
}

TEST(ReportPage, OfAUsualDay) {
  compare("usual", render_report(usual_report(), {}));
}

TEST(ReportPage, OfAUsualDayInAsciiAt60Columns) {
  compare("usual_ascii_60", render_report(usual_report(), {60, false, false, 3}));
}

TEST(ReportPage, OfAUsualDayAt120Columns) {
  compare("usual_120", render_report(usual_report(), {120, false, true, 5}));
}

TEST(ReportPage, OfHostileNamesAndManyKeys) {
  compare("hostile", render_report(hostile_report(), {}));
}

TEST(ReportPage, OfAnEmptyLog) {
  ReportBuilder builder;
  builder.on_lines({});
  compare("empty", render_report(builder.finish(), {}));
}

TEST(ReportPage, NoLineIsWiderThanTheTerminalAndNoneSteersIt) {
  for (const Report& report : {usual_report(), hostile_report(), ReportBuilder().finish()}) {
    for (std::size_t width = 60; width <= 200; ++width) {
      for (const bool unicode : {true, false}) {
        std::istringstream page(render_report(report, {width, false, unicode, 10}));
        for (std::string line; std::getline(page, line);) {
          EXPECT_LE(display_width(line), width) << line;
          EXPECT_EQ(printable(line), line);
        }
      }
    }
  }
}

// A report with `names` login names that succeeded after twelve failures each.
Report report_of_guessed_logins(int names, std::size_t rows) {
  ReportOptions options;
  options.rows = rows;
  ReportBuilder builder(options);
  for (int i = 0; i < names; ++i) {
    const std::string user = "user" + std::to_string(i);
    for (int n = 0; n < 12; ++n) {
      builder.on_login(login(model::LoginResult::kFailure, user, "198.51.100.7", kStart));
    }
    builder.on_login(login(model::LoginResult::kSuccess, user, "192.0.2.17", kStart + kHour));
  }
  return builder.finish();
}

TEST(ReportPage, NamesFiveAlarmsOfAKindAndCountsTheOthers) {
  const auto count_of = [](const std::string& page, std::string_view text) {
    int count = 0;
    for (std::size_t at = page.find(text); at != std::string::npos; at = page.find(text, at + 1)) ++count;
    return count;
  };
  const std::string five = render_report(report_of_guessed_logins(5, 50), {});
  EXPECT_EQ(count_of(five, "12 failures, then 1 ok"), 5);
  EXPECT_EQ(count_of(five, "like these"), 0);
  const std::string six = render_report(report_of_guessed_logins(6, 50), {});
  EXPECT_EQ(count_of(six, "12 failures, then 1 ok"), 5);
  EXPECT_EQ(count_of(six, "▲ and 1 more login like these\n"), 1);
  const std::string many = render_report(report_of_guessed_logins(22, 50), {});
  EXPECT_EQ(count_of(many, "12 failures, then 1 ok"), 5);
  EXPECT_EQ(count_of(many, "▲ and 17 more logins like these\n"), 1);
}

TEST(ReportPage, DoesNotSayHowManyAlarmsThereAreWhereItsListEndsEarlier) {
  const std::string page = render_report(report_of_guessed_logins(22, 10), {});
  EXPECT_NE(page.find("▲ and at least 5 more logins like these\n"), std::string::npos) << page;
}

TEST(ReportPage, ColourChangesNothingButColours) {
  const Report report = usual_report();
  std::string coloured = render_report(report, {80, true, true, 5});
  EXPECT_NE(coloured.find("\x1b[31m"), std::string::npos);
  for (std::size_t at = coloured.find('\x1b'); at != std::string::npos; at = coloured.find('\x1b')) {
    coloured.erase(at, coloured.find('m', at) + 1 - at);
  }
  EXPECT_EQ(coloured, render_report(report, {}));
}

TEST(ReportPage, SaysNothingOfWhatTheLogDoesNotTell) {
  ReportBuilder builder;
  MailFact mail;
  builder.on_journey(mail.to("bob@example.net", Outcome::kDelivered).journey());
  model::fact::Session session;
  builder.on_session(session);
  const std::string page = render_report(builder.finish(), {});
  EXPECT_NE(page.find("TLS not logged"), std::string::npos);
  EXPECT_EQ(page.find("Logins"), std::string::npos);
  EXPECT_EQ(page.find("Relays"), std::string::npos);
}

// Takes one JSON value (RFC 8259) off `text`; false where there is none.
bool take_json(std::string_view& text) {
  const auto take_string = [&] {
    if (!consume(text, "\"")) return false;
    while (!text.empty() && text.front() != '"') {
      if (static_cast<unsigned char>(text.front()) < 0x20) return false;
      text.remove_prefix(text.front() == '\\' && text.size() > 1 ? 2 : 1);
    }
    return consume(text, "\"");
  };
  const auto take_members = [&](std::string_view close, bool keys) {
    if (consume(text, close)) return true;
    do {
      if (keys && !(take_string() && consume(text, ":"))) return false;
      if (!take_json(text)) return false;
    } while (consume(text, ","));
    return consume(text, close);
  };
  if (consume(text, "{")) return take_members("}", true);
  if (consume(text, "[")) return take_members("]", false);
  if (!text.empty() && text.front() == '"') return take_string();
  if (consume(text, "true") || consume(text, "false") || consume(text, "null")) return true;
  const std::size_t end = std::min(text.find_first_not_of("0123456789+-.eE"), text.size());
  const bool is_number = to_number<double>(text.substr(0, end)).has_value();
  text.remove_prefix(end);
  return is_number;
}

TEST(ReportJson, IsOneObjectWithItsSchema) {
  for (const Report& report : {usual_report(), hostile_report(), ReportBuilder().finish()}) {
    const std::string json = report_json(report);
    EXPECT_TRUE(is_utf8(json));
    EXPECT_EQ(json.find('\n'), std::string::npos);
    EXPECT_EQ(json.substr(0, 12), "{\"schema\":1,");
    std::string_view rest = json;
    EXPECT_TRUE(take_json(rest));
    EXPECT_EQ(rest, "");
  }
}

TEST(ReportJson, HoldsTheNumbersOfTheReport) {
  const std::string json = report_json(usual_report());
  for (
      const std::string_view part :
      {R"("mail":{"journeys":180,"messages":180,"recipients":216,"outcomes":{"unknown":0,"delivered":180,"bounced":30,)",
       R"({"sender":"newsletter@shop.example.com","recipients":96,"delivered":60,"failed":30,"waiting":6})",
       R"({"relay":"mx.example.org","attempts":30,"sent":0,"deferred":0,"failed":30})",
       R"("causes":[{"cause":"blocklist","transactions":90,)", R"({"user":"eve","failed":20,"success_later":1})",
       R"({"reason":"greylisted","actor":"nobody, wait","recipients":6,"waiting":6,)",
       R"("gaps":{"total":1,"missing":1310,)"}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << "\n" << json;
  }
}

TEST(ReportJson, StatesTimesInTheZoneOfTheReport) {
  const std::string json = report_json(usual_report());
  EXPECT_NE(json.find("\"first\":\"2026-11-23T00:10:00.000000+01:00\""), std::string::npos) << json.substr(0, 200);
}

struct ShareCase {
  std::uint64_t part, whole;
  std::string_view text;
};

TEST(Layout, SharesAreHonestAtTheirEnds) {
  for (const ShareCase& one :
       {ShareCase{0, 10, "0.0 %"}, ShareCase{1, 1'000'000, "<0.1 %"}, ShareCase{999'999, 1'000'000, "99.9 %"},
        ShareCase{10, 10, "100.0 %"}, ShareCase{1, 3, "33.3 %"}, ShareCase{1, 0, ""}}) {
    EXPECT_EQ(share(one.part, one.whole), one.text);
  }
}

TEST(Layout, NumbersAndTimesReadWell) {
  EXPECT_EQ(grouped(1'204'331), "1,204,331");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(counted(1, "journey"), "1 journey");
  EXPECT_EQ(counted(2, "journey"), "2 journeys");
  EXPECT_EQ(counted(0, "entry"), "0 entries");
  EXPECT_EQ(byte_size(1'234'567'890), "1.2 GB");
  EXPECT_EQ(delay(0.004), "<0.01 s");
  EXPECT_EQ(delay(0.2), "0.20 s");
  EXPECT_EQ(delay(240), "4 min");
  EXPECT_EQ(offset_name(-210), "UTC-3:30");
  EXPECT_EQ(wall_time(*parse_timestamp("2026-11-22T00:00:00Z", 0)), "Sun 22 Nov 00:00");
  EXPECT_EQ(bucket_name(10 * kMinute), "10 minutes");
}

TEST(Layout, TextsAreCutWhereLeastIsLost) {
  const Glyphs glyphs;
  EXPECT_EQ(shorten("alice.longname@example.com", 11, glyphs), "alice…e.com");
  EXPECT_EQ(shorten("例え例え例え例え", 7, glyphs), "例…え");
  EXPECT_EQ(shorten("例え例え例え例え", 9, glyphs), "例え…例え");
  EXPECT_EQ(shorten_reply("550 5.1.1 <alice@example.net>: Recipient address rejected: User unknown", 30, glyphs),
            "550 5.1.1 … User unknown");
  EXPECT_EQ(shorten_reply("a message without a code that is long", 12, glyphs), "a message w…");
}

TEST(Layout, SparklinesShowSomethingForSomething) {
  EXPECT_EQ(sparkline({0, 1, 1000}, {}), " ▁█");
  EXPECT_EQ(sparkline({0, 0}, {}), "  ");
  EXPECT_EQ(bar(1, 1'000'000, 10, {}), "▏");
  EXPECT_EQ(bar(0, 10, 10, {}), "");
}

}  // namespace
}  // namespace mailtrail::query
