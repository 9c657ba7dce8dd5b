// Runs the goldens of the framings: tests/golden/record/*.txt, each a test of its own.
//
// A golden has `#` comment lines at its top, then the bytes of a log, then a line `----`, then the expected records as
// JSON, one a line; all of a record is compared. In the bytes, `\xNN` stands for one byte. Times are settled as of the
// year and the zone of a comment line `# options year=2026 zone=Europe/Berlin`; without one, 2026 and UTC.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"
#include "record/framing.h"
#include "record/wall_clock.h"

namespace mailtrail::record {
namespace {

namespace fs = std::filesystem;

struct Golden {
  std::string input;
  std::vector<std::string> expected;
  bool complete = false;  // has the line that divides the two
  int year = 2026;
  TimeZone zone;
};

int hex_value(char c) {
  return is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10;
}

std::string unescaped(std::string_view line) {
  std::string bytes;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line.substr(i, 2) == "\\x" && i + 3 < line.size() && is_hex_digit(line[i + 2]) && is_hex_digit(line[i + 3])) {
      bytes += static_cast<char>(hex_value(line[i + 2]) * 16 + hex_value(line[i + 3]));
      i += 3;
    } else {
      bytes += line[i];
    }
  }
  return bytes;
}

void read_options(std::string_view line, Golden& golden) {
  if (!consume(line, "# options ")) return;
  while (!line.empty()) {
    std::string_view value = take_until(line, ' ');
    const std::string_view name = take_until(value, '=');
    if (name == "year") {
      golden.year = to_number<int>(value).value();
    } else if (name == "zone") {
      golden.zone = TimeZone::load(std::string(value)).value();
    } else {
      ADD_FAILURE() << "unknown option " << name;
    }
  }
}

Golden read_golden(const fs::path& path) {
  Golden golden;
  std::ifstream file(path, std::ios::binary);
  bool at_top = true;
  for (std::string line; std::getline(file, line);) {
    if (at_top && line.starts_with('#')) {
      read_options(line, golden);
      continue;
    }
    at_top = false;
    if (!golden.complete && line == "----") {
      golden.complete = true;
    } else if (!golden.complete) {
      golden.input += unescaped(line) + '\n';
    } else if (!line.empty()) {
      golden.expected.push_back(line);
    }
  }
  return golden;
}

std::string to_json(const Record& record, WallClock& clock) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  if (record.has_time) {
    const WallClock::Settled settled =
        clock.settle(record.time, record.offset_minutes, record.notes, record.wall, record.yearless);
    json.field("time", format_rfc3339(settled.time, settled.offset_minutes));
    std::vector<std::string_view> notes;
    if (settled.notes & kYearInferred) notes.push_back("year_inferred");
    if (settled.notes & kZoneAssumed) notes.push_back("zone_assumed");
    if (settled.notes & kDstAmbiguous) notes.push_back("dst_ambiguous");
    if (settled.notes & kReceived) notes.push_back("received");
    json.field("time_note", std::span<const std::string_view>(notes));
  }
  json.field("host", record.host);
  json.field("program", record.program);
  if (record.pid >= 0) json.field("pid", std::optional<int>(record.pid));
  json.key("text");
  // Bytes that are no UTF-8 are told apart here, though not in the JSON that users get.
  json.value(is_utf8(record.text) ? std::string(record.text) : "not UTF-8: " + printable(record.text));
  if (record.repeat != 1) json.field("repeat", std::optional<int>(static_cast<int>(record.repeat)));
  json.end_object();
  return text;
}

std::vector<std::string> frame_all(const Golden& golden) {
  std::vector<std::string> records;
  WallClock clock(golden.zone, golden.year);
  Framer framer;
  Arena arena;
  Record record;
  for (std::size_t at = 0; at < golden.input.size();) {
    const Unit unit = next_unit(golden.input, at);
    framer.frame(unit.bytes, arena, record);
    records.push_back(to_json(record, clock));
    at += unit.size;
  }
  return records;
}

class RecordGolden : public ::testing::Test {
 public:
  explicit RecordGolden(fs::path path) : path_(std::move(path)) {}

  void TestBody() override {
    const Golden golden = read_golden(path_);
    ASSERT_TRUE(golden.complete) << "no line ---- in " << path_;
    ASSERT_FALSE(golden.expected.empty()) << path_;
    const std::vector<std::string> actual = frame_all(golden);
    const std::size_t common = std::min(actual.size(), golden.expected.size());
    for (std::size_t i = 0; i < common; ++i) EXPECT_EQ(actual[i], golden.expected[i]) << "record " << i + 1;
    for (std::size_t i = common; i < actual.size(); ++i) ADD_FAILURE() << "not expected: " << actual[i];
    for (std::size_t i = common; i < golden.expected.size(); ++i) ADD_FAILURE() << "missing: " << golden.expected[i];
  }

 private:
  fs::path path_;
};

// True when there was a file to make a test of.
bool register_goldens() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(MAILTRAIL_SOURCE_DIR) / "tests/golden/record")) {
    if (entry.path().extension() == ".txt") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    ::testing::RegisterTest("RecordGolden", path.stem().c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [path]() -> ::testing::Test* { return new RecordGolden(path); });
  }
  return !paths.empty();
}

const bool kHasGoldens = register_goldens();

TEST(RecordGoldens, AreFound) {
  EXPECT_TRUE(kHasGoldens);
}

}  // namespace
}  // namespace mailtrail::record
