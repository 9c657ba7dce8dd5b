// Framing: from bytes to records.
//
// Syslog lines of RFC 3164 (also with <PRI>, with a year, with milliseconds), RFC 5424, ISO 8601/RFC 3339 stamps
// (rsyslog's RSYSLOG_FileFormat, syslog-ng, systemd's short-iso), Postfix's own maillog_file (postlogd(8)), `journalctl
// -o export` and
// `-o json`, Docker's JSON lines and the lines of Kubernetes' CRI (the line inside is framed in turn). They may be
// mixed in one file; each unit is recognised by itself.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/arena.h"
#include "record/record.h"

namespace mailtrail::record {

// The longest line that is looked at whole. Of a longer one, `Framer::frame` looks at the first kMaxLine bytes: the
// text of its record ends there (or, in JSON, the line is of no known shape); `Record::raw` is whole.
inline constexpr std::size_t kMaxLine = 256 * 1024;

// The longest entry of the journal's export format. What would be longer is cut into several units, of which the later
// ones are of no known shape.
inline constexpr std::size_t kMaxEntry = 4 * 1024 * 1024;

// One unit of a block: a line, or an entry of the journal's export format with its lines.
struct Unit {
  std::string_view bytes;   // without the line end (CR LF or LF); an entry without its last line end
  std::size_t size = 0;     // bytes of the block that it takes, line end included; at least 1
  std::uint32_t lines = 1;  // line ends that it takes
  bool whole = true;        // false: the block ends before the unit does
};

namespace detail {
// The bytes with which an entry of the export format begins.
bool begins_journal_entry(std::string_view text);
Unit next_journal_entry(std::string_view rest);
}  // namespace detail

// The unit that begins at block[from]. `from` MUST be less than block.size(), and a unit's beginning. A unit that is
// not `whole` has no line end yet: `bytes` is what there is of it, and `lines` may be 0. Linear in the unit's size.
inline Unit next_unit(std::string_view block, std::size_t from) {
  const char* begin = block.data() + from;
  const std::size_t left = block.size() - from;
  if (*begin == '_' && detail::begins_journal_entry({begin, left})) [[unlikely]] {
    return detail::next_journal_entry({begin, left});
  }
  const char* end = static_cast<const char*>(std::memchr(begin, '\n', left));
  if (end == nullptr) [[unlikely]]
    return {{begin, left}, left, 0, false};
  std::size_t length = static_cast<std::size_t>(end - begin);
  const std::size_t size = length + 1;
  if (length != 0 && begin[length - 1] == '\r') --length;
  return {{begin, length}, size, 1, true};
}

// True when `head`, the first bytes of a source, holds an entry of `journalctl -o export`; such a source MUST be cut
// into blocks at the ends of its units, not at any line end.
bool looks_like_journal_export(std::string_view head);

// Frames units. Keeps a memory of the last time stamp, for speed only: what it gives for a unit never depends on the
// units before. Not thread-safe; one object a thread.
class Framer {
 public:
  Framer();
  ~Framer();
  Framer(const Framer&) = delete;
  Framer& operator=(const Framer&) = delete;

  // Fills `record` from `unit`; texts that had to be decoded (`#011` escapes, JSON) are made in `arena`.
  // `record.line`, `.position` and `.source` are left for the caller. A unit of no known shape gives a record with
  // has_time == false, no host, no program, and `text` = the unit (without NUL bytes and a byte order mark at its
  // beginning): it is never an error. Control characters, NUL among them, and bytes that are no UTF-8 stay in `text`.
  void frame(std::string_view unit, Arena& arena, Record& record);

  // The units to come are lines of this table; null: of none. It MUST live as long as their records.
  void set_table(const Table* table);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailtrail::record
