// clang-format off
// NAME
//   rspamd
//
// SUMMARY
//   The spam filter rspamd.
//   One `verdict` for the line of a task (`rspamd_task_write_log`): action, score and limit, the symbols by name, with the
//   queue id, client, sender, recipients and message id that the MTA told it; in `extra` the session, the user, size, time
//   and digest, and what forced the action. `F` is `clean`, `T` with an action against the message is `spam`; what was put off
//   (greylist, soft reject) or not checked (`S`) has no category. Every other line is a `notice` with its session, module and function in `extra`.
//
// SOURCES
//   rspamd 3.4 (Debian 12): lines recorded from its proxy and its normal worker, its log_format and the texts in its
//   sources; published lines of 1.9 to 3.8
//
// SAMPLES
//   Nov 24 19:59:40 mx1 rspamd[301]: <4b1e70>; task; rspamd_task_write_log: id: <1@example.net>, qid: <C000000001>, ip: 192.0.2.7, from: <s@pass.example>, (default: F (no action): [0.20/15.00] [MIME_GOOD(-0.10){text/plain;},ARC_NA(0.00){}]), len: 250, time: 12.3ms, dns req: 5, digest: <0123456789abcdef0123456789abcdef>, rcpts: <r@example.com>, mime_rcpts: <r@example.com>
//   Nov 24 19:59:40 mx1 rspamd[301]: <4b1e70>; proxy; proxy_accept_socket: accepted milter connection from 127.0.0.1 port 41234
//
// KNOWN GAPS
//   A log_format of the site's own is read as far as it keeps the default's words. The null sender is not logged. Through syslog rspamd states no severity.
//   The options of a symbol are printable text that a sender may have written: one that imitates the end of a symbol and
//   another behind it is told apart only where the list is then out of its order (by score, falling); the symbols are then
//   left out.
// clang-format on
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/text.h"
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

// `<4b1e70>; task; rspamd_task_write_log: ...`, each of the first three may be empty.
struct Line {
  Text session, module, function, message;
};

bool read_line(Text text, Line& line) {
  if (!consume(text, "<")) return false;
  const std::size_t close = text.find(">; ");
  if (close == kNone || close > 64) return false;
  line.session = text.substr(0, close);
  text.remove_prefix(close + 3);
  const std::size_t semicolon = text.find("; ");
  if (semicolon == kNone || semicolon > 64) return false;
  line.module = text.substr(0, semicolon);
  text.remove_prefix(semicolon + 2);
  const std::size_t colon = text.find(": ");
  if (colon == kNone || text.substr(0, colon).find(' ') != kNone) return false;
  line.function = text.substr(0, colon);
  line.message = text.substr(colon + 2);
  return true;
}

struct Result {
  Text sign, action, score, threshold;
};

// `T` says no more than that something is to be done with the message: to put it off is no verdict on it.
Text category_of(const Result& result) {
  if (result.sign == "F") return "clean";
  constexpr Text kSpam[] = {"reject", "add header", "rewrite subject", "quarantine", "discard"};
  for (const Text action : kSpam) {
    if (result.sign == "T" && result.action == action) return "spam";
  }
  return {};
}

bool is_number(Text text) {
  consume(text, "-");
  if (text == "nan" || text == "inf") return true;
  bool digit = false;
  for (const char c : text) {
    if (!is_digit(c) && c != '.') return false;
    digit = digit || is_digit(c);
  }
  return digit;
}

// `nan` stands where no score was reckoned.
std::optional<double> finite(Text text) {
  return text == "nan" || text == "inf" || text == "-nan" || text == "-inf" ? std::nullopt : to_number<double>(text);
}

// `(default: F (no action): [0.20/15.00] [` at the beginning of `text`, taken off it.
bool take_result(Text& text, Result& result) {
  // A result is short: what is sought beyond would be sought again for each place that begins like one.
  constexpr std::size_t kLongest = 160;
  Text rest = text.substr(0, kLongest);
  if (!consume(rest, "(default: ") || rest.size() < 4) return false;
  result.sign = rest.substr(0, 1);
  if (result.sign != "F" && result.sign != "T" && result.sign != "S") return false;
  rest.remove_prefix(1);
  if (!consume(rest, " (")) return false;
  const std::size_t action = rest.find("): [");
  if (action == kNone || action > 40 || rest.substr(0, action).find('(') != kNone) return false;
  result.action = rest.substr(0, action);
  rest.remove_prefix(action + 4);
  const std::size_t slash = rest.find('/');
  const std::size_t close = rest.find("] [");
  if (slash == kNone || close == kNone || close < slash) return false;
  result.score = rest.substr(0, slash);
  result.threshold = rest.substr(slash + 1, close - slash - 1);
  if (!is_number(result.score) || !is_number(result.threshold)) return false;
  text.remove_prefix(static_cast<std::size_t>(rest.data() - text.data()) + close + 3);
  return true;
}

// Where the one `(default: ...` of `text` begins; kNone where there is none, or more than one that could be it.
std::size_t find_result(Text text) {
  // A blank stands before it: options have many parentheses and few blanks.
  constexpr Text kStart = " (default: ";
  std::size_t found = kNone;
  const auto is_result = [&](std::size_t at) {
    Text rest = text.substr(at);
    Result result;
    return take_result(rest, result);
  };
  if (is_result(0)) found = 0;
  for (std::size_t at = text.find(kStart); at != kNone; at = text.find(kStart, at + 1)) {
    if (!is_result(at + 1)) continue;
    if (found != kNone) return kNone;
    found = at + 1;
  }
  return found;
}

struct Task {
  Text message_id, queue_id, ip, user, from;
  bool has_from = false;
};

// `id: <1@example.net>, qid: <C1>, ip: 192.0.2.7, user: bob, from: <s@example.net>, `: rspamd writes no blank in an id,
// and the MTA told the queue id and the address. What is taken is taken off `text`.
void read_head(Text& text, Task& task) {
  if (text.starts_with("id: <")) {
    const std::size_t end = text.find(">, ");
    if (end == kNone) return;
    task.message_id = text.substr(4, end - 3);
    text.remove_prefix(end + 3);
  }
  if (consume(text, "qid: <")) {
    const std::size_t end = text.find(">, ");
    if (end == kNone) return;
    task.queue_id = text.substr(0, end);
    text.remove_prefix(end + 3);
  }
  if (consume(text, "ip: ")) {
    const std::size_t end = text.find(", ");
    task.ip = text.substr(0, end);
    text.remove_prefix(end == kNone ? text.size() : end + 2);
  }
}

// `user: bob, from: <s@example.net>, `, what stands between the address and the result.
void read_who(Text text, Task& task) {
  if (text.ends_with(", ")) text.remove_suffix(2);
  constexpr Text kFrom = ", from: <";
  if (consume(text, "user: ")) {
    const std::size_t from = text.find(kFrom);
    // A name that imitates a sender is no name.
    if (from != text.rfind(kFrom)) return;
    task.user = text.substr(0, from);
    if (from == kNone) return;
    text.remove_prefix(from + 2);
  }
  if (consume(text, "from: <") && text.ends_with(">")) {
    task.has_from = true;
    task.from = text.substr(0, text.size() - 1);
  }
}

bool is_name_character(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

// The end of a symbol's name, at `(`; kNone: what follows is none.
std::size_t name_end(Text text) {
  std::size_t end = 0;
  while (end < text.size() && is_name_character(text[end])) ++end;
  return end == 0 || end == text.size() || text[end] != '(' ? kNone : end;
}

// The size of a score as rspamd writes it, `-0.10`, in hundredths; nothing for another text.
std::optional<std::int64_t> size_of_score(Text text) {
  consume(text, "-");
  std::int64_t value = 0;
  const std::size_t dot = text.find('.');
  if (dot == kNone || dot + 3 != text.size() || dot > 9) return std::nullopt;
  for (const char c : text) {
    if (c == '.') continue;
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// The end of a symbol's options, at the `}` that ends the list or that another symbol follows, whose name's length is
// `next`. kNone: there is none.
std::size_t options_end(Text text, std::size_t& next) {
  for (std::size_t end = text.find('}'); end != kNone; end = text.find('}', end + 1)) {
    if (end + 1 == text.size()) return end;
    if (text[end + 1] != ',') continue;
    next = name_end(text.substr(end + 2));
    if (next != kNone) return end;
  }
  return kNone;
}

// `A(1.00){x;},B(0.00){}`, or without the braces. False where the list is not in the order that rspamd gives it.
bool read_symbols(Text text, TextList& symbols) {
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  std::size_t length = name_end(text);
  while (!text.empty()) {
    if (length == kNone) return false;
    const std::size_t close = text.find(')', length);
    if (close == kNone) return false;
    const auto size = size_of_score(text.substr(length + 1, close - length - 1));
    if (!size || *size > last) return false;
    last = *size;
    symbols.add(text.substr(0, length));
    text.remove_prefix(close + 1);
    if (consume(text, "{")) {
      const std::size_t end = options_end(text, length);
      if (end == kNone) return false;
      text.remove_prefix(end + 1);
      if (!text.empty()) text.remove_prefix(1);
    } else if (!text.empty()) {
      if (!consume(text, ",")) return false;
      length = name_end(text);
    }
  }
  return true;
}

// `a@example.com,b@example.com`; nothing where a quoted name may hold a comma.
void read_recipients(Text text, TextList& recipients) {
  if (text.find('"') != kNone) return;
  while (!text.empty()) {
    const Text one = take_until(text, ',');
    // rspamd ends a long list so.
    if (one.find('@') != kNone) recipients.add(one);
  }
}

struct Tail {
  Text recipients;
  Text rest;  // what stands behind the known fields
};

// A file's name is the sender's: where it imitates what may follow it, it is taken with all that does.
std::size_t end_of_file_name(Text text) {
  constexpr Text kForced = ", forced: ";
  const std::size_t forced = text.find(kForced);
  return forced == text.rfind(kForced) ? std::min(forced, text.find(", settings_id: ")) : kNone;
}

// `250, time: 12.3ms, dns req: 5, digest: <..>, rcpts: <..>, mime_rcpts: <..>, file: .., forced: ..`, behind `len: `.
void read_tail(Text text, Tail& tail, ExtraList& extra) {
  extra.add("size", text.substr(0, text.find(", ")));
  struct Known {
    Text start, name;
    bool bracketed;
  };
  constexpr Known kKnown[] = {
      {", time: ", "elapsed", false},  {", dns req: ", "dns_requests", false},       {", digest: <", "digest", true},
      {", rcpts: <", "", true},        {", mime_rcpts: <", "mime_recipients", true}, {", file: ", "file", false},
      {", forced: ", "forced", false}, {", settings_id: ", "settings_id", false}};
  std::size_t at = text.find(", ");
  text = at == kNone ? Text() : text.substr(at);
  for (const Known& known : kKnown) {
    if (!consume(text, known.start)) continue;
    // `12.3ms real, 1.2ms virtual`
    std::size_t end = text.find(known.bracketed ? Text(">") : Text(", "));
    if (known.start == ", forced: ") end = text.find(", settings_id: ");
    if (known.start == ", file: ") end = end_of_file_name(text);
    Text value = text.substr(0, end);
    text = end == kNone ? Text() : text.substr(end + (known.bracketed ? 1 : 0));
    if (known.name == "elapsed" && text.starts_with(", ") && text.find("virtual") < 40) {
      text.remove_prefix(text.find("virtual") + 7);
    }
    if (known.name.empty()) {
      tail.recipients = value;
    } else {
      extra.add(known.name, value);
    }
  }
  consume(text, ", ");
  tail.rest = text;
}

bool parse_task(const Line& line, Emitter& out) {
  Text text = line.message;
  Task task;
  read_head(text, task);
  if (task.message_id.empty() && task.queue_id.empty() && task.ip.empty()) return false;
  Result result;
  ExtraList extra;
  Tail tail;
  TextList symbols(out.arena()), recipients(out.arena());
  bool ordered = false;
  const std::size_t at = find_result(text);
  if (at != kNone) {
    read_who(text.substr(0, at), task);
    text.remove_prefix(at);
    take_result(text, result);
    constexpr Text kEnd = "]), len: ";
    const std::size_t end = text.find(kEnd);
    if (end != kNone && text.find(kEnd, end + 1) == kNone) {
      ordered = read_symbols(text.substr(0, end), symbols);
      read_tail(text.substr(end + kEnd.size()), tail, extra);
      read_recipients(tail.recipients, recipients);
    }
  } else {
    tail.rest = text;
  }
  auto& verdict = out.emit<model::event::Verdict>(task.queue_id == "undef" ? Text() : task.queue_id);
  verdict.filter = "rspamd";
  verdict.action = result.action;
  verdict.category = category_of(result);
  verdict.score = finite(result.score);
  verdict.threshold = finite(result.threshold);
  if (ordered) verdict.symbols = symbols.span();
  if (task.has_from) verdict.sender = task.from;
  verdict.recipients = recipients.span();
  if (task.message_id != "<undef>") verdict.message_id = task.message_id;
  if (looks_like_ip(task.ip)) verdict.client_ip = task.ip;
  extra.add("user", task.user);
  extra.add("session_id", line.session);
  extra.add("rest", tail.rest);
  extra.attach(out);
  return true;
}

Topic topic_of(const Line& line) {
  if (line.module == "main" && line.message.find("loading configuration") != kNone) return Topic::kStart;
  if (line.message.starts_with("rspamd ") && line.message.find(" is starting") != kNone) return Topic::kStart;
  if (line.message.starts_with("terminating")) return Topic::kStop;
  if (line.message.starts_with("rspamd is restarting") || line.message.find("is requested to reload") != kNone)
    return Topic::kReload;
  if (line.module == "cfg") return Topic::kConfig;
  if (line.module == "map" || line.module == "milter" || line.module == "proxy") return Topic::kNetwork;
  if (line.module == "dns") return Topic::kDns;
  return Topic::kOther;
}

class RspamdDialect final : public Dialect {
 public:
  std::string_view name() const override { return "rspamd"; }

  bool claims(std::string_view program) const override { return program == "rspamd" || program == "rspamd_proxy"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    Line line;
    if (!read_line(record.text, line)) return false;
    if (line.function == "rspamd_task_write_log" && parse_task(line, out)) return true;
    emit_notice(out, Severity::kInfo, topic_of(line));
    ExtraList extra;
    extra.add("session_id", line.session);
    extra.add("module", line.module);
    extra.add("function", line.function);
    extra.attach(out);
    return true;
  }
};

}  // namespace

const Dialect& rspamd_dialect() {
  static const RspamdDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
