#include "app/log_identity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "app/pipeline.h"
#include "base/byte_stream.h"

namespace mailtrail::app {
namespace {

std::string some_text(std::size_t size) {
  std::mt19937 random(1);
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>('a' + random() % 26);
  return text;
}

TEST(LogIdentity, IsTheSameHoweverTheBytesAreTakenIn) {
  const std::string text = some_text(3'000'000);
  LogIdentity whole;
  whole.take(0, text);
  EXPECT_GT(whole.marks_up_to(text.size()).size(), LogIdentity::kMostMarks / 2 - 1);
  EXPECT_LE(whole.marks_up_to(text.size()).size(), LogIdentity::kMostMarks);
  std::mt19937 random(2);
  for (const std::size_t most : {700u, 2'000u, 100'000u}) {
    LogIdentity cut;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % most, text.size() - at);
      cut.take(at, std::string_view(text).substr(at, size));
      at += size;
      if (random() % 100 != 0) continue;
      const Result<LogIdentity> restored = LogIdentity::restore(cut.save(), at);
      ASSERT_TRUE(restored.ok());
      cut = *restored;
    }
    EXPECT_EQ(cut.save(), whole.save()) << most;
  }
}

TEST(LogIdentity, SeesADifferenceBetweenAllOfASmallLog) {
  const std::string text = some_text(60 * 1024);
  LogIdentity known;
  known.take(0, text);
  for (std::size_t at = 0; at < text.size(); at += 777) {
    std::string other = text;
    other[at] ^= 1;
    LogIdentity seen;
    seen.take(0, other);
    EXPECT_FALSE(known.agrees(seen)) << at;
  }
}

// What was not taken in is in no mark, and the bytes before the place that was reached begin behind it.
TEST(LogIdentity, LeavesOutAHole) {
  std::string text = some_text(20'000);
  LogIdentity known;
  known.take(0, std::string_view(text).substr(0, 5'000));
  known.take(9'000, std::string_view(text).substr(9'000, 500));
  EXPECT_EQ(known.last(), text.substr(9'000, 500));
  text[7'000] ^= 1;
  LogIdentity seen;
  seen.take(0, text);
  EXPECT_TRUE(known.agrees(seen));
}

// Stores of the first version have no marks, and no line that may be repeated.
TEST(LogIdentity, ReadsWhatTheFirstVersionWrote) {
  std::string bytes;
  ByteWriter out(bytes);
  out.number(1), out.text("head"), out.text("last");
  const Result<LogIdentity> identity = LogIdentity::restore(bytes, 8);
  ASSERT_TRUE(identity.ok());
  EXPECT_TRUE(identity->may_be("head and more"));
  EXPECT_EQ(identity->last(), "last");
  EXPECT_TRUE(identity->marks_up_to(UINT64_MAX).empty());

  std::string state_bytes;
  ByteWriter state_out(state_bytes);
  for (const std::uint64_t value : {1, 10, 2, 3, 40, 5}) state_out.number(value);
  state_out.text("clock");
  for (const std::int64_t value : {6, -7, 8}) state_out.signed_number(value);
  const Result<SourceState> state = SourceState::restore(state_bytes);
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->position, 10u);
  EXPECT_EQ(state->text_end, 40u);
  EXPECT_EQ(state->order_time, 8);
  EXPECT_EQ(state->repeated, "");
}

TEST(LogIdentity, RefusesDamageAndNewerVersions) {
  LogIdentity identity;
  identity.take(0, some_text(5'000));
  const std::string bytes = identity.save();
  EXPECT_TRUE(LogIdentity::restore(bytes, 5'000).ok());
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, bytes.size() / 2, bytes.size() - 1}) {
    EXPECT_FALSE(LogIdentity::restore(std::string_view(bytes).substr(0, size), 5'000).ok()) << size;
  }
  EXPECT_FALSE(LogIdentity::restore('\3' + bytes.substr(1), 5'000).ok());
}

}  // namespace
}  // namespace mailtrail::app
