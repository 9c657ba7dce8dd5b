// clang-format off
// NAME
//   opendkim
//
// SUMMARY
//   The DKIM milter.
//   `auth` with method dkim: a signature that was added (`signed`), and the one result of a verification (pass, fail, none).
//   What is known of a single signature on the way there (its domain and selector, an error of the key or of the
//   cryptography) is an `auth` without a result. Why a message was not signed is a `notice`, as is the `result="..."` of
//   LogResults, which says again what the result line says.
//
// SOURCES
//   opendkim 2.11.0~beta2 (Debian 12): lines, and the texts in the program; opendkim.conf(5), LogWhy, LogResults
//
// SAMPLES
//   Nov 24 03:00:20 mx1 opendkim[245]: 5DB93AF0201: DKIM-Signature field added (s=mail, d=local.example)
//   Nov 24 03:00:21 mx1 opendkim[245]: 4E3F7AF02A1: no signature data
//   Nov 24 03:01:13 mx1 opendkim[245]: 37A7AAF0A30: s=mail d=local.example a=rsa-sha256 SSL error:02000077:rsa routines::wrong signature length
//   Nov 24 03:01:13 mx1 opendkim[245]: 37A7AAF0A30: bad signature data
//   Nov 24 03:00:15 mx1 opendkim[245]: OpenDKIM Filter v2.11.0 starting (args: -f -x /etc/opendkim.conf)
//
// KNOWN GAPS
//   Lines of the statistics and Lua features are read only as far as they say that something failed.
// clang-format on
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"

namespace mailtrail::dialect {
namespace {

using model::Severity;
using model::Text;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

// Takes `QUEUEID: ` off `text`: letters and digits, at most 64 of them.
Text take_queue_id(Text& text) {
  std::size_t length = 0;
  while (length < text.size() && length < 64 && is_alnum(text[length])) ++length;
  if (length == 0 || text.substr(length, 2) != ": ") return {};
  const Text id = text.substr(0, length);
  text.remove_prefix(length + 2);
  return id;
}

model::event::Auth& emit_dkim(Emitter& out, Text queue_id) {
  auto& auth = out.emit<model::event::Auth>(queue_id);
  auth.method = "dkim";
  return auth;
}

// The value of `name` (`s=`) up to a comma, a blank or a closing parenthesis; names stand at the start or behind a
// blank.
Text value_of(Text text, Text name) {
  std::size_t at = text.find(name);
  while (at != kNone && at != 0 && text[at - 1] != ' ') at = text.find(name, at + 1);
  if (at == kNone) return {};
  const Text value = text.substr(at + name.size());
  return value.substr(0, value.find_first_of(", )"));
}

void fill_signature(Text text, model::event::Auth& auth) {
  auth.selector = value_of(text, "s=");
  auth.domain = value_of(text, "d=");
  auth.algorithm = value_of(text, "a=");
}

// `DKIM-Signature field added (s=mail, d=local.example)`
bool parse_signed(Text text, Text queue_id, Emitter& out) {
  constexpr Text kAdded = " field added (";
  const std::size_t at = text.find(kAdded);
  if (at == kNone || !text.ends_with(")") || text.substr(0, at).find(' ') != kNone) return false;
  auto& auth = emit_dkim(out, queue_id);
  fill_signature(text.substr(at + kAdded.size()), auth);
  auth.is_signed = true;
  return true;
}

// `s=mail d=local.example a=rsa-sha256 SSL error:...`; without an error the line just names the signature.
bool parse_signature(Text text, Text queue_id, Emitter& out) {
  const std::size_t ssl = text.find(" SSL");
  if (!text.starts_with("s=") || ssl == kNone) return false;
  auto& auth = emit_dkim(out, queue_id);
  fill_signature(text.substr(0, ssl), auth);
  auth.reason = trim(text.substr(ssl + 4));
  return true;
}

// `key retrieval failed (s=mail, d=example.com): 'mail._domainkey.example.com' record not found`
bool parse_key(Text text, Text queue_id, Emitter& out) {
  if (!text.starts_with("key retrieval failed") && !text.starts_with("key revoked (")) return false;
  auto& auth = emit_dkim(out, queue_id);
  const std::size_t open = text.find('(');
  if (open != kNone) fill_signature(text.substr(open + 1, text.find(')', open) - open - 1), auth);
  auth.reason = text;
  return true;
}

bool parse_result(Text text, Text queue_id, Emitter& out) {
  Text result;
  if (text == "DKIM verification successful") result = "pass";
  if (text == "bad signature data") result = "fail";
  if (text == "no signature data") result = "none";
  if (result.empty()) return false;
  emit_dkim(out, queue_id).result = result;
  return true;
}

struct Phrase {
  Text text;
  Severity severity = Severity::kInfo;
  Topic topic = Topic::kOther;
};

// Lines about a message: how they begin.
constexpr Phrase kOpenings[] = {
    {"signature="},
    {"external host "},
    {"no signing domain match for "},
    {"no signing subdomain match for "},
    {"no signing table match for "},
    {"no MTA name match (host="},
    {"no macros match"},
    {"not authenticated"},
    {"ignoring signature from "},
    {"skipping signing of mail to "},
    {"BodyLengthDB matched "},
    {"can't determine message sender; accepting", Severity::kWarning},
    {"RFC5322 header requirement error: ", Severity::kWarning},
    {"key data is not secure: ", Severity::kWarning},
    {"syntax error: ", Severity::kWarning},
    {"signature processing failed: ", Severity::kError},
    {"signature generation error: ", Severity::kError},
    {"resource unavailable: ", Severity::kError},
    {"internal error from libopendkim: ", Severity::kError},
    {"error loading key ", Severity::kError, Topic::kConfig},
    {"error reading signing table", Severity::kError, Topic::kConfig},
    {"signing table references unknown key ", Severity::kError, Topic::kConfig},
    {"failed to ", Severity::kError},
    {"can't parse ", Severity::kWarning},
    {"cannot find identity header ", Severity::kWarning},
    {"ignoring "},
    {"not POP authenticated"},
    {"SSL ", Severity::kWarning, Topic::kTls},
    {"rate limit for ", Severity::kWarning, Topic::kLimit},
    {"blocked by reputation of ", Severity::kWarning},
    {"would be blocked by reputation of "},
    {"allowed by reputation of "},
    {"no reputation data available for "},
    {"reputation query for ", Severity::kWarning, Topic::kNetwork},
    {"can't create VBR", Severity::kError},
    {"can't initialize VBR resolver", Severity::kError, Topic::kDns},
    {"can't set VBR ", Severity::kError},
    {"can't verify VBR information", Severity::kWarning},
    {"error handling VBR information", Severity::kWarning},
    {"can't configure DKIM library: ", Severity::kError, Topic::kConfig},
    {"overflow parsing ", Severity::kWarning},
    {"dkim", Severity::kError},
    {"smfi_", Severity::kError},
    {"curl_easy_", Severity::kError, Topic::kNetwork},
    {"malloc(): ", Severity::kError},
    {"strdup(): ", Severity::kError},
    {"fopen(): ", Severity::kError, Topic::kStorage},
    {"mkstemp(): ", Severity::kError, Topic::kStorage},
    {"popen(): ", Severity::kError},
    {"pclose(): ", Severity::kError},
    {"read(", Severity::kError},
    {"open(): ", Severity::kError},
};

// ... and how they end.
constexpr Phrase kEndings[] = {{" not internal"},
                               {" exempted, accepting"},
                               {" header add failed", Severity::kError},
                               {" header remove failed", Severity::kError},
                               {" field add failed", Severity::kError}};

// Lines of the program about itself.
constexpr Phrase kProgram[] = {
    {"OpenDKIM Filter: ", Severity::kInfo, Topic::kOther},
    {"configuration reloaded from ", Severity::kInfo, Topic::kReload},
    {"can't load key from ", Severity::kError, Topic::kConfig},
    {"terminated with signal ", Severity::kError, Topic::kStop},
    {"exited with status ", Severity::kWarning, Topic::kStop},
    {"maximum restart count exceeded", Severity::kError, Topic::kStop},
    {"maximum restart rate exceeded", Severity::kError, Topic::kStop},
    {"ignoring reload signal", Severity::kInfo, Topic::kReload},
    {"cache: ", Severity::kInfo, Topic::kStats},
    {"KeyTable entry for ", Severity::kError, Topic::kConfig},
    {"WARNING: ", Severity::kWarning, Topic::kConfig},
    {"can't ", Severity::kError, Topic::kOther},
    {"error ", Severity::kError, Topic::kOther},
    {"failed to ", Severity::kError, Topic::kConfig},
    {"dkim", Severity::kError, Topic::kOther},
    {"smfi_", Severity::kError, Topic::kNetwork},
    {"mlfi_", Severity::kError, Topic::kNetwork},
    {"malloc(): ", Severity::kError, Topic::kOther},
    {"pthread_", Severity::kError, Topic::kOther},
    {"socket cleanup failed: ", Severity::kError, Topic::kNetwork},
    {"[parent] ", Severity::kError, Topic::kOther},
    {"[child] ", Severity::kError, Topic::kOther},
    {"use of ", Severity::kWarning, Topic::kConfig},
    {"using ChangeRootDirectory ", Severity::kWarning, Topic::kConfig},
    {"key '", Severity::kError, Topic::kConfig},
    {"no such ", Severity::kError, Topic::kConfig},
    {"ignoring header field ", Severity::kWarning, Topic::kConfig},
    {"verifier mode operating ", Severity::kError, Topic::kConfig},
    {"statistics recording failed", Severity::kError, Topic::kStorage},
    {"too much header data", Severity::kWarning, Topic::kLimit},
    {"regexec() failed", Severity::kError, Topic::kOther},
    {"kill(", Severity::kError, Topic::kOther},
    {"fork(): ", Severity::kError, Topic::kOther},
    {"setgid(): ", Severity::kError, Topic::kOther},
    {"setuid(): ", Severity::kError, Topic::kOther},
    {"initgroups(): ", Severity::kError, Topic::kOther},
    {"prctl(): ", Severity::kError, Topic::kOther},
};

bool parse_program(Text text, Emitter& out) {
  if (text.starts_with("OpenDKIM Filter v")) {
    if (text.find(" starting") != kNone) return emit_notice(out, Severity::kInfo, Topic::kStart);
    if (text.find(" terminating with status ") != kNone) return emit_notice(out, Severity::kInfo, Topic::kStop);
    return false;
  }
  for (const Phrase& phrase : kProgram) {
    if (text.starts_with(phrase.text)) return emit_notice(out, phrase.severity, phrase.topic);
  }
  // The name of a file of the configuration stands before what is wrong with it.
  if (text.find(": configuration error at line ") != kNone || text.find(": required parameter \"") != kNone ||
      text.find(": settings found for deprecated value(s): ") != kNone || text.ends_with(": read/parse error")) {
    return emit_notice(out, Severity::kError, Topic::kConfig);
  }
  return false;
}

class OpendkimDialect final : public Dialect {
 public:
  std::string_view name() const override { return "opendkim"; }

  bool claims(std::string_view program) const override { return program == "opendkim"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text;
    const Text queue_id = take_queue_id(text);
    if (queue_id.empty() || queue_id == "cache") return parse_program(record.text, out);
    if (parse_result(text, queue_id, out) || parse_signed(text, queue_id, out) ||
        parse_signature(text, queue_id, out) || parse_key(text, queue_id, out)) {
      return true;
    }
    for (const Phrase& phrase : kOpenings) {
      if (text.starts_with(phrase.text)) return emit_notice(out, phrase.severity, phrase.topic, queue_id);
    }
    for (const Phrase& phrase : kEndings) {
      if (text.ends_with(phrase.text)) return emit_notice(out, phrase.severity, phrase.topic, queue_id);
    }
    return false;
  }
};

}  // namespace

const Dialect& opendkim_dialect() {
  static const OpendkimDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
