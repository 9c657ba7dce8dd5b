// clang-format off
// NAME
//   amavis
//
// SUMMARY
//   The content filter amavisd-new, now amavis.
//   One `verdict` for the summary line of a message (log level 0: `$log_templ`, the short or the verbose form, or the JSON
//   report), with
//   the queue id that Postfix told it by XFORWARD (`Queue-ID`) and the queue ids under which it handed the message on
//   (`queued_as`). All else is a `notice`: start-up, errors `(!)`, and the single steps of log level 1 and higher. The
//   line for each recipient (`$log_recip_templ`, log level 1) repeats the summary and is a `notice`, so that a message
//   is judged once. `extra` holds the category as amavis words it, its actions, mail_id and log_id (the number in
//   parentheses that joins the lines of one message).
//
// SOURCES
//   README.customize and the templates of amavisd-new 2.13.0; lines of 2.13.0 (Debian 12)
//
// SAMPLES
//   Nov 24 03:00:23 mx1 amavis[668]: (00668-02) Passed CLEAN {RelayedInbound}, [203.0.113.1]:34819 [203.0.113.1] <s@sender.example> -> <alice@local.example>,<user2@vmail.example>, Queue-ID: 721BAAF02B0, Message-ID: <000124.amavis-clean@gen.sender.example>, mail_id: MRjuYG42BG-A, Hits: 1.4, size: 501, queued_as: B0500AF02C0, 213 ms
//   Nov 24 03:01:20 mx1 amavis[669]: (00669-08) Blocked BANNED (application/octet-stream,x.pif) {BouncedInbound,Quarantined}, [203.0.113.17]:39773 [203.0.113.17] <s@sender.example> -> <bob@local.example>, quarantine: banned-6a9jJVFf4_p0, Queue-ID: C8F50AF0A79, Message-ID: <000909.amavis-banned@gen.sender.example>, mail_id: 6a9jJVFf4_p0, Hits: -, size: 749, 63 ms
//   Nov 24 03:00:21 mx1 amavis[669]: (00669-01) (!)PRESERVING EVIDENCE in /srv/lab/postfix/amavis/tmp/amavis-20261124T030020-00669-zYfrAc9I
//   Nov 24 03:00:23 mx1 amavis[668]: (00668-02) {"action":["PASS"],"client_ip":"203.0.113.1","content_type":"Clean","mail_from":"s@sender.example","queue_id":"721BAAF02B0","rcpt_to":["alice@local.example"],"type":"amavis"}
//   Nov 24 03:00:18 mx1 amavis[396]: Net::Server: Binding to TCP port 10024 on host ::1 with IPv6
//
// KNOWN GAPS
//   A log template of the site's own is not read; nor is a JSON report that syslog's length (`$logline_maxlen`) cut in
//   pieces. Of a summary that was cut, the field at the cut is left out, and what follows in the next line, too. Where a Message-ID imitates the fields that follow it, it and what
//   follows are left out in the verbose form. The attachment name in `BANNED (...)` is the sender's: one that imitates
//   the rest of the line is taken at its word.
// clang-format on
#include "base/text.h"
#include "dialect/amavis/report.h"
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/ip_shape.h"
#include "dialect/text_list.h"

namespace mailtrail::dialect {
namespace {

using model::Severity;
using model::Text;
using model::Topic;

constexpr std::size_t kNone = std::string_view::npos;

// `00669-08` or `00669-08-2`.
bool is_log_id(Text text) {
  bool dash = false;
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back())) return false;
  for (const char c : text) {
    if (c == '-') dash = true;
    if (c != '-' && !is_digit(c)) return false;
  }
  return dash;
}

// Takes `<address>` off `rest`; a quoted local part may hold `>`.
bool take_address(Text& rest, Text& address) {
  if (rest.empty() || rest.front() != '<') return false;
  bool quoted = false;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    const char c = rest[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == '>' && !quoted) {
      address = i == 1 ? rest.substr(0, 2) : rest.substr(1, i - 1);
      rest.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

struct Category {
  Text word;      // of amavis
  Text category;  // of EVENTS.md; empty where it has none
};
constexpr Category kCategories[] = {
    {"CLEAN", "clean"},          {"SPAMMY", "spam"}, {"SPAM", "spam"},  {"INFECTED", "virus"}, {"BANNED", "banned"},
    {"BAD-HEADER", "badheader"}, {"UNCHECKED", ""},  {"OVERSIZED", ""}, {"MTA-BLOCKED", ""},   {"OTHER", ""},
};

struct Summary {
  explicit Summary(Arena& arena) : recipients(arena) {}
  Text action, word, category, detail, actions, client_ip, sender, queue_id, message_id, score, queued_as;
  TextList recipients;
  Text symbols;
  ExtraList extra;
  bool per_recipient = false;
  bool cut_off = false;  // the line ends in `...` and goes on in the next
};

// The word after Passed or Blocked, `(detail)` and `{actions}`, up to and with the comma.
bool read_category(Text& rest, Summary& summary) {
  std::size_t length = 0;
  while (length < rest.size() && (is_upper(rest[length]) || is_digit(rest[length]) || rest[length] == '-')) ++length;
  summary.word = rest.substr(0, length);
  const Category* found = nullptr;
  for (const Category& known : kCategories) {
    // BAD-HEADER-7 and UNCHECKED-ENCRYPTED carry a minor category.
    const bool same =
        summary.word == known.word || (summary.word.size() > known.word.size() &&
                                       summary.word.starts_with(known.word) && summary.word[known.word.size()] == '-');
    if (same) found = &known;
  }
  if (found == nullptr) return false;
  summary.category = found->category;
  rest.remove_prefix(length);
  if (consume(rest, " (")) {
    std::size_t end = rest.find(") {");
    if (end == kNone) end = rest.find("), ");
    if (end == kNone) return false;
    summary.detail = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  if (consume(rest, " {")) {
    const std::size_t end = rest.find('}');
    if (end == kNone) return false;
    summary.actions = rest.substr(0, end);
    rest.remove_prefix(end + 1);
  }
  return consume(rest, ",");
}

// ` MYNETS LOCAL [client]:port [first public address of the trace] ESMTP/ESMTP` before the sender. A single address
// without a port may be either of the two, and is not called the client.
void read_client(Text& rest, Summary& summary) {
  const std::size_t sender = rest.find('<');
  Text head = rest.substr(0, sender);
  rest.remove_prefix(head.size());
  const std::size_t open = head.find('[');
  if (open == kNone) return;
  summary.extra.add("policy_banks", trim(head.substr(0, open)));
  head.remove_prefix(open + 1);
  const Text first = take_until(head, ']');
  const bool port = consume(head, ":");
  while (!head.empty() && is_digit(head.front())) head.remove_prefix(1);
  const bool second = consume(head, " [");
  if (!looks_like_ip(first)) return;
  if (port || second) {
    summary.client_ip = first;
  } else {
    summary.extra.add("ip", first);
  }
  if (!second) return;
  const Text traced = take_until(head, ']');
  if (traced != first && looks_like_ip(traced)) summary.extra.add("trace_ip", traced);
}

bool read_recipients(Text& rest, Summary& summary) {
  if (!take_address(rest, summary.sender) || !consume(rest, " -> ")) return false;
  Text recipient;
  while (take_address(rest, recipient)) {
    summary.recipients.add(recipient);
    if (!rest.starts_with(",<")) break;
    rest.remove_prefix(1);
  }
  if (summary.cut_off && rest.find(", ") == kNone) rest = {};
  return rest.empty() || rest.starts_with(", ") || rest.starts_with(",(");
}

// Takes `Message-ID: ...` off `rest`. The id is the sender's text and may imitate the fields that follow it.
void read_message_id(Text& rest, Summary& summary) {
  constexpr Text kNext = ", mail_id: ";
  const std::size_t first = rest.find(kNext);
  const std::size_t last = rest.rfind(kNext);
  if (first != last && rest.find(", Subject: ") != kNone) {
    rest = {};
    return;
  }
  std::size_t end = last;
  if (end == kNone) end = rest.find(", Hits: ");
  if (end == kNone) end = rest.size();
  Text id = rest.substr(0, end);
  rest.remove_prefix(id.size());
  const std::size_t resent = id.rfind(", Resent-Message-ID: ");
  if (resent != kNone) {
    summary.extra.add("resent_message_id", id.substr(resent + 21));
    id = id.substr(0, resent);
  }
  summary.message_id = id;
}

// `Queue-ID: 721BAAF02B0`, one of the fields whose text is amavis's own.
void set_field(Text field, Summary& summary) {
  if (consume(field, "Queue-ID: ")) {
    if (summary.queue_id.empty()) summary.queue_id = field;
  } else if (consume(field, "Hits: ")) {
    if (summary.score.empty()) summary.score = field;
  } else if (consume(field, "queued_as: ")) {
    if (summary.queued_as.empty()) summary.queued_as = field;
  } else if (consume(field, "quarantine: ")) {
    summary.extra.add("quarantine", field);
  } else if (consume(field, "mail_id: ")) {
    summary.extra.add("mail_id", field);
  } else if (consume(field, "size: ")) {
    summary.extra.add("size", field);
  } else if (consume(field, "dkim_sd=")) {
    summary.extra.add("dkim_sd", field);
  } else if (consume(field, "dkim_new=")) {
    summary.extra.add("dkim_new", field);
  } else if (field.starts_with("kill=")) {
    summary.per_recipient = true;
  } else if (field.ends_with(" ms") && to_number<std::uint32_t>(field.substr(0, field.size() - 3))) {
    summary.extra.add("elapsed_ms", field.substr(0, field.size() - 3));
  }
}

// The fields behind the recipients: `, name: value` or `, name=value`. The first of a name counts.
void read_fields(Text rest, Summary& summary) {
  while (!rest.empty()) {
    if (rest.starts_with(", Message-ID: ")) {
      rest.remove_prefix(14);
      read_message_id(rest, summary);
      continue;
    }
    if (!consume(rest, ", ")) return;
    if (consume(rest, "Subject: \"")) {
      // amavis takes quotes out of a subject.
      const std::size_t quote = rest.find('"');
      if (quote == kNone) return;
      summary.extra.add("subject", rest.substr(0, quote));
      rest.remove_prefix(quote + 1);
      continue;
    }
    if (rest.starts_with("From: ")) {
      // ... and blanks out of an author: the next one is not in it.
      const std::size_t blank = rest.find(' ', 6);
      if (blank == kNone) return;
      Text behind = rest.substr(blank);
      rest = consume(behind, " (dkim:AUTHOR)") ? behind : rest.substr(blank - 1);
      if (!rest.starts_with(", ")) return;
      continue;
    }
    // What the sender or client wrote without quotes ends the part of the line that can be trusted.
    if (rest.starts_with("Subject: ") || rest.starts_with("helo=")) return;
    if (consume(rest, "Tests: [")) {
      const std::size_t close = rest.find(']');
      if (close == kNone) return;
      summary.symbols = rest.substr(0, close);
      rest.remove_prefix(close + 1);
      continue;
    }
    const std::size_t end = rest.find(", ");
    Text field = rest.substr(0, end);
    rest.remove_prefix(field.size());
    set_field(field, summary);
  }
}

// `4F5C6/4F5C7`, or, where amavis could not find the id, the whole reply of the next server.
void read_queue_ids(Text text, TextList& ids) {
  while (!text.empty()) {
    Text one = take_until(text, '/');
    const std::size_t at = one.rfind("queued as ");
    if (at != kNone) one.remove_prefix(at + 10);
    bool plain = !one.empty();
    for (const char c : one) plain = plain && (is_alnum(c) || c == '-');
    if (plain) ids.add(one);
  }
}

bool parse_summary(Text rest, Text log_id, Emitter& out) {
  Summary summary(out.arena());
  if (consume(rest, "Passed ")) {
    summary.action = "passed";
  } else if (consume(rest, "Blocked ")) {
    summary.action = "blocked";
  } else {
    return false;
  }
  summary.extra.add("log_id", log_id);
  summary.cut_off = rest.ends_with("...");
  if (!read_category(rest, summary)) return false;
  read_client(rest, summary);
  if (!read_recipients(rest, summary)) return false;
  // The last field of a line that was cut off is not whole.
  if (summary.cut_off) rest = rest.substr(0, rest.rfind(", ") == kNone ? 0 : rest.rfind(", "));
  read_fields(rest, summary);
  if (summary.per_recipient) {
    emit_notice(out, Severity::kInfo, Topic::kOther);
    ExtraList extra;
    extra.add("log_id", log_id);
    extra.attach(out);
    return true;
  }
  auto& verdict = out.emit<model::event::Verdict>(summary.queue_id);
  verdict.filter = "amavis";
  verdict.action = summary.action;
  verdict.category = summary.category;
  verdict.score = to_number<double>(summary.score);
  if (summary.category == "virus") verdict.virus_name = summary.detail;
  if (summary.category == "banned") verdict.reason = summary.detail;
  verdict.sender = summary.sender;
  verdict.recipients = summary.recipients.span();
  verdict.message_id = summary.message_id;
  verdict.client_ip = summary.client_ip;
  TextList ids(out.arena());
  read_queue_ids(summary.queued_as, ids);
  verdict.child_queue_ids = ids.span();
  TextList symbols(out.arena());
  while (!summary.symbols.empty()) {
    const Text test = take_until(summary.symbols, ',');
    symbols.add(test.substr(0, test.find('=')));
  }
  verdict.symbols = symbols.span();
  summary.extra.add("category", summary.word);
  summary.extra.add("actions", summary.actions);
  summary.extra.attach(out);
  return true;
}

struct Opening {
  Text text;
  Severity severity;
  Topic topic;
};

// How the lines about one message begin, beside the summary.
constexpr Opening kSteps[] = {
    {"Checking: ", Severity::kInfo, Topic::kOther},
    {"ESMTP ", Severity::kInfo, Topic::kOther},
    {"ESMTP: ", Severity::kInfo, Topic::kOther},
    {"ESMTP:[", Severity::kInfo, Topic::kOther},
    {"LMTP ", Severity::kInfo, Topic::kOther},
    {"LMTP:[", Severity::kInfo, Topic::kOther},
    {"SMTP ", Severity::kInfo, Topic::kOther},
    {"local delivery: ", Severity::kInfo, Topic::kStorage},
    {"smtp resp to ", Severity::kInfo, Topic::kNetwork},
    {"p.path ", Severity::kInfo, Topic::kOther},
    {"SPAM, ", Severity::kInfo, Topic::kOther},
    {"SPAM-TAG, ", Severity::kInfo, Topic::kOther},
    {"INFECTED ", Severity::kInfo, Topic::kOther},
    {"extra modules loaded", Severity::kInfo, Topic::kOther},
    {"...", Severity::kInfo, Topic::kOther},
    {"INFO: ", Severity::kInfo, Topic::kOther},
    {"NOTE: ", Severity::kInfo, Topic::kOther},
    {"NOTICE: ", Severity::kWarning, Topic::kOther},
    {"WARN: ", Severity::kWarning, Topic::kOther},
    {"TROUBLE", Severity::kError, Topic::kOther},
    {"OVERSIZED from ", Severity::kInfo, Topic::kLimit},
    {"Message size exceeded ", Severity::kInfo, Topic::kLimit},
    {"DEFANGING MAIL: ", Severity::kInfo, Topic::kOther},
    {"mangling by ", Severity::kInfo, Topic::kOther},
    {"Quarantined message ", Severity::kInfo, Topic::kStorage},
    {"Quarantine ", Severity::kInfo, Topic::kStorage},
    {"Inserting header field: ", Severity::kInfo, Topic::kOther},
    {"Negative SMTP resp", Severity::kWarning, Topic::kNetwork},
    {"dkim: ", Severity::kInfo, Topic::kOther},
    {"delivering to ", Severity::kInfo, Topic::kOther},
    {"do_unzip: ", Severity::kInfo, Topic::kOther},
    {"do_ascii: ", Severity::kInfo, Topic::kOther},
    {"Error ", Severity::kError, Topic::kOther},
    {"Can't ", Severity::kError, Topic::kOther},
    {"DSN: ", Severity::kInfo, Topic::kOther},
    {"no valid recipients, ", Severity::kInfo, Topic::kOther},
    {"connected to ", Severity::kInfo, Topic::kNetwork},
    {"TempDir::", Severity::kWarning, Topic::kStorage},
    {"DENIED ACCESS ", Severity::kWarning, Topic::kNetwork},
    {"Amavis::", Severity::kInfo, Topic::kOther},
    {"Requesting process rundown ", Severity::kInfo, Topic::kOther},
    {"HAProxy", Severity::kWarning, Topic::kNetwork},
};

// How the lines of amavis about itself begin.
constexpr Opening kStartUp[] = {
    {"starting. ", Severity::kInfo, Topic::kStart},
    {"logging initialized, ", Severity::kInfo, Topic::kStart},
    {"perl=", Severity::kInfo, Topic::kStart},
    {"Net::Server: ", Severity::kInfo, Topic::kStart},
    {"Module ", Severity::kInfo, Topic::kStart},
    {"SpamControl: ", Severity::kInfo, Topic::kStart},
    {"initializing Mail::SpamAssassin", Severity::kInfo, Topic::kStart},
    {"extra modules loaded ", Severity::kInfo, Topic::kStart},
    {"SQL base code ", Severity::kInfo, Topic::kStart},
    {"SQL::Log code ", Severity::kInfo, Topic::kStart},
    {"SQL::Quarantine ", Severity::kInfo, Topic::kStart},
    {"No decoder for ", Severity::kInfo, Topic::kConfig},
    {"No ext program for ", Severity::kInfo, Topic::kConfig},
    {"No $", Severity::kInfo, Topic::kConfig},
    {"Found decoder for ", Severity::kInfo, Topic::kStart},
    {"Internal decoder for ", Severity::kInfo, Topic::kStart},
    {"Found $", Severity::kInfo, Topic::kStart},
    {"Found primary av scanner ", Severity::kInfo, Topic::kStart},
    {"Found secondary av scanner ", Severity::kInfo, Topic::kStart},
    {"No primary av scanner", Severity::kWarning, Topic::kConfig},
    {"No secondary av scanner", Severity::kInfo, Topic::kConfig},
    {"Using primary internal av scanner ", Severity::kInfo, Topic::kStart},
    {"Using secondary internal av scanner ", Severity::kInfo, Topic::kStart},
    {"Creating db in ", Severity::kInfo, Topic::kStart},
    {"Deleting db files ", Severity::kInfo, Topic::kStart},
    {"BerkeleyDB ", Severity::kInfo, Topic::kStart},
    {"DKIM signature verification disabled, ", Severity::kInfo, Topic::kConfig},
    {"DKIM code ", Severity::kInfo, Topic::kStart},
    {"INFO: ", Severity::kInfo, Topic::kOther},
    {"ANTI-VIRUS code ", Severity::kInfo, Topic::kStart},
    {"ANTI-SPAM code ", Severity::kInfo, Topic::kStart},
    {"ANTI-SPAM-", Severity::kInfo, Topic::kStart},
    {"Amavis::", Severity::kInfo, Topic::kStart},
    {"AM.PDP-", Severity::kInfo, Topic::kStart},
    {"SMTP-in proto code ", Severity::kInfo, Topic::kStart},
    {"SMTP-out proto code ", Severity::kInfo, Topic::kStart},
    {"Unpackers code ", Severity::kInfo, Topic::kStart},
    {"Lookup::SQL code ", Severity::kInfo, Topic::kStart},
    {"Lookup::LDAP code ", Severity::kInfo, Topic::kStart},
};

template <std::size_t N>
const Opening* find_opening(const Opening (&openings)[N], Text text) {
  for (const Opening& opening : openings) {
    if (text.starts_with(opening.text)) return &opening;
  }
  return nullptr;
}

// `(!)` is a warning, `(!!)` an error, `(!!!)` graver still; `(!!)` and `(!!!)` both come out as errors.
bool parse_complaint(Text rest, Emitter& out) {
  Severity severity = Severity::kWarning;
  if (consume(rest, "(!!)") || consume(rest, "(!!!)")) {
    severity = Severity::kError;
  } else if (!consume(rest, "(!)")) {
    return false;
  }
  const Text head = rest.substr(0, 160);
  const bool storage = head.find("PRESERVING EVIDENCE") != kNone || head.find("Local delivery") != kNone ||
                       head.find("quarantine") != kNone || head.find("No space left") != kNone;
  return emit_notice(out, severity, storage ? Topic::kStorage : Topic::kOther);
}

// `mail_id FWD from <..> -> <..>, ... 250 ...` (the message goes on) and `mail_id(of) SEND from` (amavis's own
// notification).
bool is_handover(Text rest) {
  const Text id = take_until(rest, ' ');
  for (const char c : id) {
    if (!is_alnum(c) && c != '-' && c != '_' && c != '+' && c != '(' && c != ')') return false;
  }
  return !id.empty() && (rest.starts_with("FWD ") || rest.starts_with("SEND "));
}

class AmavisDialect final : public Dialect {
 public:
  std::string_view name() const override { return "amavis"; }

  bool claims(std::string_view program) const override {
    return program == "amavis" || program == "amavisd" || program == "amavisd-new";
  }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text rest = record.text;
    Text log_id;
    if (rest.starts_with("(")) {
      const std::size_t end = rest.find(") ");
      if (end != kNone && is_log_id(rest.substr(1, end - 1))) {
        log_id = rest.substr(1, end - 1);
        rest.remove_prefix(end + 2);
      }
    }
    if (parse_summary(rest, log_id, out)) return true;
    if (rest.starts_with("{") && amavis::parse_report(rest, log_id, out)) return true;
    if (parse_complaint(rest, out)) return attach_log_id(log_id, out);
    if (log_id.empty()) {
      const Opening* opening = find_opening(kStartUp, rest);
      return opening != nullptr && emit_notice(out, opening->severity, opening->topic);
    }
    if (const Opening* step = find_opening(kSteps, rest)) {
      emit_notice(out, step->severity, step->topic);
    } else if (is_handover(rest) || rest.starts_with("FWD ") || rest.starts_with("SEND ")) {
      emit_notice(out, Severity::kInfo, Topic::kOther);
    } else {
      return false;
    }
    return attach_log_id(log_id, out);
  }

 private:
  static bool attach_log_id(Text log_id, Emitter& out) {
    ExtraList extra;
    extra.add("log_id", log_id);
    extra.attach(out);
    return true;
  }
};

}  // namespace

const Dialect& amavis_dialect() {
  static const AmavisDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
