// The same figures, span by span and beside the range before, from raw files and from a store that took them in.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/time.h"
#include "cli/exit_status.h"
#include "cli/run.h"

namespace mailtrail::cli {
namespace {

namespace fs = std::filesystem;

struct Answer {
  int status;
  std::string out, err;
};

Answer ask(const std::vector<std::string>& words) {
  TextOutput out, err;
  const int status = run(words, Streams{out, err});
  return {status, out.text, err.text};
}

class ReportOfStore : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = fs::temp_directory_path() / "mailtrail-test-XXXXXX";
    folder_ = ::mkdtemp(path.data());
    store_ = folder_ / "store";
    log_ = folder_ / "mail.log";
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Four days, each mail to one recipient, of the days from `bad` on a third of them bounce.
  void write_log(int bad) const {
    std::ofstream log(log_, std::ios::binary);
    const Micros begin = *parse_timestamp("2026-11-20T00:00:00Z", 0);
    for (int i = 0; i < 4 * 480; ++i) {
      const std::string head = format_rfc3339(begin + i * 3 * kMinute, 0) + " mx1 postfix/";
      const std::string id = std::to_string(100'000 + i);
      const bool bounced = i % 3 == 0 && i / 480 >= bad;
      log << head << "pickup[10]: " << id << ": uid=1000 from=<alice@example.com>\n"
          << head << "cleanup[11]: " << id << ": message-id=<" << i << "@example.com>\n"
          << head << "qmgr[12]: " << id << ": from=<alice@example.com>, size=1000, nrcpt=1 (queue active)\n"
          << head << "smtp[13]: " << id << ": to=<bob" << i % 5 << "@example.net>, relay=mx.example.net[192.0.2.1]:25, "
          << "delay=1.5, delays=0.1/0/0.4/1, "
          << (bounced ? "dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.1] said: 550 5.1.1 no such user)\n"
                      : "dsn=2.0.0, status=sent (250 2.0.0 Ok)\n")
          << head << "qmgr[12]: " << id << ": removed\n";
    }
  }
  void take_in(const fs::path& log) const {
    const Answer done = ask({"ingest", "--timezone", "UTC", "--store", store_, log});
    ASSERT_EQ(done.status, kDone) << done.err;
  }
  Answer of_store(std::vector<std::string> words) const {
    words.insert(words.end(), {"--timezone", "UTC", "--store", store_});
    return ask(words);
  }
  Answer of_log(std::vector<std::string> words, const fs::path& log) const {
    words.insert(words.end(), {"--timezone", "UTC", log});
    return ask(words);
  }

  fs::path folder_, store_, log_;
};

TEST_F(ReportOfStore, SpansOfARealLog) {
  const fs::path log = std::string(MAILTRAIL_SOURCE_DIR) + "/tests/data/postfix-a/mail.rfc5424.log.gz";
  take_in(log);
  for (const std::string unit : {"hour", "day", "week", "month"}) {
    const Answer raw = of_log({"report", "--per", unit, "--json"}, log);
    EXPECT_EQ(raw.status, kDone);
    EXPECT_NE(raw.out.find("\"span\":\"total\""), std::string::npos);
    EXPECT_EQ(of_store({"report", "--per", unit, "--json"}).out, raw.out);
  }
}

TEST_F(ReportOfStore, SpansOfARange) {
  write_log(2);
  take_in(log_);
  const std::vector<std::string> words = {"report",           "--per",   "day",   "--since",
                                          "2026-11-20T12:00", "--until", "today", "--json"};
  const Answer raw = of_log(words, log_);
  EXPECT_EQ(std::count(raw.out.begin(), raw.out.end(), '\n'), 4);
  EXPECT_NE(raw.out.find("\"journeys\":240,\"recipients\":240"), std::string::npos) << raw.out;
  EXPECT_EQ(of_store(words).out, raw.out);
}

TEST_F(ReportOfStore, RowIsTheReportOfItsSpan) {
  write_log(2);
  const std::string row =
      of_log({"report", "--per", "day", "--json", "--since", "2026-11-22", "--until", "2026-11-23"}, log_).out;
  const std::string report = of_log({"report", "--json", "--since", "2026-11-22", "--until", "2026-11-23"}, log_).out;
  for (const std::string figure : {"\"journeys\":480", "\"delivered\":320", "\"bounced\":160"}) {
    EXPECT_NE(row.find(figure), std::string::npos) << figure << row;
    EXPECT_NE(report.find(figure), std::string::npos) << figure;
  }
}

TEST_F(ReportOfStore, ComparesByItselfAndALogWhereAsked) {
  write_log(2);
  take_in(log_);
  const std::vector<std::string> range = {"report", "--since", "2026-11-22", "--until", "2026-11-23"};
  std::vector<std::string> compare = range, plain = range;
  compare.push_back("--compare");
  plain.push_back("--no-compare");
  const Answer store = of_store(range);
  EXPECT_NE(store.out.find("\u25B2 from none"), std::string::npos) << store.out;
  EXPECT_NE(store.out.find("\u25BC from 100.0 %"), std::string::npos) << store.out;
  EXPECT_NE(store.out.find("before    Sat 21 Nov 00:00 to Sun 22 Nov 00:00"), std::string::npos) << store.out;
  EXPECT_EQ(of_log(compare, log_).out, store.out);
  EXPECT_EQ(of_log(range, log_).out, of_store(plain).out);
  EXPECT_EQ(of_log(range, log_).out.find("before    "), std::string::npos);

  for (std::vector<std::string>* words : {&compare, &plain}) words->push_back("--json");
  const Answer json = of_store(compare);
  EXPECT_NE(json.out.find("\"before\":{\"since\":\"2026-11-21T00:00:00.000000+00:00\""), std::string::npos);
  EXPECT_EQ(of_log(compare, log_).out, json.out);
}

// The range ends with the last line.
TEST_F(ReportOfStore, ComparesARangeWithoutAnEnd) {
  write_log(2);
  take_in(log_);
  const Answer store = of_store({"report", "--since", "1d", "--json"});
  EXPECT_NE(store.out.find("\"before\":{\"since\":\"2026-11-21T23:57:00.000000+00:00\",\"until\":"
                           "\"2026-11-22T23:57:00.000000+00:00\",\"comparable\":true"),
            std::string::npos)
      << store.out.substr(store.out.find("\"before\""));
  EXPECT_EQ(of_log({"report", "--since", "1d", "--compare", "--json"}, log_).out, store.out);
}

TEST_F(ReportOfStore, SaysWhyItDoesNotCompare) {
  write_log(2);
  take_in(log_);
  EXPECT_NE(
      of_store({"report", "--since", "3d", "--json"}).out.find("\"why_not\":\"what is held begins 2026-11-20 00:00"),
      std::string::npos);
  const std::vector<std::string> beyond = {"report", "--since", "2026-11-23", "--until", "2026-11-24T06:00", "--json"};
  EXPECT_NE(of_store(beyond).out.find("\"why_not\":\"what is held ends 2026-11-23 23:57, within the range"),
            std::string::npos);
  EXPECT_EQ(ask({"report", "--compare", log_}).status, kWrongUse);
  EXPECT_EQ(ask({"report", "--compare", "--since", "1d", "--per", "day", log_}).status, kWrongUse);
}

}  // namespace
}  // namespace mailtrail::cli
