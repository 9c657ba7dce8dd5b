// What OpenSMTPD says of itself, known by how it begins.
#include "dialect/opening_phrase.h"
#include "dialect/opensmtpd/parts.h"

namespace mailtrail::dialect::opensmtpd {
namespace {

using model::Severity;
using model::Text;
using model::Topic;

constexpr OpeningPhrase kPhrases[] = {
    {"smtp-out: Failed to resolve MX", Severity::kWarning, Topic::kDns},
    {"smtp-out: No MX found", Severity::kWarning, Topic::kDns},
    {"smtp-out: Disabling route", Severity::kWarning, Topic::kNetwork},
    {"smtp-out: Enabling route", Severity::kInfo, Topic::kNetwork},
    {"smtp-out: back to lowat", Severity::kInfo, Topic::kLimit},
    {"smtp-out: hiwat reached", Severity::kWarning, Topic::kLimit},
    {"smtp-out: Too many errors", Severity::kWarning, Topic::kNetwork},
    {"smtp-out: ", Severity::kWarning, Topic::kNetwork},
    {"smtp-in: ", Severity::kInfo, Topic::kNetwork},
    {"Exiting", Severity::kInfo, Topic::kStop},
    {"info: Table ", Severity::kInfo, Topic::kConfig},
    {"info: ", Severity::kInfo, Topic::kOther},
    {"warn: Disabling incoming SMTP connections", Severity::kWarning, Topic::kLimit},
    {"warn: smtp: fd exhaustion over", Severity::kInfo, Topic::kLimit},
    {"warn: queue", Severity::kWarning, Topic::kQueue},
    {"warn: ", Severity::kWarning, Topic::kOther},
    {"debug: ", Severity::kDebug, Topic::kOther},
    {"fatal: ", Severity::kFatal, Topic::kOther},
    {"fatal in ", Severity::kFatal, Topic::kOther},
    {"commands executed from aliases run with ", Severity::kWarning, Topic::kConfig},
    {"queue: queue ", Severity::kInfo, Topic::kQueue},
    {"queue: ", Severity::kWarning, Topic::kQueue},
    {"envelope: invalid field", Severity::kWarning, Topic::kQueue},
    {"scheduler: ", Severity::kWarning, Topic::kQueue},
    {"scheduler-proc: ", Severity::kWarning, Topic::kQueue},
    {"filter: ", Severity::kWarning, Topic::kOther},
    {"getaddrinfo: ", Severity::kWarning, Topic::kDns},
    {"getnameinfo: ", Severity::kWarning, Topic::kDns},
    {"SRS failed to decode", Severity::kWarning, Topic::kOther},
    {"failed to push dataline", Severity::kWarning, Topic::kOther},
    {"pki name ", Severity::kError, Topic::kConfig},
    {"ca name ", Severity::kError, Topic::kConfig},
    {"OpenSSL does not support ", Severity::kWarning, Topic::kTls},
    {"smtpd: ", Severity::kWarning, Topic::kOther},
};

}  // namespace

bool parse_notice(Text text, Emitter& out) {
  // `info: OpenSMTPD 7.4.0-portable starting`
  if (text.starts_with("info: OpenSMTPD ") && text.ends_with(" starting")) {
    return emit_notice(out, Severity::kInfo, Topic::kStart);
  }
  const OpeningPhrase* phrase = find_opening(text, kPhrases);
  return phrase != nullptr && emit_notice(out, phrase->severity, phrase->topic);
}

}  // namespace mailtrail::dialect::opensmtpd
