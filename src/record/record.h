// Record: one entry of a log, before anyone has asked what it means.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace mailtrail::record {

// How `time` came about, as bits; the names are those of EVENTS.md, `time_note`.
enum TimeNote : std::uint8_t {
  kYearInferred = 1,
  kZoneAssumed = 2,
  kDstAmbiguous = 4,
  kReceived = 8,  // the time at which a collector got the line, not the time that the line states
};

class Table;

// What the framing of a line says. The texts point into the block that was framed, or into the arena that was given for
// it, and live as long as these. Absent texts are empty.
struct Record {
  // UTC when `wall` is false. When `wall` is true: the time on the wall, read as UTC; where the line states no year
  // (`yearless`), with the year kYearlessYear. The pipeline settles both (record/wall_clock.h).
  Micros time = 0;
  std::int16_t offset_minutes = 0;  // as the line states it; 0 while `wall`
  std::uint8_t notes = 0;           // TimeNote bits
  bool has_time = false;
  bool wall = false;
  bool yearless = false;
  std::int32_t pid = -1;     // -1: not stated
  std::uint32_t repeat = 1;  // how often it happened: `message repeated N times: [ ... ]` gives N
  std::string_view host;
  std::string_view program;      // the tag without pid and colon, `postfix/smtp`
  std::string_view text;         // after the tag
  std::string_view raw;          // the whole line without its line end
  std::uint64_t line = 0;        // 1-based number of its first line in the source
  std::uint64_t position = 0;    // byte offset of its first byte in the source (after decompression)
  std::uint32_t source = 0;      // index of the source
  const Table* table = nullptr;  // the head of the log, where its lines are rows; lives as long as its source
};

// Leap year that stands for "no year stated", so that 29 February is a date.
inline constexpr int kYearlessYear = 1972;

}  // namespace mailtrail::record
