// NAME
//   rfc5424: lines of the syslog protocol, RFC 5424
// SUMMARY
//   `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`, as rsyslog's RSYSLOG_SyslogProtocol23Format
//   and syslog-ng write it. Absent fields are `-`. Blanks before the text are left out: rsyslog leaves one there.
// SOURCES
//   RFC 5424, section 6; rsyslog 8.2302
// SAMPLES
//   <22>1 2026-11-24T03:00:15.101090+00:00 mx1 opendkim 245 - -  OpenDKIM Filter v2.11.0 starting
//   <22>1 2026-11-24T03:00:15Z mx1 postfix/smtp 123 - [meta@32473 seq="7"] connect to mx.example.net: timed out
// KNOWN GAPS
//   Octet-counted frames of a TCP stream (RFC 6587) are the business of the receiver.
#include "base/text.h"
#include "record/framer_state.h"

namespace mailtrail::record {
namespace {

// One word; `-` gives an empty one.
std::string_view take_word(std::string_view& rest) {
  const std::string_view word = take_until(rest, ' ');
  return word == "-" ? std::string_view() : word;
}

// Takes `-` or `[id name="value" ...]...` off `rest`; in a value, a backslash protects `"`, `]` and itself (6.3.3).
// False where it is neither, or has no end.
bool take_structured_data(std::string_view& rest) {
  if (consume(rest, "-")) return rest.empty() || rest.front() == ' ';
  std::size_t at = 0;
  while (at < rest.size() && rest[at] == '[') {
    bool quoted = false;
    for (++at; at < rest.size() && (quoted || rest[at] != ']'); ++at) {
      if (rest[at] == '"') quoted = !quoted;
      if (quoted && rest[at] == '\\') ++at;
    }
    if (at >= rest.size()) return false;
    ++at;
  }
  if (at == 0 || (at < rest.size() && rest[at] != ' ')) return false;
  rest.remove_prefix(at);
  return true;
}

}  // namespace

bool frame_rfc5424(std::string_view line, StampReader& stamps, Arena& arena, Record& record) {
  std::string_view rest = line;
  std::size_t at = 1;
  while (at < rest.size() && at < 4 && is_digit(rest[at])) ++at;
  rest.remove_prefix(at);
  if (at == 1 || !consume(rest, ">1 ")) return false;
  Record found = record;
  if (consume(rest, "-")) {
    if (!consume(rest, " ")) return false;
  } else if (!stamps.take_iso(rest, found)) {
    return false;
  }
  found.host = take_word(rest);
  found.program = take_word(rest);
  const auto pid = to_number<std::int32_t>(take_word(rest));
  if (pid && *pid >= 0) found.pid = *pid;
  take_word(rest);  // MSGID
  if (!take_structured_data(rest)) return false;
  while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  consume(rest, "\xEF\xBB\xBF");
  found.text = rest;
  record = found;
  finish_syslog_text(arena, record);
  return true;
}

}  // namespace mailtrail::record
