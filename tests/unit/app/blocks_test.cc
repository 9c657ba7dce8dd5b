// Sources cut into blocks: every line comes once, whole, at its place, whatever the bytes are.
#include <gtest/gtest.h>

#include "app/block_stream.h"
#include "app/pipeline.h"
#include "log_files.h"
#include "record/framing.h"

namespace mailtrail::app {
namespace {

// Where the events of a source stand, and what was counted.
struct Lines : EventSink {
  void on_event(const model::Event& event) override {
    const bool same = !at.empty() && at.back().position == event.at.position;
    if (!same) at.push_back(event.at);
  }
  std::vector<model::LineRef> at;
  PipelineStats stats;
};

Lines read(const std::string& path, std::size_t block_size, unsigned threads = 2) {
  Lines lines;
  Inputs inputs = Inputs::open({path}, TimeZone(), false);
  EXPECT_TRUE(inputs.problems().empty());
  PipelineOptions options;
  options.block_size = block_size;
  options.threads = threads;
  lines.stats = run_pipeline(inputs, options, lines);
  EXPECT_TRUE(inputs.problems().empty());
  return lines;
}

constexpr std::size_t kSizes[] = {1, 2, 3, 7, 16, 64, 100, 4096, 256 * 1024};

// Each line of `text` is one event, at its place and in order; plain and packed, in blocks of all sizes.
void expect_each_line(const std::string& text) {
  const LogFiles files;
  const std::vector<std::string_view> lines = lines_of(text);
  const std::string plain = files.write("plain", text);
  const std::string gzip = files.write("gzip", packed(text, archive_write_add_filter_gzip));
  for (const std::string& path : {plain, gzip}) {
    for (const std::size_t size : kSizes) {
      SCOPED_TRACE(path + " in blocks of " + std::to_string(size));
      const Lines got = read(path, size);
      std::vector<std::pair<std::size_t, std::size_t>> wanted;  // position, number
      std::size_t empty = 0;
      for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view line = lines[i].substr(0, lines[i].find_last_not_of("\r\n") + 1);
        if (line.empty()) {
          ++empty;
        } else {
          wanted.emplace_back(lines[i].data() - text.data(), i + 1);
        }
      }
      ASSERT_EQ(got.at.size(), wanted.size());
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        EXPECT_EQ(got.at[i].position, wanted[i].first);
        EXPECT_EQ(got.at[i].line, wanted[i].second);
        EXPECT_EQ(got.at[i].length, lines[wanted[i].second - 1].find_last_not_of("\r\n") + 1);
      }
      EXPECT_EQ(got.stats.lines.lines, lines.size());
      EXPECT_EQ(got.stats.lines.empty, empty);
      EXPECT_EQ(got.stats.lines.bytes, text.size());
      if (::testing::Test::HasFailure()) return;
    }
  }
}

std::string line(int number, std::size_t size) {
  std::string text = "Nov 24 03:00:20 mx1 postfix/qmgr[1]: A" + std::to_string(100'000 + number) + ": removed";
  if (text.size() < size) text.append(size - text.size(), 'x');
  return text;
}

TEST(Blocks, EveryLineEndsAtABlockEnd) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += line(i, 63) + "\n";
  ASSERT_EQ(text.size() % 64, 0u);
  expect_each_line(text);
}

TEST(Blocks, LinesOfAllLengths) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += line(i, 50 + static_cast<std::size_t>(i * 7 % 90)) + "\n";
  expect_each_line(text);
}

// Where more is read of a line than there is left of the source, it is still whole.
TEST(Blocks, ALongLineNearTheEnd) {
  expect_each_line(line(1, 60) + "\n" + line(2, 20'000) + "\n" + line(3, 60) + "\n");
  expect_each_line(line(1, 60) + "\n" + line(2, 20'000));
}

TEST(Blocks, NoFinalLineEnd) {
  expect_each_line(line(1, 60) + "\n" + line(2, 60));
  expect_each_line(line(1, 60));
}

TEST(Blocks, CarriageReturns) {
  expect_each_line(line(1, 60) + "\r\n" + line(2, 61) + "\r\n\r\n" + line(3, 62) + "\r\n");
}

TEST(Blocks, BlankLinesAreCountedAndNoEvents) {
  expect_each_line("\n\n" + line(1, 60) + "\n\n\n" + line(2, 60) + "\n\n");
}

TEST(Blocks, NulBytes) {
  std::string text;
  for (int i = 0; i < 80; ++i) text += line(i, 60) + "\n";
  text[70] = '\0';
  text[130] = '\0';
  text.replace(183, 60, std::string(60, '\0'));  // a whole line of them, as a crash leaves
  expect_each_line(text);
}

TEST(Blocks, AnEmptyFileHasNothing) {
  const LogFiles files;
  const Lines got = read(files.write("empty", ""), 7);
  EXPECT_TRUE(got.at.empty());
  EXPECT_EQ(got.stats.lines.lines, 0u);
  EXPECT_FALSE(got.stats.first_time);
}

TEST(Blocks, OnlyALineEnd) {
  const LogFiles files;
  const Lines got = read(files.write("one", "\n"), 1);
  EXPECT_TRUE(got.at.empty());
  EXPECT_EQ(got.stats.lines.lines, 1u);
}

// A line of 100 MB is one line: cut, counted as such, and what stands behind it is read.
TEST(Blocks, AVeryLongLine) {
  constexpr std::size_t kLong = 100'000'000;
  std::string text = line(1, 60) + "\n" + line(2, 60) + "\n";
  const std::size_t behind = text.size() + kLong + 1;
  text.append(kLong, 'y');
  text += "\n" + line(3, 60) + "\n";
  const LogFiles files;
  const std::string plain = files.write("plain", text);
  const std::string gzip = files.write("gzip", packed(text, archive_write_add_filter_gzip));
  text = {};
  struct {
    std::string path;
    std::size_t block_size;
  } const cases[] = {{plain, 256 * 1024}, {plain, 1'000'000}, {plain, 10'000}, {gzip, 256 * 1024}, {gzip, 10'000}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.path + " in blocks of " + std::to_string(one.block_size));
    const Lines got = read(one.path, one.block_size);
    ASSERT_EQ(got.at.size(), 4u);
    EXPECT_EQ(got.stats.lines.overlong, 1u);
    EXPECT_EQ(got.stats.lines.lines, 4u);
    EXPECT_EQ(got.at[3].line, 4u);
    EXPECT_EQ(got.at[3].position, behind);
  }
}

TEST(Blocks, AsLongAsIsKept) {
  for (const std::size_t size : {record::kMaxLine - 1, record::kMaxLine, record::kMaxLine + 1, record::kMaxLine + 2}) {
    SCOPED_TRACE(size);
    const std::string text = line(1, 60) + "\n" + line(2, size) + "\n" + line(3, 60) + "\n";
    const LogFiles files;
    for (const std::string& path :
         {files.write("plain", text), files.write("gzip", packed(text, archive_write_add_filter_gzip))}) {
      for (const std::size_t block : {std::size_t{1000}, record::kMaxLine, std::size_t{1'000'000}}) {
        const Lines got = read(path, block);
        ASSERT_EQ(got.at.size(), 3u) << path << " in blocks of " << block;
        EXPECT_EQ(got.at[2].position, 61 + size + 1);
        EXPECT_EQ(got.at[2].line, 3u);
        EXPECT_EQ(got.stats.lines.overlong, size > record::kMaxLine ? 1u : 0u) << path << " in blocks of " << block;
      }
    }
  }
}

}  // namespace
}  // namespace mailtrail::app
