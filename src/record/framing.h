// Framing: from bytes to records.
//
// Syslog lines of RFC 3164 (also with <PRI>, with a year, with milliseconds), RFC 5424, ISO 8601/RFC 3339 stamps (rsyslog's
// RSYSLOG_FileFormat, syslog-ng, systemd's short-iso), Postfix's own maillog_file (postlogd(8)), `journalctl -o export` and
// `-o json`, and Docker's JSON lines (the line inside is framed in turn). They may be mixed in one file; each unit is
// recognised by itself.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/arena.h"
#include "record/record.h"

namespace mailtrail::record {

// The longest line that is looked at whole; what follows is skipped and said (`Unit::skipped`).
inline constexpr std::size_t kMaxLine = 256 * 1024;

// One unit of a block: a line, or an entry of the journal's export format with its lines.
struct Unit {
  std::string_view bytes;      // without the line end (CR LF or LF)
  std::size_t size = 0;        // bytes of the block that it takes, line end included
  std::uint32_t lines = 1;     // line ends that it takes
  bool whole = true;           // false: the block ends before the unit does
};

// The unit that begins at block[from]. `from` MUST be less than block.size(), and a unit's beginning.
Unit next_unit(std::string_view block, std::size_t from);

// True when `head`, the first bytes of a source, holds an entry of `journalctl -o export`; such a source MUST be cut into
// blocks at the ends of its units, not at any line end.
bool looks_like_journal_export(std::string_view head);

// Frames units. Keeps a memory of the last time stamp and tag, for speed only: what it gives for a unit never depends on the
// units before. Not thread-safe; one object a thread.
class Framer {
 public:
  Framer();
  ~Framer();
  Framer(const Framer&) = delete;
  Framer& operator=(const Framer&) = delete;

  // Fills `record` from `unit`; texts that had to be decoded (`#011` escapes, JSON, NUL bytes) are made in `arena`.
  // `record.line`, `.position` and `.source` are left for the caller. A unit of no known shape gives a record with
  // has_time == false, no host, no program, and `text` = the unit: it is never an error.
  void frame(std::string_view unit, Arena& arena, Record& record);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailtrail::record
