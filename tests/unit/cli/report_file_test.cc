// Runs the goldens of the reports that are files, tests/golden/report_file/NAME.txt, each for
// src/query/reports/NAME.report: `#` comment lines at the top, log lines, `----`, the page at 100 columns, `----`, the
// JSON (broken before each column and row). Where the environment sets MAILTRAIL_UPDATE_GOLDENS, the goldens are
// written anew.
#include "query/report_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/run.h"
#include "sys/temporary_file.h"

namespace mailtrail::cli {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(MAILTRAIL_SOURCE_DIR) / "tests/golden/report_file";

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

struct Golden {
  std::string comments, log, page, json;
};

Golden parse(const std::string& text) {
  Golden golden;
  std::istringstream lines(text);
  std::string* part = &golden.log;
  for (std::string line; std::getline(lines, line);) {
    if (part == &golden.log && golden.log.empty() && line.starts_with('#')) {
      golden.comments += line + '\n';
    } else if (line == "----" && part != &golden.json) {
      part = part == &golden.log ? &golden.page : &golden.json;
    } else {
      *part += line + '\n';
    }
  }
  return golden;
}

// A line for each object of an array.
std::string broken(const std::string& json) {
  std::string out;
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (quoted) {
      out += c;
      if (c == '\\') out += json[++at];
      quoted = c != '"';
      continue;
    }
    if (c == '{' && depth == 2) out += '\n';
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    out += c;
    quoted = c == '"';
  }
  return out;
}

std::string run_report(std::vector<std::string> words, int expected_status) {
  TextOutput out, err;
  Streams streams{out, err};
  streams.width = 100;
  words.insert(words.begin(), "report");
  EXPECT_EQ(run(words, streams), expected_status) << err.text;
  EXPECT_EQ(err.text, "");
  return out.text;
}

std::vector<std::string> names_of_reports() {
  std::vector<std::string> names;
  for (const query::ShippedReport& report : query::shipped_reports()) names.emplace_back(report.name);
  return names;
}

class ReportGolden : public testing::TestWithParam<std::string> {};

TEST_P(ReportGolden, IsWhatTheReportShows) {
  const fs::path path = kFolder / (GetParam() + ".txt");
  Golden golden = parse(read_file(path));
  ASSERT_FALSE(golden.log.empty());
  const Result<sys::TemporaryFile> log = sys::TemporaryFile::create(golden.log);
  ASSERT_TRUE(log.ok()) << log.error().to_string();
  // Of lines without a year the date of the file tells it.
  const timespec changed{1'796'083'200, 0};  // 2026-12-01
  const timespec times[2] = {changed, changed};
  ASSERT_EQ(::utimensat(AT_FDCWD, log->path().c_str(), times, 0), 0);
  const std::vector<std::string> words = {"--name", GetParam(), "--timezone", "UTC", log->path()};
  const std::string page = run_report(words, 0);
  std::vector<std::string> json_words = words;
  json_words.emplace_back("--json");
  const std::string json = broken(run_report(json_words, 0));
  EXPECT_EQ(golden.page, page);
  EXPECT_EQ(golden.json, json);
  if (std::getenv("MAILTRAIL_UPDATE_GOLDENS") != nullptr) {
    std::ofstream(path, std::ios::binary) << golden.comments << golden.log << "----\n" << page << "----\n" << json;
  }
}

TEST_P(ReportGolden, SaysThatThereIsNothing) {
  const std::string page =
      run_report({"--name", GetParam(), MAILTRAIL_SOURCE_DIR "/tests/golden/cli/logs/empty.log"}, 1);
  EXPECT_NE(page.find("There is no line to tell of."), std::string::npos) << page;
}

TEST_P(ReportGolden, IsUnderstoodAndHasANormalForm) {
  const query::ShippedReport* report = query::find_shipped_report(GetParam());
  ASSERT_NE(report, nullptr);
  const Result<query::ReportFile> file = query::parse_report_file(report->text, GetParam());
  ASSERT_TRUE(file.ok()) << file.error().to_string();
  const Result<query::ReportFile> again = query::parse_report_file(query::to_text(*file), GetParam());
  ASSERT_TRUE(again.ok()) << again.error().to_string() << '\n' << query::to_text(*file);
  EXPECT_TRUE(*again == *file);
}

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

INSTANTIATE_TEST_SUITE_P(Shipped, ReportGolden, testing::ValuesIn(names_of_reports()), name_of);

TEST(ReportGoldens, StandForOneReportEach) {
  std::vector<std::string> goldens;
  for (const auto& entry : fs::directory_iterator(kFolder)) goldens.push_back(entry.path().stem().string());
  std::sort(goldens.begin(), goldens.end());
  EXPECT_EQ(goldens, names_of_reports());
}

}  // namespace
}  // namespace mailtrail::cli
