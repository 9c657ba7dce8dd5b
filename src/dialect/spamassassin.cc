// clang-format off
// NAME
//   spamassassin
//
// SUMMARY
//   spamd, the daemon of SpamAssassin.
//   One `verdict` for the line `spamd: result:` of a message, with its symbols, score and message id. In `extra`: the user
//   that the client named, size, seconds of the scan, what Bayes learned. The line `identified spam` or `clean message` says
//   the same once more, with a finer score: a `notice` with `score` in `extra`, as are `checking message` and the lines about
//   children, rules and connections of spamc, which is no mail session.
//
// SOURCES
//   SpamAssassin 4.0.1 (Debian 12): lines recorded from spamd, and the texts in it; published lines of 3.3 and 3.4
//
// SAMPLES
//   Nov 24 19:52:15 mx1 spamd[522]: spamd: result: Y 1000 - GTUBE,MISSING_MID,NO_RECEIVED scantime=0.4,size=167,user=bob,uid=909,required_score=5.0,rhost=localhost,raddr=127.0.0.1,rport=50870,mid=<1@example.net>,autolearn=no autolearn_force=no
//   Nov 24 19:52:15 mx1 spamd[522]: spamd: identified spam (1000.6/5.0) for bob:909 in 0.4 seconds, 167 bytes.
//   Nov 24 19:52:15 mx1 spamd[522]: spamd: connection from localhost [127.0.0.1]:50870 to port 7830, fd 5
//   Nov 24 19:52:15 mx1 spamd[473]: prefork: child states: IB
//
// KNOWN GAPS
//   The result line states the score as a whole number, cut off: 5.9 is 5. spamd replaces commas in a message id by `_`: such
//   an id is not the message's. What spamassassin, sa-learn and sa-update write is not read.
// clang-format on
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/ip_shape.h"
#include "dialect/opening_phrase.h"
#include "dialect/text_list.h"

namespace mailtrail::dialect {
namespace {

using model::Severity;
using model::Text;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

struct Result {
  Text score, symbols, message_id, user, threshold;
  Text rest;  // the first field that is not known
  ExtraList extra;
};

void read_field(Text field, Result& result) {
  struct Known {
    Text name, extra;
  };
  constexpr Known kKnown[] = {{"rhost=", "spamc_host"},         {"raddr=", "spamc_ip"}, {"rport=", "spamc_port"},
                              {"rmid=", "resent_message_id"},   {"bayes=", "bayes"},    {"autolearn=", "autolearn"},
                              {"shortcircuit=", "shortcircuit"}};
  if (consume(field, "mid=")) {
    if (field != "(unknown)") result.message_id = field;
    return;
  }
  for (const Known& known : kKnown) {
    if (!consume(field, known.name)) continue;
    // `autolearn=no autolearn_force=no` is one field of this list.
    result.extra.add(known.extra, field.substr(0, field.find(' ')));
    return;
  }
  if (result.rest.empty()) result.rest = field;
}

// `scantime=0.4,size=167,user=bob,uid=909,required_score=5.0,...`. The user may hold anything, commas and fields too;
// what follows it holds no commas but those between the fields.
bool read_fields(Text text, Result& result) {
  const std::size_t required = text.rfind(",required_score=");
  if (required == kNone) return false;
  Text tail = text.substr(required + 16);
  Text head = text.substr(0, required);
  result.threshold = take_until(tail, ',');
  const std::size_t user = head.find("user=");
  if (user == kNone) return false;
  Text who = head.substr(user + 5);
  const std::size_t uid = who.rfind(",uid=");
  result.user = who.substr(0, uid);
  head = head.substr(0, user);
  while (!head.empty()) {
    Text field = take_until(head, ',');
    if (consume(field, "scantime=")) result.extra.add("scan_seconds", field);
    if (consume(field, "size=")) result.extra.add("size", field);
  }
  result.extra.add("user", result.user);
  Text rest = tail;
  while (!rest.empty()) read_field(take_until(rest, ','), result);
  result.extra.add("rest", result.rest);
  return true;
}

// `Y 1000 - GTUBE,MISSING_MID scantime=...`; a clean message has `.` instead of `Y`, and may have no symbols.
bool parse_result(Text text, Emitter& out) {
  const Text sign = take_until(text, ' ');
  if (sign != "Y" && sign != ".") return false;
  text = trim(text);
  Result result;
  result.score = take_until(text, ' ');
  if (!consume(text, "- ")) return false;
  const std::size_t fields = text.find("scantime=");
  if (fields == kNone || !read_fields(text.substr(fields), result)) return false;
  result.symbols = trim(text.substr(0, fields));
  auto& verdict = out.emit<model::event::Verdict>();
  verdict.filter = "spamassassin";
  verdict.category = sign == "Y" ? "spam" : "clean";
  verdict.score = to_number<double>(result.score);
  verdict.threshold = to_number<double>(result.threshold);
  verdict.message_id = result.message_id;
  TextList symbols(out.arena());
  while (!result.symbols.empty()) symbols.add(take_until(result.symbols, ','));
  verdict.symbols = symbols.span();
  result.extra.attach(out);
  return true;
}

// `connection from localhost [127.0.0.1]:50870 to port 7830, fd 5`
bool parse_connection(Text text, Emitter& out) {
  if (!consume(text, "connection from ")) return false;
  const std::size_t open = text.find('[');
  const std::size_t close = text.find(']');
  if (open == kNone || close == kNone || close < open) return false;
  auto& notice = out.emit<model::event::Notice>();
  notice.severity = Severity::kInfo;
  notice.topic = Topic::kNetwork;
  notice.text = out.record().text;
  notice.client_name = trim(text.substr(0, open));
  const Text ip = text.substr(open + 1, close - open - 1);
  if (looks_like_ip(ip)) notice.client_ip = ip;
  return true;
}

// `identified spam (1000.6/5.0) for bob:909 in 0.4 seconds, 167 bytes.`
bool parse_finer_score(Text text, Emitter& out) {
  if (!consume(text, "identified spam (") && !consume(text, "clean message (")) return false;
  const Text score = take_until(text, '/');
  const Text threshold = take_until(text, ')');
  emit_notice(out, Severity::kInfo, Topic::kOther);
  ExtraList extra;
  extra.add("score", score);
  extra.add("threshold", threshold);
  const std::size_t end = text.rfind(" in ");
  if (consume(text, " for ") && end != kNone && end >= 5) {
    const Text user = text.substr(0, end - 5);
    extra.add("user", user.substr(0, user.rfind(':')));
  }
  extra.attach(out);
  return true;
}

constexpr OpeningPhrase kSpamd[] = {
    {"checking message ", Severity::kInfo, Topic::kOther},
    {"processing message ", Severity::kInfo, Topic::kOther},
    {"server started on ", Severity::kInfo, Topic::kStart},
    {"server pid: ", Severity::kInfo, Topic::kStart},
    {"server successfully spawned child process", Severity::kInfo, Topic::kOther},
    {"server killed by ", Severity::kInfo, Topic::kStop},
    {"server hit by ", Severity::kInfo, Topic::kReload},
    {"restarting ", Severity::kInfo, Topic::kReload},
    {"handled cleanup of child pid ", Severity::kInfo, Topic::kOther},
    {"setuid to ", Severity::kInfo, Topic::kOther},
    {"using default config for ", Severity::kInfo, Topic::kConfig},
    {"creating default_prefs", Severity::kInfo, Topic::kConfig},
    {"failed to create readable default_prefs", Severity::kWarning, Topic::kConfig},
    {"handle_user ", Severity::kWarning, Topic::kOther},
    {"still running as root", Severity::kWarning, Topic::kConfig},
    {"got connection over ", Severity::kInfo, Topic::kOther},
    {"identified_spam", Severity::kInfo, Topic::kOther},
    {"Tell: ", Severity::kInfo, Topic::kOther},
    {"bad protocol: ", Severity::kWarning, Topic::kNetwork},
    {"unauthorized connection from ", Severity::kWarning, Topic::kNetwork},
    {"service unavailable: ", Severity::kWarning, Topic::kConfig},
    {"copy_config ", Severity::kWarning, Topic::kOther},
    {"could not ", Severity::kError, Topic::kOther},
    {"cannot ", Severity::kError, Topic::kOther},
    {"can't ", Severity::kError, Topic::kOther},
    {"error: ", Severity::kError, Topic::kOther},
    {"timeout: ", Severity::kWarning, Topic::kOther},
    {"child ", Severity::kInfo, Topic::kOther},
    {"alarm ", Severity::kInfo, Topic::kOther},
    {"fork: ", Severity::kError, Topic::kOther},
    {"accept failed: ", Severity::kError, Topic::kNetwork},
};

// Other parts of SpamAssassin, by the word that stands before the first colon.
constexpr OpeningPhrase kParts[] = {
    {"prefork: ", Severity::kInfo, Topic::kOther},
    {"config: ", Severity::kWarning, Topic::kConfig},
    {"rules: ", Severity::kWarning, Topic::kConfig},
    {"plugin: ", Severity::kWarning, Topic::kConfig},
    {"dns: ", Severity::kWarning, Topic::kDns},
    {"async: ", Severity::kWarning, Topic::kDns},
    {"uridnsbl: ", Severity::kWarning, Topic::kDns},
    {"bayes: ", Severity::kWarning, Topic::kStorage},
    {"locker: ", Severity::kWarning, Topic::kStorage},
    {"auto-whitelist: ", Severity::kWarning, Topic::kStorage},
    {"TxRep: ", Severity::kWarning, Topic::kStorage},
    {"learn: ", Severity::kInfo, Topic::kOther},
    {"netset: ", Severity::kWarning, Topic::kConfig},
    {"util: ", Severity::kWarning, Topic::kOther},
    {"check: ", Severity::kWarning, Topic::kOther},
    {"message: ", Severity::kWarning, Topic::kOther},
    {"pyzor: ", Severity::kWarning, Topic::kNetwork},
    {"razor2: ", Severity::kWarning, Topic::kNetwork},
    {"dcc: ", Severity::kWarning, Topic::kNetwork},
    {"spf: ", Severity::kWarning, Topic::kDns},
    {"dkim: ", Severity::kWarning, Topic::kDns},
    {"geodb: ", Severity::kWarning, Topic::kConfig},
    {"reporter: ", Severity::kInfo, Topic::kOther},
    {"logger: ", Severity::kInfo, Topic::kStart},
    {"info: ", Severity::kInfo, Topic::kOther},
    {"warn: ", Severity::kWarning, Topic::kOther},
    {"error: ", Severity::kError, Topic::kOther},
    {"Use of uninitialized value ", Severity::kWarning, Topic::kOther},
};

class SpamassassinDialect final : public Dialect {
 public:
  std::string_view name() const override { return "spamassassin"; }

  bool claims(std::string_view program) const override { return program == "spamd"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text;
    if (consume(text, "spamd: ")) {
      if (consume(text, "result: ")) return parse_result(text, out);
      if (parse_connection(text, out) || parse_finer_score(text, out)) return true;
      if (const OpeningPhrase* phrase = find_opening(text, kSpamd)) {
        return emit_notice(out, phrase->severity, phrase->topic);
      }
      return false;
    }
    const OpeningPhrase* phrase = find_opening(text, kParts);
    return phrase != nullptr && emit_notice(out, phrase->severity, phrase->topic);
  }
};

}  // namespace

const Dialect& spamassassin_dialect() {
  static const SpamassassinDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
