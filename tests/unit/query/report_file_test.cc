// Runs the goldens of the format of report files, tests/golden/report_file_syntax/*.txt: `#` comment lines at the top,
// then cases parted by lines `====`; a case is a file, a line `----`, and its normal form or the mistake. Where the
// environment sets MAILTRAIL_UPDATE_GOLDENS, the goldens are written anew.
#include "query/report_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "query/report_file_lines.h"

namespace mailtrail::query {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(MAILTRAIL_SOURCE_DIR) / "tests/golden/report_file_syntax";

struct Case {
  std::string input, expected;
};

class Syntax : public testing::TestWithParam<fs::path> {};

TEST_P(Syntax, IsUnderstoodAsTheGoldenSays) {
  std::ifstream file(GetParam(), std::ios::binary);
  std::string comments;
  std::vector<Case> cases(1);
  bool top = true, answer = false;
  for (std::string line; std::getline(file, line);) {
    if (top && line.starts_with('#')) {
      comments += line + '\n';
      continue;
    }
    top = false;
    if (line == "====") {
      cases.emplace_back();
      answer = false;
    } else if (line == "----") {
      answer = true;
    } else {
      (answer ? cases.back().expected : cases.back().input) += line + '\n';
    }
  }
  std::string fresh = comments;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Result<ReportFile> report = parse_report_file(cases[i].input, "my.report");
    const std::string said = report.ok() ? to_text(*report) : report.error().to_string() + '\n';
    EXPECT_EQ(cases[i].expected, said) << cases[i].input;
    fresh += (i == 0 ? "" : "====\n") + cases[i].input + "----\n" + said;
    if (!report.ok()) continue;
    const Result<ReportFile> again = parse_report_file(said, "again");
    ASSERT_TRUE(again.ok()) << again.error().to_string();
    EXPECT_TRUE(*again == *report);
  }
  if (std::getenv("MAILTRAIL_UPDATE_GOLDENS") != nullptr) std::ofstream(GetParam(), std::ios::binary) << fresh;
}

std::vector<fs::path> goldens() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(kFolder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string name_of(const testing::TestParamInfo<fs::path>& info) {
  return info.param.stem().string();
}

INSTANTIATE_TEST_SUITE_P(Goldens, Syntax, testing::ValuesIn(goldens()), name_of);

const std::string kLeast =
    "mailtrail report 1\ntitle: T\nsummary: S\nper: login\nkey user: user\nmeasure n: count\nnothing: None.\n";

std::string mistake(const std::string& text, std::string_view name = "my.report") {
  const Result<ReportFile> report = parse_report_file(text, name);
  return report.ok() ? "" : report.error().to_string();
}

TEST(ReportFile, TakesTheExampleOfTheManual) {
  std::ifstream file(fs::path(MAILTRAIL_SOURCE_DIR) / "docs/report.md", std::ios::binary);
  std::stringstream manual;
  manual << file.rdbuf();
  constexpr std::string_view kBegin = "```report\n";
  const std::string text = manual.str();
  const std::size_t begin = text.find(kBegin);
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = text.find("```\n", begin + kBegin.size());
  EXPECT_EQ(mistake(text.substr(begin + kBegin.size(), end - begin - kBegin.size()), "docs/report.md"), "");
}

TEST(ReportFile, TakesTheLeast) {
  const Result<ReportFile> report = parse_report_file(kLeast, "x");
  ASSERT_TRUE(report.ok()) << report.error().to_string();
  EXPECT_EQ(report->limit, 20u);
  ASSERT_EQ(report->order.size(), 1u);
  EXPECT_TRUE(report->order[0].descending);
  EXPECT_EQ(report->columns.size(), 2u);
}

TEST(ReportFile, TakesLineEndsOfOtherSystemsAndNoLineEndAtTheEnd) {
  std::string text = kLeast;
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.insert(at, "\r");
  const Result<ReportFile> report = parse_report_file(text.substr(0, text.size() - 2), "x");
  ASSERT_TRUE(report.ok()) << report.error().to_string();
  EXPECT_EQ(report->title, "T");
}

TEST(ReportFile, IsBounded) {
  EXPECT_EQ(mistake(kLeast + "note: " + std::string(5000, 'x') + '\n'),
            "my.report:8: this is too long (a value takes at most 4096 bytes)");
  std::string continued = kLeast + "note: x\n";
  for (int i = 0; i < 100; ++i) continued += ' ' + std::string(100, 'x') + '\n';
  EXPECT_EQ(mistake(continued), "my.report:49: this is too long (a value takes at most 4096 bytes)");
  EXPECT_EQ(mistake(kLeast + std::string(70'000, '\n')), "my.report:1: a report file is at most 64 KiB long");
  std::string lines = kLeast;
  for (int i = 0; i < 300; ++i) lines += "with: user\n";
  EXPECT_EQ(mistake(lines), "my.report:202: a report file has at most 200 lines that say something");
  std::string measures = kLeast;
  for (int i = 0; i < 30; ++i) measures += "measure m" + std::to_string(i) + ": count\n";
  EXPECT_EQ(mistake(measures), "my.report:31: there are more than 24 measures");
}

TEST(ReportFile, NamesAFileWithControlCharactersPrintably) {
  EXPECT_EQ(mistake("x", "a\x1b[31m.report"),
            "a\\x1b[31m.report:1: this is no report file (its first line is `mailtrail report 1`)");
}

}  // namespace
}  // namespace mailtrail::query
