// Runs the goldens of every dialect: tests/golden/dialect/NAME/*.txt.
//
// A golden has `#` comment lines at its top, then log lines as they stand in a log, then a line `----`, then the
// expected events as JSON, one a line. What an event has beside its kind, queue id, instance and the fields of its kind
// (time, host, program, pid, ...) is compared only where the expected line states it. Yearless times are read as of
// 2026, in UTC.
#include "dialect/dialect.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "model/event_json.h"
#include "record/framing.h"
#include "record/table.h"
#include "record/wall_clock.h"

namespace mailtrail {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = MAILTRAIL_SOURCE_DIR;
const fs::path kGoldens = kSource / "tests/golden/dialect";

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const fs::path& folder : sorted_entries(kGoldens)) {
    if (!fs::is_directory(folder)) continue;
    for (const fs::path& file : sorted_entries(folder)) {
      if (file.extension() == ".txt") files.push_back(file);
    }
  }
  return files;
}

std::vector<fs::path> dialect_sources() {
  std::vector<fs::path> files;
  for (const fs::path& file : sorted_entries(kSource / "src/dialect")) {
    if (file.extension() == ".cc" && file.stem() != "dialect") files.push_back(file);
  }
  return files;
}

struct Golden {
  std::string input;
  std::vector<std::string> expected;
  bool complete = false;  // has the line that divides the two
};

Golden read_golden(const fs::path& path) {
  Golden golden;
  std::istringstream lines(read_file(path));
  bool at_top = true;
  for (std::string line; std::getline(lines, line);) {
    if (at_top && (line.starts_with("# ") || line == "#")) continue;
    at_top = false;
    if (!golden.complete && line == "----") {
      golden.complete = true;
    } else if (!golden.complete) {
      golden.input += line + '\n';
    } else if (!line.empty()) {
      golden.expected.push_back(line);
    }
  }
  return golden;
}

// The fields of one JSON object, each value in one spelling.
using Fields = std::map<std::string, std::string>;

std::string spelled(const simdjson::dom::element& value) {
  if (value.is_object()) {
    Fields fields;
    for (const auto& [key, inner] : simdjson::dom::object(value)) fields[std::string(key)] = spelled(inner);
    std::string text = "{";
    for (const auto& [key, inner] : fields) text += key + ":" + inner + ",";
    return text + "}";
  }
  if (value.is_number()) return simdjson::minify(simdjson::dom::element(value)) + "#";
  return simdjson::minify(value);
}

// Numbers that are equal are spelled alike.
std::string number_free(std::string text) {
  if (!text.ends_with('#')) return text;
  return std::to_string(std::stod(text));
}

bool read_fields(const std::string& line, Fields& fields) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(line).get(object) != simdjson::SUCCESS) return false;
  for (const auto& [key, value] : object) fields[std::string(key)] = number_free(spelled(value));
  return true;
}

bool is_beside(const std::string& key) {
  static const std::set<std::string> kBeside = {"time",    "time_note", "host",   "program",
                                                "dialect", "pid",       "source", "line"};
  return kBeside.count(key) != 0;
}

// Empty where they agree.
std::string difference(const std::string& expected_line, const std::string& actual_line) {
  Fields expected, actual;
  if (!read_fields(expected_line, expected)) return "the expected line is not a JSON object: " + expected_line;
  if (!read_fields(actual_line, actual)) return "the event is not a JSON object: " + actual_line;
  std::erase_if(actual, [&](const auto& field) { return is_beside(field.first) && expected.count(field.first) == 0; });
  std::string text;
  for (const auto& [key, value] : expected) {
    if (actual.count(key) == 0) {
      text += "\n  missing  " + key + " " + value;
    } else if (actual[key] != value) {
      text += "\n  " + key + " is " + actual[key] + " instead of " + value;
    }
  }
  for (const auto& [key, value] : actual) {
    if (expected.count(key) == 0) text += "\n  too much " + key + " " + value;
  }
  return text;
}

// Frames and parses lines, and keeps what it saw.
class Reader {
 public:
  struct Seen {
    std::string json;
    std::string dialect;
    std::string program;
    model::Kind kind;
  };

  std::vector<Seen> read(const std::string& input) {
    std::vector<Seen> all;
    table_ = record::find_table(input);
    framer_.set_table(table_.get());
    std::size_t at = 0;
    std::uint64_t number = 1;
    while (at < input.size()) {
      const record::Unit unit = record::next_unit(input, at);
      record::Record record;
      framer_.frame(unit.bytes, arena_, record);
      record.line = number;
      record.position = at;
      at += unit.size;
      number += unit.lines;
      std::vector<model::Event> events;
      dialect::Emitter emitter(arena_, events);
      parser_.parse(record, emitter);
      for (model::Event& event : events) all.push_back(seen(event, record));
    }
    return all;
  }

 private:
  Seen seen(model::Event& event, const record::Record& record) {
    if (event.has_time) {
      const auto settled =
          clock_.settle(event.time, event.offset_minutes, event.time_notes, event.wall, event.yearless);
      event.time = settled.time;
      event.offset_minutes = settled.offset_minutes;
      event.time_notes = settled.notes;
      event.wall = false;
    }
    Seen result{{}, std::string(event.dialect), std::string(record.program), event.kind};
    model::append_event_json(result.json, event, "golden");
    return result;
  }

  std::shared_ptr<const record::Table> table_;
  record::Framer framer_;
  record::WallClock clock_{TimeZone(), 2026};
  dialect::Parser parser_;
  Arena arena_;
};

class DialectGolden : public testing::TestWithParam<fs::path> {};

TEST_P(DialectGolden, GivesTheExpectedEvents) {
  const Golden golden = read_golden(GetParam());
  ASSERT_TRUE(golden.complete) << "no line `----`";
  ASSERT_FALSE(golden.input.empty()) << "no log line";
  const std::string name = GetParam().parent_path().filename().string();
  const auto events = Reader().read(golden.input);
  for (std::size_t i = 0; i < std::max(events.size(), golden.expected.size()); ++i) {
    if (i >= golden.expected.size()) {
      ADD_FAILURE() << "event " << i + 1 << " was not expected: " << events[i].json;
    } else if (i >= events.size()) {
      ADD_FAILURE() << "event " << i + 1 << " did not come: " << golden.expected[i];
    } else {
      const std::string text = difference(golden.expected[i], events[i].json);
      EXPECT_TRUE(text.empty()) << "event " << i + 1 << ":" << text << "\n  expected " << golden.expected[i]
                                << "\n  actual   " << events[i].json;
      if (events[i].kind != model::Kind::kUnparsed) {
        EXPECT_EQ(events[i].dialect, name) << events[i].json;
      }
    }
  }
}

std::string test_name(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.parent_path().filename().string() + "_" + info.param.stem().string();
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Files, DialectGolden, testing::ValuesIn(golden_files()), test_name);

TEST(Dialects, HaveGoldensAndGoldensHaveADialect) {
  std::set<std::string> dialects, folders, sources;
  for (const dialect::Dialect* dialect : dialect::all_dialects()) dialects.insert(std::string(dialect->name()));
  for (const fs::path& file : golden_files()) folders.insert(file.parent_path().filename().string());
  for (const fs::path& file : dialect_sources()) sources.insert(file.stem().string());
  EXPECT_EQ(dialects, sources) << "src/dialect/NAME.cc defines the dialect NAME";
  EXPECT_EQ(dialects, folders)
      << "each dialect has a folder tests/golden/dialect/NAME with goldens, and no folder is without";
}

TEST(Dialects, NoTwoClaimOneTag) {
  std::set<std::string> programs;
  for (const fs::path& file : golden_files()) {
    for (const auto& event : Reader().read(read_golden(file).input)) programs.insert(event.program);
  }
  for (const std::string& program : programs) {
    std::string claimants;
    int count = 0;
    for (const dialect::Dialect* dialect : dialect::all_dialects()) {
      if (!dialect->claims(program)) continue;
      claimants += " " + std::string(dialect->name());
      ++count;
    }
    EXPECT_LE(count, 1) << "the tag `" << program << "` is claimed by" << claimants;
  }
}

// The comment at the head of a dialect's source, in its sections.
std::map<std::string, std::vector<std::string>> header_sections(const fs::path& path) {
  std::map<std::string, std::vector<std::string>> sections;
  std::istringstream lines(read_file(path));
  std::string section;
  for (std::string line; std::getline(lines, line) && line.starts_with("//");) {
    if (line.starts_with("// ") && line.size() > 3 && line[3] != ' ') {
      section = line.substr(3);
      sections[section];
    } else if (line.starts_with("//   ") && !section.empty()) {
      sections[section].push_back(line.substr(5));
    }
  }
  return sections;
}

TEST(Dialects, HeaderCommentsAreWholeAndTheirSamplesParse) {
  for (const fs::path& file : dialect_sources()) {
    SCOPED_TRACE(file.filename().string());
    auto sections = header_sections(file);
    for (const char* name : {"NAME", "SUMMARY", "SOURCES", "SAMPLES", "KNOWN GAPS"}) {
      EXPECT_FALSE(sections[name].empty()) << "section " << name << " is missing or empty";
    }
    // Of a table the head stands first: its rows mean nothing without it.
    std::string all;
    for (const std::string& sample : sections["SAMPLES"]) all += sample + "\n";
    for (const auto& event : Reader().read(all)) {
      EXPECT_NE(event.kind, model::Kind::kUnparsed) << event.json;
      EXPECT_EQ(event.dialect, file.stem().string()) << event.json;
    }
  }
}

}  // namespace
}  // namespace mailtrail
