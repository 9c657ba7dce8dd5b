// clang-format off
// NAME
//   opendmarc
//
// SUMMARY
//   The DMARC milter.
//   `auth` with method dmarc for the result of a message (pass, fail, none, temperror; permerror for a policy that cannot be
//   read); `auth` with method spf where it checked SPF itself (SPFSelfValidate). What stood in the way of a check, what was
//   exempted from it, and what ARC changed is a `notice`. `ignored` in `extra` of a notice: the mail was not checked.
//
// SOURCES
//   opendmarc 1.4.2 (Debian 12): lines recorded from it, and the texts in its sources; opendmarc.conf(5); RFC 7489
//
// SAMPLES
//   Nov 24 19:53:10 mx1 opendmarc[118]: A000000001: pass.example pass
//   Nov 24 19:53:10 mx1 opendmarc[118]: A000000002: SPF(mailfrom): rej.example fail
//   Nov 24 19:53:10 mx1 opendmarc[118]: A000000007: RFC5322 requirement error: not exactly one Date field
//   Nov 24 19:53:10 mx1 opendmarc[118]: OpenDMARC Filter v1.4.2 starting (args: -c /etc/opendmarc.conf -f)
//
// KNOWN GAPS
//   The log does not say what was done with a message whose result is `fail`: the MTA's line of the refusal does.
// clang-format on
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/opening_phrase.h"

namespace mailtrail::dialect {
namespace {

using model::Severity;
using model::Text;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;
constexpr Text kResults[] = {"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"};

// The word of `kResults` that `word` is, or empty.
Text result_of(Text word) {
  for (const Text result : kResults) {
    if (word == result) return result;
  }
  return {};
}

// Takes `JOBID: ` off `text`; also `JOBID ` before `ignoring`, as this program writes it there.
Text take_queue_id(Text& text) {
  std::size_t length = 0;
  while (length < text.size() && length < 64 && is_alnum(text[length])) ++length;
  if (length == 0) return {};
  const Text rest = text.substr(length);
  if (!rest.starts_with(": ") && !rest.starts_with(" ignoring Authentication-Results at ")) return {};
  const Text id = text.substr(0, length);
  text.remove_prefix(length + (rest.front() == ':' ? 2 : 1));
  return id;
}

// `sender.example pass`: the sender wrote the domain.
bool parse_result(Text text, Text queue_id, Emitter& out) {
  const std::size_t blank = text.rfind(' ');
  if (blank == kNone) return false;
  const Text result = result_of(text.substr(blank + 1));
  const Text domain = text.substr(0, blank);
  // The program takes blanks out of the domain: a sentence that ends in one of the words is another line.
  if (result.empty() || domain.find_first_of(" \t") != kNone) return false;
  auto& auth = out.emit<model::event::Auth>(queue_id);
  auth.method = "dmarc";
  auth.result = result;
  auth.domain = domain;
  return true;
}

// `SPF(mailfrom): sender.example pass`
bool parse_spf(Text text, Text queue_id, Emitter& out) {
  if (!consume(text, "SPF(")) return false;
  const Text identity = take_until(text, ')');
  const std::size_t blank = text.rfind(' ');
  if (!consume(text, ": ") || (identity != "mailfrom" && identity != "helo") || blank == kNone || blank < 2)
    return false;
  const Text word = text.substr(blank - 1);
  const Text result = word == "tempfail" ? Text("temperror") : result_of(word);
  if (result.empty()) return false;
  auto& auth = out.emit<model::event::Auth>(queue_id);
  auth.method = "spf";
  auth.result = result;
  auth.identity = identity;
  const Text domain = text.substr(0, blank - 2);
  if (domain.find_first_of(" \t,;") == kNone) (identity == "helo" ? auth.helo : auth.domain) = domain;
  return true;
}

// `opendmarc_policy_query_dmarc(sender.example) returned status 4`: the domain's policy cannot be read.
bool parse_query(Text text, Text queue_id, Emitter& out) {
  const Text reason = text;
  if (!consume(text, "opendmarc_policy_query_dmarc(")) return false;
  const std::size_t end = text.rfind(") returned status ");
  if (end == kNone) return false;
  auto& auth = out.emit<model::event::Auth>(queue_id);
  auth.method = "dmarc";
  auth.result = "permerror";
  auth.reason = reason;
  if (text.substr(0, end).find(' ') == kNone) auth.domain = text.substr(0, end);
  return true;
}

// Lines about a message: how they begin.
constexpr OpeningPhrase kMessage[] = {
    {"RFC5322 requirement error: ", Severity::kWarning, Topic::kOther},
    {"multi-valued From field detected", Severity::kWarning, Topic::kOther},
    {"unable to parse From header field", Severity::kWarning, Topic::kOther},
    {"ignoring mail from ", Severity::kInfo, Topic::kOther},
    {"ignoring invalid ", Severity::kWarning, Topic::kOther},
    {"ignoring Authentication-Results at ", Severity::kDebug, Topic::kOther},
    {"can't extract SPF address from Authentication-Results", Severity::kWarning, Topic::kOther},
    {"unable to parse validated SPF address ", Severity::kWarning, Topic::kOther},
    {"ARC pass, policy fail", Severity::kInfo, Topic::kOther},
    {"ARC pass, policy pass", Severity::kInfo, Topic::kOther},
    {"opendmarc_policy_", Severity::kError, Topic::kOther},
    {"opendmarc_spf_", Severity::kError, Topic::kOther},
    {"DMARC context initialization failed", Severity::kError, Topic::kOther},
    {"unable to create buffer for failure report", Severity::kError, Topic::kOther},
    {"popen(): ", Severity::kError, Topic::kOther},
    {"pclose() ", Severity::kError, Topic::kOther},
    {"smfi_", Severity::kError, Topic::kOther},
};

// Lines of the program about itself.
constexpr OpeningPhrase kProgram[] = {
    {"implicit authentication service: ", Severity::kInfo, Topic::kConfig},
    {"trusted authentication services: ", Severity::kInfo, Topic::kConfig},
    {"additional trusted authentication services: ", Severity::kInfo, Topic::kConfig},
    {"ignoring connection from ", Severity::kInfo, Topic::kOther},
    {"configuration reloaded from ", Severity::kInfo, Topic::kReload},
    {"ignoring reload signal", Severity::kInfo, Topic::kReload},
    {"terminated with signal ", Severity::kError, Topic::kStop},
    {"exited with status ", Severity::kWarning, Topic::kStop},
    {"maximum restart count exceeded", Severity::kError, Topic::kStop},
    {"maximum restart rate exceeded", Severity::kError, Topic::kStop},
    {"socket cleanup failed: ", Severity::kError, Topic::kNetwork},
    {"smfi_", Severity::kError, Topic::kNetwork},
    {"mlfi_negotiate(): ", Severity::kError, Topic::kOther},
    {"malloc(): ", Severity::kError, Topic::kOther},
    {"can't write pid to ", Severity::kError, Topic::kStorage},
    {"WARNING: ", Severity::kWarning, Topic::kConfig},
    {"opendmarc_policy_library_init() failed", Severity::kError, Topic::kStart},
    {"[parent] ", Severity::kError, Topic::kOther},
    {"[child] ", Severity::kError, Topic::kOther},
};

// ... and what stands behind a name that is not known here: a file of the configuration, or the queue id's place.
constexpr Text kEndings[] = {": read/parse error", " header add failed"};
constexpr Text kCalls[] = {"malloc(): ", "chdir(): ",     "chroot(): ", "fopen(): ",  "flock(",
                           "lockf(",     "fwrite(): ",    "fork(): ",   "setgid(): ", "setuid(): ",
                           "initgroups", "sigaction(): ", "prctl(): ",  "kill(",      "pthread_"};

bool parse_program(Text text, Emitter& out) {
  if (text.starts_with("OpenDMARC Filter")) {
    if (text.find(" starting (") != kNone) return emit_notice(out, Severity::kInfo, Topic::kStart);
    if (text.find(" terminating with status ") != kNone) return emit_notice(out, Severity::kInfo, Topic::kStop);
    if (text.starts_with("OpenDMARC Filter: ")) return emit_notice(out, Severity::kInfo, Topic::kOther);
  }
  if (const OpeningPhrase* phrase = find_opening(text, kProgram)) {
    return emit_notice(out, phrase->severity, phrase->topic);
  }
  if (text.find(": configuration error at line ") != kNone || text.find(": required parameter \"") != kNone ||
      text.ends_with(kEndings[0])) {
    return emit_notice(out, Severity::kError, Topic::kConfig);
  }
  Text rest = text.substr(0, 200);
  const std::size_t colon = rest.rfind(": ");
  for (const Text call : kCalls) {
    const std::size_t at = rest.find(call);
    if (at == 0 || (colon != kNone && at != kNone && at >= 2 && rest.substr(at - 2, 2) == ": ")) {
      return emit_notice(out, Severity::kError, Topic::kOther);
    }
  }
  return false;
}

class OpendmarcDialect final : public Dialect {
 public:
  std::string_view name() const override { return "opendmarc"; }

  bool claims(std::string_view program) const override { return program == "opendmarc"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text;
    const Text queue_id = take_queue_id(text);
    if (queue_id.empty() || find_opening(record.text, kProgram) != nullptr) return parse_program(record.text, out);
    if (parse_spf(text, queue_id, out) || parse_query(text, queue_id, out)) return true;
    if (const OpeningPhrase* phrase = find_opening(text, kMessage)) {
      emit_notice(out, phrase->severity, phrase->topic, queue_id);
      ExtraList extra;
      if (consume(text, "ignoring mail from ")) extra.add("ignored", text);
      extra.attach(out);
      return true;
    }
    if (text.ends_with(kEndings[1])) return emit_notice(out, Severity::kError, Topic::kOther, queue_id);
    return parse_result(text, queue_id, out) || parse_program(text, out);
  }
};

}  // namespace

const Dialect& opendmarc_dialect() {
  static const OpendmarcDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
