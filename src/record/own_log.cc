#include "record/own_log.h"

#include <string_view>

#include "base/text.h"

namespace mailtrail::record {
namespace {

constexpr std::string_view kServices[] = {"anvil",
                                          "auth",
                                          "auth-worker",
                                          "config",
                                          "dict",
                                          "director",
                                          "dns-client",
                                          "doveadm",
                                          "dsync-local",
                                          "dsync-server",
                                          "imap",
                                          "imap-hibernate",
                                          "imap-login",
                                          "imap-urlauth",
                                          "indexer",
                                          "indexer-worker",
                                          "ipc",
                                          "lda",
                                          "lmtp",
                                          "log",
                                          "managesieve",
                                          "managesieve-login",
                                          "master",
                                          "old-stats",
                                          "pop3",
                                          "pop3-login",
                                          "quota-status",
                                          "replicator",
                                          "script",
                                          "script-login",
                                          "stats",
                                          "submission",
                                          "submission-login"};

bool is_service(std::string_view word) {
  for (const std::string_view service : kServices) {
    if (word == service) return true;
  }
  return false;
}

// Dovecot writes the severity of each line into files of its own.
bool has_severity(std::string_view text) {
  for (const std::string_view word : {"Info: ", "Warning: ", "Error: ", "Fatal: ", "Panic: ", "Debug: "}) {
    if (text.starts_with(word)) return true;
  }
  return false;
}

bool take_dovecot(Record& record) {
  if (!record.program.empty()) {
    if (!is_service(record.program) || !has_severity(record.text)) return false;
    // The service is part of what Dovecot gives to syslog.
    const char* const end = record.text.data() + record.text.size();
    record.text = {record.program.data(), static_cast<std::size_t>(end - record.program.data())};
  } else {
    const std::size_t open = record.text.find('(');
    if (open == std::string_view::npos || !is_service(record.text.substr(0, open))) return false;
    const std::size_t colon = record.text.find(": ", open);
    if (colon == std::string_view::npos || !has_severity(record.text.substr(colon + 2))) return false;
  }
  record.program = "dovecot";
  return true;
}

// `#295(main) <1e7b29>; `
bool take_rspamd(Record& record) {
  std::string_view text = record.text;
  if (!record.program.empty() || !consume(text, "#")) return false;
  const auto pid = to_number<std::int32_t>(take_until(text, '('));
  const std::string_view type = take_until(text, ')');
  if (!pid || type.empty() || type.find(' ') != std::string_view::npos || !text.starts_with(" <")) return false;
  if (text.find(">; ") == std::string_view::npos) return false;
  record.program = "rspamd";
  record.pid = *pid;
  record.text = text.substr(1);
  return true;
}

}  // namespace

bool take_own_log_origin(Record& record) {
  return take_dovecot(record) || take_rspamd(record);
}

}  // namespace mailtrail::record
