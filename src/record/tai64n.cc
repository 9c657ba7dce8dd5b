// NAME
//   tai64n: lines of multilog (daemontools), as qmail's logs have them
// SUMMARY
//   `@` and 24 hex digits, a TAI64N label: seconds of TAI since 1970 plus 2^62, then nanoseconds. `@` and 16 digits are
//   TAI64. The text follows; qmail's programs put no tag before it. What qmail-send says is known by its words.
// SOURCES
//   cr.yp.to/daemontools/tai64n.html, cr.yp.to/libtai/tai64.html; qmail-log(5) of qmail 1.03 and notqmail 1.09
// SAMPLES
//   @4000000067431d5f0f2b8c44 new msg 93
// KNOWN GAPS
//   TAI is taken to be 10 s ahead of UTC, which is what multilog's own label of Unix time is (libtai's tai_now).
#include <optional>

#include "base/text.h"
#include "record/framer_state.h"
#include "record/origin.h"

namespace mailtrail::record {
namespace {

// The value of hex digits; nothing where one is none. At most 16 digits.
std::optional<std::uint64_t> hex_value(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (!is_hex_digit(c)) return std::nullopt;
    value = value * 16 + static_cast<std::uint64_t>(is_digit(c) ? c - '0' : to_lower(c) - 'a' + 10);
  }
  return value;
}

bool is_number_then(std::string_view text, std::string_view behind) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  return digits != 0 && digits <= 19 && text.substr(digits).starts_with(behind);
}

// Whether qmail-send says so (qmail-log(5)).
bool is_of_qmail_send(std::string_view text) {
  if (consume(text, "new msg ") || consume(text, "end msg ")) return is_number_then(text, "");
  if (consume(text, "info msg ")) return is_number_then(text, ": bytes ");
  if (consume(text, "bounce msg ")) return is_number_then(text, " qp ");
  if (consume(text, "starting delivery ")) return is_number_then(text, ": msg ");
  if (consume(text, "delivery ")) return is_number_then(text, ": ");
  return text.starts_with("status: ") || text.starts_with("triple bounce: ") || text.starts_with("double bounce: ") ||
         text == "running" || text == "exiting" || text.starts_with("warning: trouble ") ||
         text.starts_with("alert: ") || text.starts_with("number of deliveries left before exiting");
}

// Programs before qmail-smtpd that say who they are: `tcpserver: ok 7 ...`. Patches of qmail-smtpd do not all.
void take_own_name(Record& record) {
  for (const std::string_view name : {"tcpserver: ", "rblsmtpd: ", "qmail-smtpd: ", "sslserver: ", "spamdyke["}) {
    if (record.text.starts_with(name)) {
      take_tag(record.text, TagTrust::kSyslog, record);
      return;
    }
  }
  if (record.text.starts_with("CHKUSER ")) record.program = "qmail-smtpd";
}

}  // namespace

bool frame_tai64n(std::string_view line, Record& record) {
  if (!consume(line, "@")) return false;
  constexpr std::uint64_t kEpoch = 1ULL << 62, kAhead = 10;
  const std::optional<std::uint64_t> label = hex_value(line.substr(0, 16));
  if (line.size() < 17 || !label || *label < kEpoch + kAhead || *label - kEpoch > 4'000'000'000ULL) return false;
  std::uint64_t nanoseconds = 0;
  std::size_t size = 16;
  if (line[16] != ' ') {
    const std::optional<std::uint64_t> fraction = hex_value(line.substr(16, 8));
    if (line.size() < 25 || line[24] != ' ' || !fraction || *fraction >= 1'000'000'000ULL) return false;
    nanoseconds = *fraction;
    size = 24;
  }
  record.time = static_cast<Micros>(*label - kEpoch - kAhead) * kSecond + static_cast<Micros>(nanoseconds / 1000);
  record.has_time = true;
  record.text = line.substr(size + 1);
  if (is_of_qmail_send(record.text)) {
    record.program = "qmail-send";
  } else {
    take_own_name(record);
  }
  return true;
}

}  // namespace mailtrail::record
