// Any block of bytes is framed, and its times settled, without a fault; and what is said of a unit depends on it alone.
// SEEDS: record
#include "record/framing.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "record/wall_clock.h"

namespace {

using namespace mailtrail;
using namespace mailtrail::record;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "BUG: %s\n", what);
  std::abort();
}

bool lies_in(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

bool is_same(const Record& a, const Record& b) {
  return a.time == b.time && a.offset_minutes == b.offset_minutes && a.notes == b.notes && a.has_time == b.has_time &&
         a.wall == b.wall && a.yearless == b.yearless && a.pid == b.pid && a.repeat == b.repeat && a.host == b.host &&
         a.program == b.program && a.text == b.text && a.raw == b.raw;
}

void check_record(const Record& record, std::string_view unit) {
  require(record.raw.data() == unit.data() && record.raw.size() == unit.size(), "raw is not the unit");
  require(record.pid >= -1 && record.repeat >= 1 && record.repeat <= 1'000'000, "pid or repeat out of range");
  require(record.offset_minutes > -24 * 60 && record.offset_minutes < 24 * 60, "offset out of range");
  require(!record.wall || record.offset_minutes == 0, "a wall time with an offset");
  require(!record.yearless || record.wall, "yearless, but not on the wall");
  require(record.text.size() <= kMaxLine, "text is longer than what is looked at");
  // Texts outside of the unit are copies in the arena: touch each byte, for the sanitizer to judge.
  for (const std::string_view text : {record.host, record.program, record.text}) {
    if (!text.empty() && !lies_in(text, unit)) {
      const std::string copy(text);
      require(copy == text, "text does not stay");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TimeZone kZone = TimeZone::load("Europe/Berlin").value();
  const std::string_view block(reinterpret_cast<const char*>(data), size);
  looks_like_journal_export(block);
  WallClock clock(kZone, 2026);
  NewYearCount new_years;
  Framer framer;
  Arena arena;
  for (std::size_t at = 0; at < size;) {
    const Unit unit = next_unit(block, at);
    require(unit.size >= 1 && unit.size <= size - at, "a unit does not fit into its block");
    require(unit.bytes.empty() || lies_in(unit.bytes, block.substr(at, unit.size)), "bytes lie outside of the unit");
    require(unit.whole || at + unit.size == size, "a unit that is not whole is not the last");
    Record record;
    framer.frame(unit.bytes, arena, record);
    check_record(record, unit.bytes);

    // A copy of exactly its size shows reads behind its end; a fresh framer, a memory of the units before.
    const std::vector<char> copy(unit.bytes.begin(), unit.bytes.end());
    Framer fresh;
    Record alone;
    fresh.frame({copy.data(), copy.size()}, arena, alone);
    require(is_same(record, alone), "a record depends on the units before");

    if (record.has_time) {
      const WallClock::Settled settled =
          clock.settle(record.time, record.offset_minutes, record.notes, record.wall, record.yearless);
      require(settled.offset_minutes > -24 * 60 && settled.offset_minutes < 24 * 60, "settled offset out of range");
      format_rfc3339(settled.time, settled.offset_minutes);
      if (record.yearless) new_years.see(record.time);
    }
    at += unit.size;
  }
  YearEvidence evidence;
  evidence.first_wall = evidence.anchor = new_years.last() < 0 ? 0 : new_years.last();
  evidence.new_years = new_years.years();
  infer_first_year(evidence);
  return 0;
}
