// What goldens cannot show: files that are written, pages through a pager, many rows.
#include "cli/run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/spec.h"

namespace mailtrail::cli {
namespace {

namespace fs = std::filesystem;

const std::string kLog = std::string(MAILTRAIL_SOURCE_DIR) + "/tests/golden/cli/logs/two_mails.log";

struct Outcome {
  int status;
  std::string out, err;
};

Outcome run_words(const std::vector<std::string>& words) {
  TextOutput out, err;
  const int status = run(words, Streams{out, err});
  return {status, out.text, err.text};
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Files : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = fs::temp_directory_path() / "mailtrail-test-XXXXXX";
    folder_ = ::mkdtemp(path.data());
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path folder_;
};

TEST_F(Files, ExportWritesTheFileWhole) {
  const fs::path file = folder_ / "rows.csv";
  const Outcome done = run_words({"export", "", "-o", file, kLog});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "");
  EXPECT_EQ(content_of(file), run_words({"export", "", kLog}).out);
  EXPECT_FALSE(fs::exists(file.string() + ".tmp"));
}

TEST_F(Files, ExportLeavesAFileAloneUnlessForced) {
  const fs::path file = folder_ / "rows.csv";
  std::ofstream(file) << "mine";
  EXPECT_EQ(run_words({"export", "", "-o", file, kLog}).status, 2);
  EXPECT_EQ(content_of(file), "mine");
  EXPECT_EQ(run_words({"export", "", "--force", "-o", file, kLog}).status, 0);
  EXPECT_EQ(content_of(file).substr(0, 5), "time,");
}

TEST_F(Files, ExportThatFindsNothingMakesNoFile) {
  const fs::path file = folder_ / "rows.csv";
  EXPECT_EQ(run_words({"export", "to:nobody@example.net", "-o", file, kLog}).status, 1);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(Files, ExportDoesNotOverwriteALogByAnotherName) {
  const fs::path log = folder_ / "mail.log", other = folder_ / "other";
  fs::copy_file(kLog, log);
  fs::create_hard_link(log, other);
  EXPECT_EQ(run_words({"export", "", "--force", "-o", other, log}).status, 2);
  EXPECT_EQ(content_of(log), content_of(kLog));
}

TEST_F(Files, ManyRowsComeUnsortedAndThisIsSaid) {
  const fs::path log = folder_ / "mail.log";
  {
    std::ofstream lines(log);
    for (int i = 0; i < 100'002; ++i) {
      lines << "2026-11-24T03:00:20.000000+00:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from "
               "unknown[192.0.2.1]: 554 5.7.1 <u@example.net>: Relay access denied; from=<s@example.com> "
               "to=<u@example.net> proto=ESMTP helo=<x>\n";
    }
  }
  const Outcome all = run_words({"search", "--per", "rejection", "", log});
  EXPECT_EQ(all.status, 0);
  EXPECT_EQ(std::count(all.out.begin(), all.out.end(), '\n'), 100'003) << "with the headings";
  EXPECT_NE(all.err.find("more than 100,000 rows"), std::string::npos) << all.err;
  const Outcome some = run_words({"search", "--per", "rejection", "--limit", "10", "--json", "", log});
  EXPECT_EQ(std::count(some.out.begin(), some.out.end(), '\n'), 10);
  EXPECT_NE(some.err.find("99,992 more rows"), std::string::npos) << some.err;
}

TEST(Paging, OnlyLongPagesOnATerminal) {
  TextOutput out, err;
  Streams streams{out, err};
  std::string paged;
  streams.out_is_terminal = true;
  streams.height = 30;
  streams.pager = [&](std::string_view page) {
    paged = page;
    return true;
  };
  EXPECT_EQ(run({"help", "search"}, streams), 0);
  EXPECT_EQ(out.text, "");
  EXPECT_NE(paged, "");
  paged.clear();
  EXPECT_EQ(run({"search", "--help", "--no-pager"}, streams), 0);
  EXPECT_EQ(paged, "");
  EXPECT_NE(out.text, "");
  out.text.clear();
  EXPECT_EQ(run({"explain", "550"}, streams), 0);
  EXPECT_EQ(paged, "") << "a short page needs no pager";
  streams.pager = [](std::string_view) { return false; };
  out.text.clear();
  EXPECT_EQ(run({"help", "search"}, streams), 0);
  EXPECT_NE(out.text, "") << "a pager that cannot be run shows nothing";
}

TEST(Spec, EveryCommandHasHelpAndManual) {
  for (const Command& command : commands()) {
    const std::string name(command.name);
    const Outcome help = run_words({name, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_EQ(help.out.find("mailtrail " + name + ": "), 0u);
    EXPECT_EQ(help.out, run_words({"help", name}).out);
    EXPECT_NE(run_words({"man", name}).out.find("mailtrail\\-" + name), std::string::npos);
    EXPECT_NE(find_option(command, "help"), nullptr);
  }
}

TEST(Spec, NamesAndLettersAreUniqueInEachCommand) {
  for (const Command& command : commands()) {
    for (std::size_t i = 0; i < command.options.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        EXPECT_NE(command.options[i].name, command.options[j].name) << command.name;
        if (command.options[i].letter == 0) continue;
        EXPECT_NE(command.options[i].letter, command.options[j].letter) << command.name;
      }
    }
  }
}

TEST(Demo, NeedsNothingAndLeavesNothing) {
  const Outcome demo = run_words({"demo"});
  EXPECT_EQ(demo.status, 0) << demo.err;
  EXPECT_EQ(demo.err, "");
  for (const char* text : {"$ mailtrail report", "$ mailtrail trace", "mailtrail report /var/log/mail.log*"}) {
    EXPECT_NE(demo.out.find(text), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace mailtrail::cli
