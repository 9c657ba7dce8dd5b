// Batch: a block of one source on its way from bytes to settled events.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "dialect/dialect.h"
#include "model/event.h"
#include "record/framing.h"

namespace mailtrail::app {

struct Batch;

// Which records are wanted, for roads that know beforehand. Called from several threads at once.
class RecordFilter {
 public:
  virtual ~RecordFilter() = default;
  // False: the line need not even be framed, `wants` would say no. A quick look; when in doubt, true.
  virtual bool may_want(std::string_view line, std::uint32_t source, std::uint64_t position) const = 0;
  // False: the record is skipped, and counted.
  virtual bool wants(const record::Record& record) const = 0;
  // True: nothing in the block is wanted. It is then as if it was loaded and parsed: its counts and days are set.
  // `batch` has its source, position and size.
  virtual bool skips(Batch& batch) const {
    (void)batch;
    return false;
  }
};

// What was counted while a block was read. Sums of blocks are sums of sources.
struct LineCounts {
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::uint64_t empty = 0;     // blank lines: they say nothing, and are no event
  std::uint64_t skipped = 0;   // by a filter
  std::uint64_t overlong = 0;  // cut at record::kMaxLine

  void add(const LineCounts& other) {
    lines += other.lines;
    bytes += other.bytes;
    empty += other.empty;
    skipped += other.skipped;
    overlong += other.overlong;
  }
  // `other` MUST have been added before.
  void subtract(const LineCounts& other) {
    lines -= other.lines;
    bytes -= other.bytes;
    empty -= other.empty;
    skipped -= other.skipped;
    overlong -= other.overlong;
  }
};

// The block's bytes, its events, and what they point into. Given back and used again as a whole.
struct Batch {
  std::uint32_t source = 0;
  std::uint64_t position = 0;  // of the buffer's first byte in the source
  std::uint64_t size = 0;      // of a block of a seekable source: how many bytes from `position` on are its own
  bool loaded = false;         // the bytes are there
  const record::Table* table = nullptr;  // of the source (Input::table)
  std::vector<char> buffer;
  std::string_view text;  // whole units, within the buffer
  // Where in the source the text begins, and where reading goes on behind it.
  std::uint64_t begin = 0, end = 0;

  // A day that a record of the source fell on, where the record itself was skipped: `events[before]` comes after it.
  struct DayMark {
    std::size_t before;
    Micros time;
    bool wall, yearless;
  };

  Arena arena;
  std::vector<model::Event> events;  // lines counted from 1 within the block until the block's first line is known
  std::vector<DayMark> days;
  LineCounts counts;
  std::optional<Error> error;  // what stopped the reading of the source after this block
  bool cut = false;            // the source breaks off at the end of this block

  void clear();
};

// Turns the text of a batch into events. One object a thread.
class BlockParser {
 public:
  explicit BlockParser(const RecordFilter* filter) : filter_(filter) {}
  void parse(Batch& batch);

 private:
  bool same_day(std::string_view line);

  record::Framer framer_;
  dialect::Parser parser_;
  char day_stamp_[6] = {};
  const RecordFilter* filter_;
};

}  // namespace mailtrail::app
