// NAME
//   exim_log: Exim's own log files
// SUMMARY
//   Exim writes `2026-11-24 03:04:54 1xVgpy-00007B-21 <= ..` without host and tag; with log_selector also milliseconds
//   and, in brackets, the process id; with log_timezone the zone. A line is Exim's where a message id follows the
//   stamp, or one of the phrases with which Exim's lines begin. Entries of the reject log go on in lines without a
//   stamp: each is a record of its own, without a time.
// SOURCES
//   Exim 4.96 (Debian 12), spec.txt, "Log files": log_selector, log_timezone, rejectlog
// SAMPLES
//   2026-11-24 03:04:54 1xVgpy-00007E-22 Completed
//   2026-11-24 03:04:54.123 +0100 [393] Start queue run: pid=393
//   I Message-ID: <000297.size-data@gen.sender.example>
// KNOWN GAPS
//   A line without a message id that an ACL wrote (`logwrite`) is not told from other programs' lines.
#include "record/exim_log.h"

#include "base/text.h"

namespace mailtrail::record {
namespace {

bool are_alnum(std::string_view text) {
  for (const char c : text) {
    if (!is_alnum(c)) return false;
  }
  return true;
}

// `1xVgpy-00007B-21` or, from 4.97 on, `1xVgpy-000000000AB-C2Cd`, and behind it a blank or the end.
bool begins_with_message_id(std::string_view text) {
  if (text.size() < 16 || text[6] != '-') return false;
  const std::size_t second = text[13] == '-' ? 13 : 18;
  const std::size_t size = second == 13 ? 16 : 23;
  if (text.size() < size || text[second] != '-') return false;
  if (text.size() > size && text[size] != ' ') return false;
  return are_alnum(text.substr(0, 6)) && are_alnum(text.substr(7, second - 7)) &&
         are_alnum(text.substr(second + 1, size - second - 1));
}

constexpr std::string_view kOpenings[] = {
    "H=",
    "F=<",
    "SMTP ",
    "TLS error on ",
    "TLS session: ",
    "Start queue run: pid=",
    "Start '",
    "End queue run: pid=",
    "End '",
    "Abandon queue run: ",
    "exim 4.",
    "exim 5.",
    "no host name found for IP address ",
    "no IP address found for host ",
    "no MAIL in SMTP connection from ",
    "no MAIL in TLS connection from ",
    "rejected ",
    "temporarily rejected ",
    "refused connection from ",
    "unqualified ",
    "unexpected disconnection while reading SMTP command from ",
    "Warning: purging the environment.",
    "list matching forced to fail: ",
    "DNS list lookup defer ",
    "ETRN ",
    "Connection from ",
    "cwd=",
    "ident connection to ",
    "SIGHUP received: re-exec daemon",
    "pid ",
    "socket bind() to port ",
    "DKIM: ",
    "exim user lost privilege for using ",
    "re-exec of exim (",
    "unable to set gid=",
    "Exim configuration error",
    "Failed to create spool file ",
    "Failed to find user ",
    "Failed to get write lock for ",
    "failed to expand ",
    "failed to open ",
    "malware acl condition: ",
    "spam acl condition: ",
};

bool begins_as_exim(std::string_view text) {
  if (begins_with_message_id(text)) return true;
  for (const std::string_view opening : kOpenings) {
    if (text.starts_with(opening)) return true;
  }
  // `plain_server authenticator failed for ..`, `client.example does not match any IP address for ..`
  const std::size_t blank = text.substr(0, 256).find(' ');
  if (blank == std::string_view::npos || blank == 0) return false;
  const std::string_view rest = text.substr(blank);
  return rest.starts_with(" authenticator failed for ") || rest.starts_with(" does not match any IP address for ");
}

// `[393] ` of log_selector = +pid.
bool take_pid(std::string_view& text, std::int32_t& pid) {
  if (text.empty() || text.front() != '[') return false;
  const std::size_t close = text.substr(0, 16).find("] ");
  if (close == std::string_view::npos) return false;
  const auto number = to_number<std::int32_t>(text.substr(1, close - 1));
  if (!number || *number < 0) return false;
  pid = *number;
  text.remove_prefix(close + 2);
  return true;
}

}  // namespace

bool take_exim_origin(std::string_view& text, Record& record) {
  std::string_view rest = text;
  std::int32_t pid = -1;
  take_pid(rest, pid);
  if (!begins_as_exim(rest)) return false;
  record.program = "exim";
  record.pid = pid;
  text = rest;
  return true;
}

bool is_exim_continuation(std::string_view line) {
  if (line.size() < 4) return false;
  if (line[0] == 'E') return line.starts_with("Envelope-from: <") || line.starts_with("Envelope-to: <");
  // A header goes on behind a tab, or behind blanks.
  if (line[0] == '\t') return true;
  if (line[0] == '-') return line.size() >= 20 && line.find_first_not_of('-') == std::string_view::npos;
  if (line == " Suggested action: use keep_environment.") return true;
  constexpr std::string_view kLetters = "BCFIPRST* ";
  if (line[1] != ' ' || kLetters.find(line[0]) == std::string_view::npos) return false;
  if (line[0] == ' ' && line[2] == ' ') return true;
  std::size_t at = 2;
  while (at < line.size() && at < 80 && (is_alnum(line[at]) || line[at] == '-' || line[at] == '_')) ++at;
  return at != 2 && at < line.size() && line[at] == ':';
}

}  // namespace mailtrail::record
