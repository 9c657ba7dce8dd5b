// Runs the goldens of dialects that a file describes, tests/golden/described/*.txt, and the examples of
// docs/dialect.md.
//
// A golden is cases parted by lines `====`. A case is a description, perhaps a line `~~~~` and log lines, a line
// `----`, and what comes of it: each mistake, or what the description holds and the event of each log line as JSON.
// MAILTRAIL_UPDATE_GOLDENS=1 writes what comes of them into the files.
//
// In docs/dialect.md each block ```toml that begins with `name` is a description that must be right.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "described/dialect_file.h"
#include "model/event_json.h"
#include "record/framing.h"

namespace mailtrail::described {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = MAILTRAIL_SOURCE_DIR;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

// The parts of `text` between lines that are `mark`.
std::vector<std::string> split_at(const std::string& text, const std::string& mark) {
  std::vector<std::string> parts(1);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line == mark) {
      parts.emplace_back();
    } else {
      parts.back() += line + '\n';
    }
  }
  return parts;
}

std::string events_of(const dialect::Dialect& dialect, const std::string& lines) {
  std::string out;
  std::istringstream stream(lines);
  std::uint64_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    Arena arena;
    std::vector<model::Event> events;
    dialect::Emitter emitter(arena, events);
    record::Record record;
    record::Framer().frame(line, arena, record);
    record.line = ++number;
    emitter.begin(record, dialect.name());
    if (!dialect.claims(record.program)) {
      out += "not claimed\n";
    } else if (!dialect.parse(record, emitter)) {
      out += "not taken\n";
    }
    for (model::Event& event : events) {
      if (event.wall) event.has_time = event.wall = false;  // it is settled later
      model::append_event_json(out, event, "log");
      out += '\n';
    }
  }
  return out;
}

std::string outcome_of(const std::string& input) {
  const std::vector<std::string> parts = split_at(input, "~~~~");
  const DialectFile file = read_dialect_file(parts[0], "acme.toml");
  std::string out;
  for (const Error& problem : file.problems) out += printable(problem.to_string()) + '\n';
  if (file.dialect == nullptr) return out;
  out += file.name + ": " + std::to_string(file.rules) + " rules, " + std::to_string(file.samples) + " samples\n";
  if (parts.size() > 1) out += events_of(*file.dialect, parts[1]);
  return out;
}

TEST(DescribedGoldens, EachCaseGivesWhatStandsBelowIt) {
  const bool update = std::getenv("MAILTRAIL_UPDATE_GOLDENS") != nullptr;
  std::size_t cases = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(kSource / "tests/golden/described")) {
    std::string renewed;
    const std::vector<std::string> all = split_at(read_file(entry.path()), "====");
    for (const std::string& one : all) {
      const std::vector<std::string> parts = split_at(one, "----");
      ASSERT_LE(parts.size(), 2u) << entry.path() << "\n" << one;
      const std::string outcome = outcome_of(parts[0]);
      if (update) {
        renewed += (renewed.empty() ? "" : "====\n") + parts[0] + "----\n" + outcome;
      } else {
        ASSERT_EQ(parts.size(), 2u) << entry.path() << "\n" << one;
        EXPECT_EQ(outcome, parts[1]) << entry.path() << "\n" << parts[0];
      }
      ++cases;
    }
    if (update) std::ofstream(entry.path(), std::ios::binary) << renewed;
  }
  EXPECT_GT(cases, 20u);
}

TEST(DescribedGoldens, ThePageShowsDescriptionsThatAreRight) {
  std::size_t shown = 0;
  std::string page = read_file(kSource / "docs/dialect.md");
  const std::string begin = "```toml\n";
  for (std::size_t at = 0; (at = page.find(begin, at)) != std::string::npos;) {
    at += begin.size();
    const std::string block = page.substr(at, page.find("```", at) - at);
    if (!block.starts_with("name")) continue;
    ++shown;
    const DialectFile file = read_dialect_file(block, "page.toml");
    for (const Error& problem : file.problems) ADD_FAILURE() << problem.to_string() << "\n" << block;
  }
  EXPECT_GE(shown, 3u);
}

}  // namespace
}  // namespace mailtrail::described
