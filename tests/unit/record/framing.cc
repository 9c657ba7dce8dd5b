#include "record/framing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mailtrail::record {
namespace {

using namespace std::string_view_literals;

TEST(NextUnit, TakesLinesWithTheirEnds) {
  const std::string_view block = "one\r\n\ntwo";
  Unit unit = next_unit(block, 0);
  EXPECT_EQ(unit.bytes, "one");
  EXPECT_EQ(unit.size, 5u);
  EXPECT_EQ(unit.lines, 1u);
  EXPECT_TRUE(unit.whole);
  unit = next_unit(block, 5);
  EXPECT_EQ(unit.bytes, "");
  EXPECT_EQ(unit.size, 1u);
  unit = next_unit(block, 6);
  EXPECT_EQ(unit.bytes, "two");
  EXPECT_EQ(unit.size, 3u);
  EXPECT_EQ(unit.lines, 0u);
  EXPECT_FALSE(unit.whole);
}

TEST(NextUnit, TakesAJournalEntryWithItsBinaryFields) {
  const std::string_view block =
      "__CURSOR=a\nMESSAGE\n\x04\0\0\0\0\0\0\0\n\n\n\n\n_PID=7\n\nNov 24 03:00:15 mx1 a: b\n"sv;
  const Unit unit = next_unit(block, 0);
  EXPECT_TRUE(unit.whole);
  EXPECT_EQ(block.substr(unit.size), "Nov 24 03:00:15 mx1 a: b\n");
  EXPECT_EQ(unit.lines, 9u);
  // Wherever the block is cut, the entry is not whole.
  for (std::size_t size = 9; size < unit.size; ++size) {
    const Unit part = next_unit(block.substr(0, size), 0);
    EXPECT_FALSE(part.whole) << size;
    EXPECT_EQ(part.size, size);
  }
}

TEST(NextUnit, AnEntryThatNeverEndsIsBounded) {
  std::string block = "__CURSOR=a\n";
  while (block.size() < 3 * kMaxEntry) block += "FIELD=" + std::string(1000, 'x') + "\n";
  const Unit unit = next_unit(block, 0);
  EXPECT_TRUE(unit.whole);
  EXPECT_LE(unit.size, 2 * kMaxEntry);
  // One field without an end.
  const std::string line = "__CURSOR=" + std::string(3 * kMaxEntry, 'x');
  EXPECT_EQ(next_unit(line, 0).size, line.size());
}

TEST(JournalExport, IsRecognisedAlsoBehindOtherLines) {
  EXPECT_TRUE(looks_like_journal_export("__CURSOR=s=1\n__REALTIME_TIMESTAMP=1\n"));
  EXPECT_TRUE(looks_like_journal_export("-- no entries --\n__REALTIME_TIMESTAMP=1\n"));
  EXPECT_FALSE(looks_like_journal_export("Nov 24 03:00:15 mx1 a: __CURSOR=x\n"));
  EXPECT_FALSE(looks_like_journal_export(""));
}

TEST(Framer, DoesNotDependOnTheUnitsBefore) {
  const std::vector<std::string> units = {
      "Nov 24 03:00:15 mx1 postfix/smtp[1]: a",
      "Nov 24 03:00:99 mx1 postfix/smtp[1]: a",
      "Nov 24 03:00:15.5 mx1 a: b",
      "Nov 25 03:00:15 mx1 a: b",
      "2026-11-24T03:00:15Z mx1 a: b",
      "2026-11-24T03:00:15+01:00 mx1 a: b",
      "2026-11-24T03:00x15Z mx1 a: b",
      "{\"MESSAGE\":\"x\",\"__REALTIME_TIMESTAMP\":\"5\"}",
      "__CURSOR=x\nMESSAGE=y",
      "<22>1 - - - - - - x",
      "",
  };
  Framer used;
  Arena arena;
  for (const std::string& before : units) {
    for (const std::string& unit : units) {
      Record record, alone;
      used.frame(before, arena, record);
      used.frame(unit, arena, record);
      Framer fresh;
      fresh.frame(unit, arena, alone);
      EXPECT_EQ(record.time, alone.time) << before << " | " << unit;
      EXPECT_EQ(record.has_time, alone.has_time);
      EXPECT_EQ(record.wall, alone.wall);
      EXPECT_EQ(record.yearless, alone.yearless);
      EXPECT_EQ(record.offset_minutes, alone.offset_minutes);
      EXPECT_EQ(record.notes, alone.notes);
      EXPECT_EQ(record.pid, alone.pid);
      EXPECT_EQ(record.repeat, alone.repeat);
      EXPECT_EQ(record.host, alone.host);
      EXPECT_EQ(record.program, alone.program);
      EXPECT_EQ(record.text, alone.text);
    }
  }
}

// What the memory of stamps holds before the first one must be no stamp that is none.
TEST(Framer, NoBytesAreAStampBecauseNothingCameBefore) {
  Framer framer;
  Arena arena;
  Record record;
  framer.frame("<22>1 " + std::string(16, '\0') + ":15Z mx1 a - - - b", arena, record);
  EXPECT_FALSE(record.has_time);
  framer.frame("<22>" + std::string(12, '\0') + ":15 mx1 a: b", arena, record);
  EXPECT_FALSE(record.has_time);
  framer.frame("1970-01-01T00:00:15Z mx1 a: b", arena, record);
  EXPECT_EQ(record.time, 15 * kSecond);
  framer.frame("Jan  1 00:00:15 mx1 a: b", arena, record);
  EXPECT_EQ(record.time, micros_from_civil({kYearlessYear, 1, 1, 0, 0, 15, 0}));
}

TEST(Framer, ResetsWhatTheLastRecordHad) {
  Framer framer;
  Arena arena;
  Record record;
  framer.frame("Nov 24 03:00:15 mx1 postfix/smtpd[7]: message repeated 3 times: [ x]", arena, record);
  EXPECT_EQ(record.repeat, 3u);
  framer.frame("of no shape", arena, record);
  EXPECT_FALSE(record.has_time || record.wall || record.yearless);
  EXPECT_EQ(record.repeat, 1u);
  EXPECT_EQ(record.pid, -1);
  EXPECT_TRUE(record.host.empty() && record.program.empty());
  EXPECT_EQ(record.text, "of no shape");
  EXPECT_EQ(record.raw, "of no shape");
}

TEST(Framer, TextsOfAPlainLineAreNotCopied) {
  const std::string line = "Nov 24 03:00:15 mx1 postfix/smtp[1]: to=<a@example.com>, a # and no escape";
  Framer framer;
  Arena arena;
  Record record;
  framer.frame(line, arena, record);
  for (const std::string_view text : {record.host, record.program, record.text}) {
    EXPECT_TRUE(text.data() >= line.data() && text.data() + text.size() <= line.data() + line.size()) << text;
  }
}

TEST(Framer, OfALongLineLooksAtTheFirstBytes) {
  const std::string head = "Nov 24 03:00:15 mx1 postfix/smtp[1]: ";
  const std::string line = head + std::string(4 * kMaxLine, '#');
  Framer framer;
  Arena arena;
  Record record;
  framer.frame(line, arena, record);
  EXPECT_EQ(record.program, "postfix/smtp");
  EXPECT_EQ(record.text.size(), kMaxLine - head.size());
  EXPECT_EQ(record.raw.size(), line.size());
  const std::string json = "{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":\"" + std::string(kMaxLine, 'x') + "\"}";
  framer.frame(json, arena, record);
  EXPECT_FALSE(record.has_time);
  EXPECT_EQ(record.text.size(), kMaxLine);
}

}  // namespace
}  // namespace mailtrail::record
