// Plain line: a syslog line taken apart as far as a filter must know it before it is framed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/text.h"

namespace mailtrail::app {

// `STAMP HOST PROGRAM[PID]: TEXT`. The texts point into the line.
struct PlainLine {
  std::string_view host, program, text;
  std::int64_t pid = -1;
};

// False: the line is not plainly of this shape; only framing tells what it is.
inline bool split_plain_line(std::string_view line, PlainLine& plain) {
  if (line.size() < 48) return false;
  std::size_t at = 15;
  if (is_digit(line[0])) {
    at = line.find(' ');
    if (at > 40) return false;
  } else if (!is_upper(line[0]) || line[15] != ' ' || line[3] != ' ') {
    return false;
  }
  const std::size_t host_end = line.find(' ', at + 1);
  if (host_end == std::string_view::npos) return false;
  std::size_t bracket = host_end + 1;
  while (bracket < line.size() && line[bracket] != '[' && line[bracket] != ':' && line[bracket] != ' ') ++bracket;
  if (bracket >= line.size() || line[bracket] != '[') return false;
  std::int64_t pid = 0;
  std::size_t end = bracket + 1;
  while (end < line.size() && is_digit(line[end]) && end - bracket < 12) pid = pid * 10 + (line[end++] - '0');
  if (end + 3 >= line.size() || line[end] != ']' || line[end + 1] != ':' || line[end + 2] != ' ') return false;
  plain.host = line.substr(at + 1, host_end - at - 1);
  plain.program = line.substr(host_end + 1, bracket - host_end - 1);
  plain.text = line.substr(end + 3);
  plain.pid = pid;
  return true;
}

// The text behind `warning: ` and its like, which stand before a queue id.
inline std::string_view behind_severity(std::string_view text) {
  // Most lines begin with an id, and need no closer look.
  const char first = text.empty() ? '\0' : text.front();
  if (first != 'w' && first != 'e' && first != 'f' && first != 'p') return text;
  for (const std::string_view word : {"warning: ", "error: ", "fatal: ", "panic: "}) {
    if (text.starts_with(word)) return text.substr(word.size());
  }
  return text;
}

// `4F5C6KzL9z` in `4F5C6KzL9z: to=<...>`; empty where the text does not begin with an id.
inline std::string_view leading_id(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && size <= 32 && is_alnum(text[size])) ++size;
  if (size < 5 || size + 1 >= text.size() || text[size] != ':' || text[size + 1] != ' ') return {};
  return text.substr(0, size) == "NOQUEUE" ? std::string_view{} : text.substr(0, size);
}

// The last word of the text: `X` in `(... queued as X)`, `(forwarded as X)`, `notification: X`, `orig_id=X`. Below
// kLeastId bytes it is none that anybody asks for.
inline constexpr std::size_t kLeastId = 5;
inline std::string_view last_id(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0 && !is_alnum(text[end - 1]) && text.size() - end < 4) --end;
  std::size_t begin = end;
  while (begin > 0 && is_alnum(text[begin - 1]) && end - begin <= 32) --begin;
  return text.substr(begin, end - begin);
}

// Whether a line of this program belongs to a message only by an id at its beginning or end, or by its process: those
// of Postfix, its filters, Sendmail and OpenSMTPD do, and those that say nothing of mail. Of other mail programs each
// line may.
inline bool is_told_by_id(std::string_view program) {
  if (program.find('/') != std::string_view::npos || program.starts_with("postfix")) return true;
  for (const std::string_view name :
       {"opendkim", "opendmarc", "postgrey", "systemd", "systemd-logind", "kernel", "CRON", "cron", "sshd", "sudo",
        "rsyslogd", "sendmail", "sm-mta", "sm-msp-queue", "smtpd"}) {
    if (program == name) return true;
  }
  return false;
}

// Lines that may belong to a message though they name neither its id nor its process: those of amavis, Dovecot, SPF
// policy servers and other mail programs; `message repeated` wraps another line. `text` is behind the severity.
inline bool stands_apart(std::string_view program, std::string_view text) {
  if (!text.empty() && text.front() == 'm' && text.starts_with("message repeated")) return true;
  if (program.empty()) return false;
  // Nearly all tags are `postfix/...`, and told from policy servers by one byte.
  constexpr std::size_t kBehindSlash = 8;
  if (program.size() > kBehindSlash && program[kBehindSlash - 1] == '/') {
    return program[kBehindSlash] == 'p' && program.starts_with("postfix/policy");
  }
  return !is_told_by_id(program);
}

}  // namespace mailtrail::app
