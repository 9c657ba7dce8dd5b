// clang-format off
// NAME
//   syslog
//
// SUMMARY
//   What the log's own daemons say of the log: lines that they dropped, repeated or held back, starts and stops.
//
// SOURCES
//   rsyslog 8 (imuxsock, imjournal), syslogd(8) of sysklogd and BSD, syslog-ng 3 and 4, systemd-journald.service(8).
//
// SAMPLES
//   Nov 24 03:00:20 mx1 rsyslogd: imuxsock lost 123 messages from pid 456 due to rate-limiting
//   Nov 24 03:00:20 mx1 rsyslogd[700]: imjournal: begin to drop messages due to rate-limiting
//   Nov 24 03:00:20 mx1 systemd-journald[311]: Suppressed 1310 messages from postfix@-.service
//   Nov 24 03:00:20 mx1 last message repeated 3 times
//   Nov 24 03:00:20 mx1 rsyslogd: [origin software="rsyslogd" swVersion="8.2302.0" x-pid="700" x-info="https://www.rsyslog.com"] start
//
// KNOWN GAPS
//   `last message repeated` is a notice here: the line does not say what it repeats. Where events pass in order, it becomes
//   N times the refusal, login, notice or policy of the line right before it (app/repeated_lines.h).
// clang-format on
#include <optional>

#include "base/text.h"
#include "dialect/dialect.h"

namespace mailtrail::dialect {
namespace {

using model::Severity;
using model::Topic;

bool notice(Emitter& out, std::string_view text, Topic topic) {
  auto& body = out.emit<model::event::Notice>();
  body.severity = Severity::kInfo;
  body.topic = topic;
  body.text = text;
  return true;
}

bool gap(Emitter& out, std::optional<std::int64_t> missing, std::string_view reason) {
  auto& body = out.emit<model::event::Gap>();
  body.missing = missing;
  body.reason = reason;
  return true;
}

// The number that stands between `before` and ` messages`.
std::optional<std::int64_t> count_behind(std::string_view text, std::string_view before) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(at + before.size());
  const std::string_view digits = take_until(rest, ' ');
  return rest.starts_with("messages") ? to_number<std::int64_t>(digits) : std::nullopt;
}

bool parse_rsyslog(std::string_view text, Emitter& out) {
  if (text.find("due to rate-limiting") != std::string_view::npos) {
    std::optional<std::int64_t> missing = count_behind(text, "lost ");
    if (!missing) missing = count_behind(text, "imjournal: ");
    return gap(out, missing, "rate limit");
  }
  if (!text.starts_with("[origin software=")) return false;
  if (text.ends_with("] start")) return notice(out, text, Topic::kStart);
  if (text.find("] exiting on signal") != std::string_view::npos) return notice(out, text, Topic::kStop);
  if (text.ends_with("HUPed")) return notice(out, text, Topic::kReload);
  return false;
}

bool parse_journald(std::string_view text, Emitter& out) {
  if (const auto missing = count_behind(text, "Suppressed ")) return gap(out, missing, "journal suppressed");
  if (text == "Journal started") return notice(out, text, Topic::kStart);
  if (text == "Journal stopped") return notice(out, text, Topic::kStop);
  return false;
}

bool parse_syslog_ng(std::string_view text, Emitter& out) {
  if (text.starts_with("syslog-ng starting up;")) return notice(out, text, Topic::kStart);
  if (text.starts_with("syslog-ng shutting down;")) return notice(out, text, Topic::kStop);
  if (text.starts_with("Configuration reload")) return notice(out, text, Topic::kReload);
  return false;
}

// syslogd(8) writes these without a tag.
bool parse_untagged(std::string_view text, Emitter& out) {
  if (text == "-- MARK --") return notice(out, text, Topic::kOther);
  std::string_view rest = text;
  if (!consume(rest, "last message repeated ")) return false;
  const std::string_view count = take_until(rest, ' ');
  if (!to_number<std::uint32_t>(count) || (rest != "times" && rest != "time")) return false;
  return notice(out, text, Topic::kOther);
}

class SyslogDialect final : public Dialect {
 public:
  std::string_view name() const override { return "syslog"; }

  bool claims(std::string_view program) const override {
    return program.empty() || program == "rsyslogd" || program.starts_with("rsyslogd-") || program == "syslogd" ||
           program == "syslog-ng" || program == "systemd-journald";
  }

  bool parse(const record::Record& record, Emitter& out) const override {
    if (record.program.empty() || record.program == "syslogd") return parse_untagged(record.text, out);
    if (record.program == "systemd-journald") return parse_journald(record.text, out);
    if (record.program == "syslog-ng") return parse_syslog_ng(record.text, out);
    return parse_rsyslog(record.text, out);
  }
};

}  // namespace

const Dialect& syslog_dialect() {
  static const SyslogDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
