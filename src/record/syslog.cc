// NAME
//   syslog: lines of syslog daemons with a stamp of RFC 3164 or ISO 8601
// SUMMARY
//   What rsyslog, syslog-ng, sysklogd, busybox, journalctl (short, short-iso, short-precise) and Postfix's postlogd(8)
//   write into files: a stamp, the host, the tag with the process id, the text. A <PRI> before it is allowed. The host
//   may be missing, as on a local socket. A stamp with a blank for the T and no zone is also what Exim and others write
//   into files of their own: there, host and tag are taken only where both are beyond doubt. rsyslog writes control
//   characters as `#` and three octal digits ($EscapeControlCharactersOnReceive, on by default):
//   `#000` to `#037` and `#177` are read back. Its escapes of bytes above #177 are off by default, and `#200` is more
//   often a number in a sentence: they stay.
// SOURCES
//   RFC 3164; RFC 3339; rsyslog 8.2302 documentation (templates, parser.escapeControlCharactersOnReceive, the filter
//   for repeated messages); postlogd(8) of Postfix 3.7; journalctl(1) of systemd 252
// SAMPLES
//   Nov 24 03:00:15 mx1 opendkim[245]: OpenDKIM Filter v2.11.0 starting (args: -f -x /etc/opendkim.conf)
//   2026-11-24T03:00:17.568233+00:00 mx1 dovecot: master: Dovecot v2.3.19.1 (9b53102964) starting up for imap
//   <22>Nov 24 03:00:15 mx1 postfix/smtp[123]: connect to mx.example.net[198.51.100.7]:25: Connection timed out
// KNOWN GAPS
//   A text that itself holds `#` and the octal digits of a control character cannot be told from an escape.
//   rsyslog's escape of a character by another prefix than `#` is left as it is.
//   Stamps of seconds since 1970 (journalctl -o short-unix) are not known.
#include <cstring>

#include "base/text.h"
#include "record/exim_log.h"
#include "record/framer_state.h"
#include "record/origin.h"
#include "record/own_log.h"

namespace mailtrail::record {
namespace {

constexpr std::uint32_t kMostRepeats = 1'000'000;

// Takes `<0>` to `<191>` (RFC 3164, 4.1.1) off `line`.
bool take_priority(std::string_view& line) {
  std::size_t at = 1;
  while (at < line.size() && at < 4 && is_digit(line[at])) ++at;
  if (line.empty() || line.front() != '<' || at == 1 || at >= line.size() || line[at] != '>') return false;
  line.remove_prefix(at + 1);
  return true;
}

// The control character of the escape that begins at text[at], or -1.
int escaped_control(std::string_view text, std::size_t at) {
  if (text.size() - at < 4) return -1;
  int value = 0;
  for (std::size_t i = at + 1; i < at + 4; ++i) {
    if (text[i] < '0' || text[i] > '7') return -1;
    value = value * 8 + (text[i] - '0');
  }
  return value < 040 || value == 0177 ? value : -1;
}

std::size_t find_escape(std::string_view text, std::size_t from) {
  std::size_t at = text.find('#', from);
  while (at != std::string_view::npos && escaped_control(text, at) < 0) at = text.find('#', at + 1);
  return at;
}

std::string_view decode_escapes(std::string_view text, Arena& arena) {
  std::size_t at = find_escape(text, 0);
  if (at == std::string_view::npos) return text;
  char* const decoded = static_cast<char*>(arena.allocate(text.size(), 1));
  char* out = decoded;
  std::size_t kept = 0;
  for (; at != std::string_view::npos; at = find_escape(text, kept)) {
    std::memcpy(out, text.data() + kept, at - kept);
    out += at - kept;
    *out++ = static_cast<char>(escaped_control(text, at));
    kept = at + 4;
  }
  std::memcpy(out, text.data() + kept, text.size() - kept);
  out += text.size() - kept;
  return {decoded, static_cast<std::size_t>(out - decoded)};
}

// `message repeated 3 times: [ text]`.
void take_repeat(Record& record) {
  std::string_view text = record.text;
  if (!consume(text, "message repeated ")) return;
  const std::string_view digits = take_until(text, ' ');
  const auto count = to_number<std::uint64_t>(digits);
  if (!count || *count == 0 || !consume(text, "times: [")) return;
  if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (!text.empty() && text.back() == ']') text.remove_suffix(1);
  record.text = text;
  record.repeat = *count < kMostRepeats ? static_cast<std::uint32_t>(*count) : kMostRepeats;
}

}  // namespace

void finish_syslog_text(Arena& arena, Record& record) {
  if (record.text.empty()) return;
  if (record.text.front() == 'm') take_repeat(record);
  record.text = decode_escapes(record.text, arena);
}

bool frame_syslog(std::string_view line, StampReader& stamps, Arena& arena, Record& record, bool contained) {
  std::string_view rest = line;
  const bool priority = !rest.empty() && rest.front() == '<' && take_priority(rest);
  if (rest.empty()) return false;
  if (is_upper(rest.front()) && stamps.take_rfc3164(rest, record)) {
    split_origin(rest, record);
  } else if (is_digit(rest.front())) {
    const bool blank_for_t = rest.size() > 10 && rest[10] == ' ' && rest[4] == '-';
    if (!stamps.take_iso(rest, record)) {
      if (!stamps.take_rfc3164(rest, record)) return false;
      split_origin(rest, record);
    } else if (blank_for_t) {
      if (take_exim_origin(rest, record)) {
        record.text = rest;
        return true;
      }
      split_origin_strictly(rest, record);
    } else if (!contained && !record.wall && rest.starts_with("std") && take_cri_stream(rest)) {
      const Record received = record;
      record.has_time = false;
      record.wall = false;
      record.offset_minutes = 0;
      frame_contained(rest, received, stamps, arena, record);
      return true;
    } else {
      split_origin(rest, record);
    }
  } else if (priority && take_tag(rest, TagTrust::kStrict, record)) {
    record.text = rest;
  } else if (!priority && is_exim_continuation(rest)) {
    record.program = "exim";
    record.text = rest;
    return true;
  } else {
    return false;
  }
  if (record.host.empty() && !priority && take_own_log_origin(record)) return true;
  finish_syslog_text(arena, record);
  return true;
}

}  // namespace mailtrail::record
