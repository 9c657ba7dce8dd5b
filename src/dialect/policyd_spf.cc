// clang-format off
// NAME
//   policyd_spf
//
// SUMMARY
//   The SPF policy servers for Postfix, in Python (policyd-spf of spf-engine) and in Perl.
//   `auth` with method spf for the decision on a message: the header that was prepended, or the refusal (`disposition`). The
//   lines of higher debug levels say the same once more and are a `notice`, as are exemptions from the check.
//
// SOURCES
//   spf-engine 3.0.4 and postfix-policyd-spf-perl 2.011 (Debian 12): lines of the first, texts of both; RFC 7208, 9.1;
//   RFC 7372, 3.2 (5.7.23, 5.7.24); RFC 8601
//
// SAMPLES
//   Nov 24 03:00:20 mx1 policyd-spf[782]: : prepend Received-SPF: None (mailfrom) identity=mailfrom; client-ip=203.0.113.21; helo=client4.good.example; envelope-from=s@sender.example; receiver=local.example 
//   Nov 24 03:00:50 mx1 policyd-spf[782]: : 550 5.7.23 Message rejected due to: SPF fail - not authorized. Please see http://www.openspf.net/Why?s=mfrom;id=s@spffail.example;ip=203.0.113.9;r=local.example
//   Nov 24 03:00:50 mx1 postfix/policy-spf[782]: Policy action=PREPEND Received-SPF: pass (sender.example: 203.0.113.21 is authorized to use 's@sender.example' in 'mfrom' identity (mechanism 'mx' matched)) receiver=mx1.example; identity=mailfrom; envelope-from="s@sender.example"; helo=client4.good.example; client-ip=203.0.113.21
//
// KNOWN GAPS
//   Where HELO or sender imitate a field that follows, both are left out. With Header_Type None and debugLevel 0 nothing is
//   logged.
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

// The result that `word` names in any case, or empty.
Text result_of(Text word) {
  for (const Text result : kResults) {
    if (equals_ignoring_case(word, result)) return result;
  }
  return {};
}

// The value behind `name`, up to the next `; `. Empty unless `name` stands in `text` exactly once: what the client said
// may imitate a name.
Text only_value(Text text, Text name) {
  const std::size_t at = text.find(name);
  if (at == kNone || text.find(name, at + 1) != kNone) return {};
  const Text value = text.substr(at + name.size());
  return value.substr(0, value.find("; "));
}

Text unquoted(Text text) {
  return text.size() >= 2 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

void set_sender(Text sender, model::event::Auth& auth) {
  auth.sender = sender;
  const std::size_t at = sender.rfind('@');
  if (auth.identity == "mailfrom" && at != kNone) auth.domain = sender.substr(at + 1);
}

model::event::Auth& emit_spf(Emitter& out, Text queue_id) {
  auto& auth = out.emit<model::event::Auth>(queue_id);
  auth.method = "spf";
  return auth;
}

// `None (mailfrom) identity=mailfrom; client-ip=..; helo=..; envelope-from=..; receiver=..`, what stands behind
// `Received-SPF: `. The order of the fields differs between the two programs.
bool parse_received_spf(Text text, Text queue_id, Emitter& out) {
  text = trim(text);
  const Text result = result_of(text.substr(0, text.find(' ')));
  const std::size_t identity = text.find(" identity=");
  if (result.empty() || identity == kNone) return false;
  auto& auth = emit_spf(out, queue_id);
  auth.result = result;
  const Text named = text.substr(identity + 10);
  auth.identity = named.substr(0, named.find(';'));
  if (auth.identity != "mailfrom" && auth.identity != "helo") auth.identity = {};
  auth.client_ip = only_value(text, "; client-ip=");
  const Text helo = only_value(text, "; helo=");
  const Text sender = only_value(text, "; envelope-from=");
  const bool has_sender = text.find("; envelope-from=") != kNone;
  if (!helo.empty() && (!sender.empty() || !has_sender)) {
    auth.helo = unquoted(helo);
    set_sender(unquoted(sender), auth);
  }
  ExtraList extra;
  extra.add("receiver", only_value(text, text.find(") receiver=") != kNone ? ") receiver=" : "; receiver="));
  extra.attach(out);
  return true;
}

// `mx1.example; spf=pass (comment) smtp.mailfrom=sender.example (...)`, what stands behind `Authentication-Results: `.
bool parse_authentication_results(Text text, Text queue_id, Emitter& out) {
  const std::size_t at = text.find("; spf=");
  if (at == kNone) return false;
  const Text word = text.substr(at + 6);
  const Text result = result_of(word.substr(0, word.find_first_of(" ;")));
  if (result.empty()) return false;
  auto& auth = emit_spf(out, queue_id);
  auth.result = result;
  const Text domain = only_value(text, " smtp.mailfrom=");
  const Text helo = only_value(text, " smtp.helo=");
  if (!domain.empty()) {
    auth.identity = "mailfrom";
    auth.domain = domain.substr(0, domain.find(' '));
  } else if (!helo.empty()) {
    auth.identity = "helo";
    auth.helo = helo.substr(0, helo.find(' '));
  }
  return true;
}

// The value of `name` (`ip=`) in the query of a Why? address, whose fields stand apart by `;` or `&`.
Text why_value(Text query, Text name) {
  while (!query.empty()) {
    const std::size_t end = query.find_first_of(";& ");
    Text field = query.substr(0, end);
    query.remove_prefix(end == kNone ? query.size() : end + 1);
    if (consume(field, name)) return field;
  }
  return {};
}

// `a%40b` decoded; the text itself where nothing is encoded.
Text percent_decoded(Text text, Arena& arena) {
  if (text.find('%') == kNone) return text;
  char* copy = static_cast<char*>(arena.allocate(text.size(), 1));
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && is_hex_digit(digits[0]) && is_hex_digit(digits[1]) &&
        std::from_chars(digits, digits + 2, value, 16).ec == std::errc()) {
      copy[size++] = static_cast<char>(value);
      i += 2;
    } else {
      copy[size++] = text[i];
    }
  }
  return {copy, size};
}

// Who was refused, from the address that the reply points to.
void read_why(Text text, model::event::Auth& auth, Arena& arena) {
  const std::size_t at = text.rfind("/Why?");
  if (at == kNone) return;
  const Text query = text.substr(at + 5);
  const Text scope = why_value(query, "s=");
  if (scope == "mfrom") auth.identity = "mailfrom";
  if (scope == "helo") auth.identity = "helo";
  auth.client_ip = why_value(query, "ip=");
  const Text id = percent_decoded(why_value(query, "id="), arena);
  if (auth.identity == "mailfrom") set_sender(id, auth);
  if (auth.identity == "helo") auth.helo = id;
}

// What a refusal says of the result: by its words where they are the program's, else by the status code.
Text refused_result(Text dsn, Text text) {
  constexpr Text kReceiver = "Receiver policy for SPF ";
  const std::size_t policy = text.find(kReceiver);
  if (policy != kNone) {
    const Text word = text.substr(policy + kReceiver.size());
    return result_of(word.substr(0, word.find_first_of(". ")));
  }
  if (text.find("SPF Permanent Error") != kNone) return "permerror";
  if (text.find("SPF Temporary Error") != kNone) return "temperror";
  return dsn.ends_with(".7.23") ? "fail" : Text();
}

// `550 5.7.23 Message rejected due to: ...` and `451 4.7.24 Message deferred due to: ...`
bool parse_refusal(Text text, Text queue_id, Emitter& out) {
  if (text.size() < 10 || (text[0] != '4' && text[0] != '5') || !is_digit(text[1]) || !is_digit(text[2]) ||
      text[3] != ' ') {
    return false;
  }
  Text rest = text.substr(4);
  const Text dsn = take_until(rest, ' ');
  if (dsn != "5.7.23" && dsn != "5.7.24" && dsn != "4.7.23" && dsn != "4.7.24" && dsn != "5.7.1" && dsn != "4.7.1") {
    return false;
  }
  auto& auth = emit_spf(out, queue_id);
  auth.result = refused_result(dsn, rest);
  auth.disposition = text[0] == '5' ? "reject" : "defer";
  auth.reason = text;
  read_why(rest, auth, out.arena());
  return true;
}

// `Policy action=...` of the Perl program.
bool parse_perl(Text text, Emitter& out) {
  if (consume(text, "PREPEND Received-SPF: ")) return parse_received_spf(text, {}, out);
  if (text.starts_with("550 ")) {
    auto& auth = emit_spf(out, {});
    auth.result = "fail";
    auth.disposition = "reject";
    auth.reason = text;
    read_why(text, auth, out.arena());
    return true;
  }
  if (text.starts_with("DEFER_IF_PERMIT SPF-Result=")) {
    auto& auth = emit_spf(out, {});
    auth.result = "temperror";
    auth.disposition = "defer";
    auth.reason = text;
    return true;
  }
  if (text == "DUNNO" || text.starts_with("PREPEND ")) return emit_notice(out, Severity::kInfo, Topic::kOther);
  return false;
}

constexpr OpeningPhrase kOpenings[] = {
    {"spfcheck: ", Severity::kDebug, Topic::kOther},
    {"Action: ", Severity::kDebug, Topic::kOther},
    {"Config: ", Severity::kDebug, Topic::kOther},
    {"Cached data for this instance: ", Severity::kDebug, Topic::kOther},
    {"Read line: ", Severity::kDebug, Topic::kOther},
    {"Found the end of entry", Severity::kDebug, Topic::kOther},
    {"_get_resultcodes: ", Severity::kDebug, Topic::kOther},
    {"not peruser", Severity::kDebug, Topic::kOther},
    {"Starting", Severity::kDebug, Topic::kStart},
    {"Normal exit", Severity::kDebug, Topic::kStop},
    {"handler ", Severity::kDebug, Topic::kOther},
    {"HELO check failed - ", Severity::kWarning, Topic::kDns},
    {"Mail From (sender) check failed - ", Severity::kWarning, Topic::kDns},
    {"Attribute: ", Severity::kDebug, Topic::kOther},
    {"ERROR", Severity::kError, Topic::kConfig},
    {"WARNING: ", Severity::kWarning, Topic::kConfig},
    {"warning: ", Severity::kWarning, Topic::kOther},
    {"fatal_exit: ", Severity::kFatal, Topic::kOther},
    {"Authserv_Id not set ", Severity::kError, Topic::kConfig},
    {"Authserv_Id ", Severity::kDebug, Topic::kConfig},
    {"Header_Type includes both ", Severity::kError, Topic::kConfig},
    {"Configuration File parsing error: ", Severity::kError, Topic::kConfig},
    {"Configuration item ", Severity::kError, Topic::kConfig},
    {"Could not make HostDataset ", Severity::kError, Topic::kConfig},
    {"Domain_Whitelist check ", Severity::kDebug, Topic::kOther},
    {"HELO_Whitelist check ", Severity::kDebug, Topic::kOther},
    {"Whitelist check ", Severity::kDebug, Topic::kOther},
    {"skip_addresses check ", Severity::kDebug, Topic::kOther},
    {"PID dir created: ", Severity::kInfo, Topic::kStart},
    {"Per user configuration data ", Severity::kDebug, Topic::kConfig},
    {"Per-user settings for ", Severity::kDebug, Topic::kConfig},
    {"Pyspf Cached SPF record ", Severity::kDebug, Topic::kDns},
    {"Reading per user data ", Severity::kDebug, Topic::kConfig},
    {"Scope helo unused results: ", Severity::kDebug, Topic::kOther},
    {"Scope mfrom unused results: ", Severity::kDebug, Topic::kOther},
    {"Unable to write pidfle ", Severity::kError, Topic::kStorage},
    {"User data: ", Severity::kDebug, Topic::kConfig},
    {"drop_privileges: ", Severity::kInfo, Topic::kStart},
    {"readConfigFile: ", Severity::kDebug, Topic::kConfig},
    {"readUserConfigFile: ", Severity::kDebug, Topic::kConfig},
    {"helo policy ", Severity::kDebug, Topic::kOther},
    {"mfrom policy ", Severity::kDebug, Topic::kOther},
    {"Header text ", Severity::kDebug, Topic::kOther},
    {"Ouch, caught exc: ", Severity::kError, Topic::kOther},
    {"result_only ", Severity::kInfo, Topic::kOther},
    {"prepend X-Comment: ", Severity::kInfo, Topic::kOther},
};

// `Pass; identity=mailfrom; ...` and `SPF pass: HELO/EHLO: ...`: the result again, at a higher debug level.
bool is_debug_result(Text text) {
  if (consume(text, "SPF ")) {
    return !result_of(text.substr(0, text.find_first_of(" :"))).empty() &&
           (text.find(": HELO/EHLO") != kNone || text.find(": Envelope-from: ") != kNone);
  }
  return !result_of(take_until(text, ';')).empty() && text.starts_with(" identity=");
}

class PolicydSpfDialect final : public Dialect {
 public:
  std::string_view name() const override { return "policyd_spf"; }

  bool claims(std::string_view program) const override {
    const std::size_t slash = program.rfind('/');
    if (slash != kNone) program.remove_prefix(slash + 1);
    return program == "policyd-spf" || program == "policy-spf" || program == "policyd-spf-perl" ||
           program == "postfix-policyd-spf-perl";
  }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text;
    if (consume(text, "Policy action=")) return parse_perl(text, out);
    // The queue id is empty before the first recipient is accepted: `: prepend ...`.
    Text queue_id;
    std::size_t length = 0;
    while (length < text.size() && length < 64 && is_alnum(text[length])) ++length;
    if (text.substr(length, 2) == ": " && find_opening(text, kOpenings) == nullptr) {
      queue_id = text.substr(0, length);
      text.remove_prefix(length + 2);
    }
    Text rest = text;
    if (consume(rest, "prepend ") || consume(rest, "Header field not prepended: ")) {
      if (consume(rest, "Received-SPF: ")) return parse_received_spf(rest, queue_id, out);
      if (consume(rest, "Authentication-Results: ") && parse_authentication_results(rest, queue_id, out)) return true;
    }
    if (parse_refusal(text, queue_id, out)) return true;
    if (is_debug_result(text)) return emit_notice(out, Severity::kDebug, Topic::kOther, queue_id);
    if (const OpeningPhrase* phrase = find_opening(text, kOpenings)) {
      return emit_notice(out, phrase->severity, phrase->topic, queue_id);
    }
    return false;
  }
};

}  // namespace

const Dialect& policyd_spf_dialect() {
  static const PolicydSpfDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
