// What stands in two of Exim's logs is counted once.
#include "app/twin_lines.h"

#include <gtest/gtest.h>

#include "app/road.h"
#include "log_files.h"

namespace mailtrail::app {
namespace {

struct Counts : model::FactSink {
  void on_rejection(const model::fact::Rejection&) override { ++rejections; }
  void on_login(const model::fact::Login& login) override {
    if (login.event.result == model::LoginResult::kFailure) ++failures;
  }
  int rejections = 0, failures = 0;
};

Counts counts_of(const std::vector<std::string>& paths) {
  RoadRequest request;
  request.logs = paths;
  LogRoad road(request);
  Counts counts;
  road.read_facts(counts, {});
  return counts;
}

TEST(TwinLines, MainlogAndRejectlogTellARefusalOnce) {
  const LogFiles files;
  const std::string main = files.write("mainlog", real_log("../exim-a/mail.log.gz"));
  const std::string reject = files.write("rejectlog", real_log("../exim-a/rejectlog.gz"));
  const Counts alone = counts_of({main}), copies = counts_of({reject}), both = counts_of({main, reject});
  EXPECT_EQ(alone.rejections, 83);
  EXPECT_EQ(alone.failures, 16);
  EXPECT_EQ(copies.rejections, 83);
  EXPECT_EQ(both.rejections, alone.rejections);
  EXPECT_EQ(both.failures, alone.failures);
}

TEST(TwinLines, TheMainlogsOfTwoServersAreNoCopies) {
  const LogFiles files;
  const std::string one = files.write("mx1-mainlog", real_log("../exim-a/mail.log.gz"));
  const std::string two = files.write("mx2-mainlog", real_log("../exim-a/mail.log.gz"));
  EXPECT_EQ(counts_of({one, two}).rejections, 2 * 83);
}

TEST(TwinLines, ARefusalThatHappenedTwiceIsToldTwice) {
  const std::string line =
      "2026-11-24 03:04:55 H=client9.good.example [203.0.113.9] F=<s@sender.example> rejected RCPT <a@local.example>: "
      "no\n";
  const LogFiles files;
  const std::string main = files.write("mainlog", line + line), reject = files.write("rejectlog", line + line);
  EXPECT_EQ(counts_of({main}).rejections, 2);
  EXPECT_EQ(counts_of({main, reject}).rejections, 2);
}

}  // namespace
}  // namespace mailtrail::app
