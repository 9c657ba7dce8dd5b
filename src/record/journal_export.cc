// NAME
//   journal_export: entries of `journalctl -o export`
// SUMMARY
//   An entry is a run of lines `NAME=value`, ended by an empty line. A value that holds control characters stands as
//   `NAME`, a line end, its length as 64 bits little-endian, the bytes, a line end. Time is _SOURCE_REALTIME_TIMESTAMP
//   (as the sender said), else __REALTIME_TIMESTAMP (as journald got it); program is SYSLOG_IDENTIFIER, else _COMM; pid
//   is SYSLOG_PID, else _PID.
// SOURCES
//   systemd.io: Journal Export Formats; systemd.journal-fields(7) of systemd 252
// SAMPLES
//   __CURSOR=s=1;i=2
//   __REALTIME_TIMESTAMP=1795489215101090
//   _HOSTNAME=mx1
//   SYSLOG_IDENTIFIER=postfix/smtp
//   MESSAGE=connect to mx.example.net[198.51.100.7]:25: Connection timed out
// KNOWN GAPS
//   An entry of which only the rear part is there (a stream that was joined in its middle) is of no known shape.
//   Of a field that stands several times, the first counts.
#include <algorithm>
#include <bit>

#include "base/text.h"
#include "record/framer_state.h"

namespace mailtrail::record {
namespace {

constexpr std::size_t kLongestName = 64;  // systemd.journal-fields(7)
constexpr Micros kLastTime = days_from_civil(10000, 1, 1) * kDay - 1;

enum class Step : std::uint8_t {
  kField,    // a field was taken
  kEnd,      // the empty line that ends the entry was taken
  kForeign,  // what follows is no part of an entry; nothing was taken
  kShort,    // the text ends within what follows, or before it; nothing was taken
};

std::size_t name_length(std::string_view rest) {
  std::size_t length = 0;
  while (length < rest.size() && length <= kLongestName &&
         (is_upper(rest[length]) || is_digit(rest[length]) || rest[length] == '_')) {
    ++length;
  }
  return length;
}

Step take_binary(std::string_view& rest, std::size_t name_size, std::string_view& value, bool closed) {
  constexpr std::size_t kLengthBytes = 8;
  const std::string_view behind = rest.substr(name_size + 1);
  if (behind.size() < kLengthBytes) return Step::kShort;
  std::uint64_t size = 0;
  for (std::size_t i = kLengthBytes; i > 0; --i) size = size << 8 | static_cast<unsigned char>(behind[i - 1]);
  if (size > kMaxEntry) return Step::kForeign;
  const std::size_t end = kLengthBytes + size;
  if (behind.size() < end || (behind.size() == end && !closed)) return Step::kShort;
  if (behind.size() > end && behind[end] != '\n') return Step::kForeign;
  value = behind.substr(kLengthBytes, size);
  rest = behind.substr(std::min(end + 1, behind.size()));
  return Step::kField;
}

// The next field of an entry. `closed`: the end of the text stands for a line end.
Step take_field(std::string_view& rest, std::string_view& name, std::string_view& value, bool closed) {
  if (rest.empty()) return Step::kShort;
  if (rest.front() == '\n') {
    rest.remove_prefix(1);
    return Step::kEnd;
  }
  const std::size_t length = name_length(rest);
  if (length == rest.size()) return Step::kShort;
  if (length == 0 || length > kLongestName) return Step::kForeign;
  name = rest.substr(0, length);
  if (rest[length] == '\n') return take_binary(rest, length, value, closed);
  if (rest[length] != '=') return Step::kForeign;
  std::size_t end = rest.find('\n', length + 1);
  if (end == std::string_view::npos) {
    if (!closed) return rest.size() > kMaxEntry ? Step::kForeign : Step::kShort;
    end = rest.size();
  }
  value = rest.substr(length + 1, end - length - 1);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return Step::kField;
}

Unit plain_line(std::string_view rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return {rest, rest.size(), 0, false};
  return {rest.substr(0, end), end + 1, 1, true};
}

}  // namespace

namespace detail {

bool begins_journal_entry(std::string_view text) {
  return text.starts_with("__CURSOR=") || text.starts_with("__REALTIME_TIMESTAMP=");
}

Unit next_journal_entry(std::string_view rest) {
  std::string_view left = rest;
  std::string_view name;
  std::string_view value;
  Step step = Step::kField;
  while (step == Step::kField && rest.size() - left.size() <= kMaxEntry) step = take_field(left, name, value, false);
  std::size_t size = rest.size() - left.size();
  if (step == Step::kShort && rest.size() > 2 * kMaxEntry) step = Step::kForeign;
  if (step == Step::kShort) size = rest.size();
  if (size == 0) return plain_line(rest);
  std::string_view bytes = rest.substr(0, size);
  Unit unit{bytes, size, 0, step != Step::kShort};
  unit.lines = static_cast<std::uint32_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  if (step != Step::kShort) unit.bytes.remove_suffix(1);
  return unit;
}

}  // namespace detail

bool looks_like_journal_export(std::string_view head) {
  if (detail::begins_journal_entry(head)) return true;
  for (std::size_t end = head.find('\n'); end != std::string_view::npos; end = head.find('\n', end + 1)) {
    if (detail::begins_journal_entry(head.substr(end + 1))) return true;
  }
  return false;
}

bool set_journal_time(std::string_view source, std::string_view realtime, Record& record) {
  for (const std::string_view digits : {source, realtime}) {
    const auto time = to_number<Micros>(digits);
    if (!time || *time < 0 || *time > kLastTime) continue;
    record.time = *time;
    record.has_time = true;
    return true;
  }
  return false;
}

bool frame_journal_entry(std::string_view unit, Record& record) {
  if (!detail::begins_journal_entry(unit)) return false;
  enum Field { kSource, kRealtime, kHost, kIdentifier, kCommand, kSyslogPid, kPid, kMessage, kFields };
  constexpr std::string_view kNames[kFields] = {"_SOURCE_REALTIME_TIMESTAMP",
                                                "__REALTIME_TIMESTAMP",
                                                "_HOSTNAME",
                                                "SYSLOG_IDENTIFIER",
                                                "_COMM",
                                                "SYSLOG_PID",
                                                "_PID",
                                                "MESSAGE"};
  std::string_view values[kFields];
  std::string_view rest = unit;
  std::string_view name;
  std::string_view value;
  while (take_field(rest, name, value, true) == Step::kField) {
    for (std::size_t i = 0; i < kFields; ++i) {
      if (name == kNames[i] && values[i].data() == nullptr) values[i] = value;
    }
  }
  set_journal_time(values[kSource], values[kRealtime], record);
  record.host = values[kHost];
  record.program = values[kIdentifier].empty() ? values[kCommand] : values[kIdentifier];
  const auto pid = to_number<std::int32_t>(values[kSyslogPid].empty() ? values[kPid] : values[kSyslogPid]);
  if (pid && *pid >= 0) record.pid = *pid;
  record.text = values[kMessage].substr(0, kMaxLine);
  return true;
}

}  // namespace mailtrail::record
