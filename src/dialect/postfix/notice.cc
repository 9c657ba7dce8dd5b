// What Postfix says of itself: warnings and errors, starts and stops, statistics, and the trace that `-v` makes.
#include "dialect/postfix/parts.h"
#include "dialect/postfix/scan.h"

namespace mailtrail::dialect::postfix {
namespace {

using model::Severity;
using model::Text;
using model::Topic;
namespace event = model::event;

struct Mark {
  Text words;
  Topic topic;
};

// The first that the text holds decides: what is particular stands before what is common.
constexpr Mark kMarks[] = {{"CONNECT to ", Topic::kNetwork},
                           {"limit exceeded", Topic::kLimit},
                           {"too many", Topic::kLimit},
                           {"process limit", Topic::kLimit},
                           {" STRESS mode", Topic::kLimit},
                           {"request longer than", Topic::kLimit},
                           {"response longer than", Topic::kLimit},
                           {"recipient limit", Topic::kLimit},
                           {"count limit", Topic::kLimit},
                           {"does not resolve to address", Topic::kDns},
                           {"address not listed for hostname", Topic::kDns},
                           {"verification failed: ", Topic::kDns},
                           {"Name service error", Topic::kDns},
                           {"no MX host for", Topic::kDns},
                           {"ookup error", Topic::kDns},
                           {"nable to look up", Topic::kDns},
                           {"Host not found", Topic::kDns},
                           {"omain not found", Topic::kDns},
                           {"valid_host", Topic::kDns},
                           {"valid_ipv", Topic::kDns},
                           {"numeric hostname", Topic::kDns},
                           {"numeric domain name", Topic::kDns},
                           {"TLS", Topic::kTls},
                           {"SSL", Topic::kTls},
                           {"ertificate", Topic::kTls},
                           {"cipher", Topic::kTls},
                           {"PRNG", Topic::kTls},
                           {"No space left", Topic::kStorage},
                           {"not enough free space", Topic::kStorage},
                           {"isk quota", Topic::kStorage},
                           {"Read-only file system", Topic::kStorage},
                           {"Input/output error", Topic::kStorage},
                           {"write queue file", Topic::kStorage},
                           {"queue file", Topic::kStorage},
                           {"corrupt file", Topic::kStorage},
                           {"mail_queue_enter", Topic::kStorage},
                           {"connect to ", Topic::kNetwork},
                           {"Connect to ", Topic::kNetwork},
                           {"onnection refused", Topic::kNetwork},
                           {"onnection reset", Topic::kNetwork},
                           {"onnection timed out", Topic::kNetwork},
                           {"ost connection", Topic::kNetwork},
                           {"timed out", Topic::kNetwork},
                           {"timeout", Topic::kNetwork},
                           {"Network is", Topic::kNetwork},
                           {"No route to host", Topic::kNetwork},
                           {"Broken pipe", Topic::kNetwork},
                           {"premature end-of-input", Topic::kNetwork},
                           {"problem talking to", Topic::kNetwork},
                           {"non-SMTP command", Topic::kNetwork},
                           {"Illegal address syntax", Topic::kNetwork},
                           {"refused to talk to me", Topic::kNetwork},
                           {"in reply to ", Topic::kNetwork},
                           {"PIX workarounds", Topic::kNetwork},
                           {"breaking line > ", Topic::kNetwork},
                           {"Address already in use", Topic::kNetwork},
                           {"bind ", Topic::kNetwork},
                           {"milter", Topic::kNetwork},
                           {"greeted me with", Topic::kNetwork},
                           {"with my own hostname", Topic::kNetwork},
                           {"active queue", Topic::kQueue},
                           {"master.cf", Topic::kConfig},
                           {"main.cf", Topic::kConfig},
                           {"parameter", Topic::kConfig},
                           {"onfiguration", Topic::kConfig},
                           {"backwards-compatible", Topic::kConfig},
                           {"compatibility_level", Topic::kConfig},
                           {" map ", Topic::kConfig},
                           {"table ", Topic::kConfig},
                           {"is older than source file", Topic::kConfig},
                           {"atabase", Topic::kConfig},
                           {"restriction", Topic::kConfig},
                           {"delay template", Topic::kConfig},
                           {"template", Topic::kConfig},
                           {"unsupported", Topic::kConfig},
                           {"unknown command in", Topic::kConfig},
                           {"do not list ", Topic::kConfig},
                           {"no SASL authentication mechanisms", Topic::kConfig},
                           {"deprecated", Topic::kConfig},
                           {"obsolete", Topic::kConfig},
                           {"for instructions see", Topic::kConfig},
                           {"bad command startup", Topic::kConfig},
                           {"not owned by", Topic::kConfig},
                           {"permission", Topic::kConfig},
                           {"ermission denied", Topic::kConfig},
                           {"No such file or directory", Topic::kConfig},
                           {"still being delivered", Topic::kQueue},
                           {"queue", Topic::kQueue}};

// The beginnings of what is logged most.
constexpr Mark kFrequent[] = {{"connect to ", Topic::kNetwork},
                              {"hostname ", Topic::kDns},
                              {"TLS library problem", Topic::kTls},
                              {"certificate verification failed", Topic::kTls},
                              {"non-SMTP command from ", Topic::kNetwork},
                              {"Illegal address syntax from ", Topic::kNetwork}};

Topic topic_by_content(Text text) {
  for (const Mark& mark : kFrequent) {
    if (text.starts_with(mark.words)) return mark.topic;
  }
  // What follows may be a stranger's: the topic stands in Postfix's own first words.
  const Text head = text.substr(0, 300);
  for (const Mark& mark : kMarks) {
    if (head.find(mark.words) != Text::npos) return mark.topic;
  }
  return Topic::kOther;
}

Topic topic_of_script(Text text) {
  if (text.starts_with("starting the Postfix")) return Topic::kStart;
  if (text.starts_with("stopping the Postfix") || text.starts_with("aborting the Postfix")) return Topic::kStop;
  if (text.starts_with("refreshing the Postfix")) return Topic::kReload;
  return Topic::kNone;
}

Topic topic_of_master(Text text) {
  if (text.starts_with("daemon started")) return Topic::kStart;
  if (text.starts_with("terminating on signal") || text.starts_with("stop -- ")) return Topic::kStop;
  if (text.starts_with("reload ")) return Topic::kReload;
  return Topic::kNone;
}

bool is_statistics(Text text) {
  return text.starts_with("statistics: ") ||
         (text.starts_with("cache ") && text.find(" cleanup: retained=") != Text::npos);
}

bool is_postsuper_summary(Text text) {
  if (!text.ends_with(" message") && !text.ends_with(" messages")) return false;
  const std::size_t colon = text.find(": ");
  return colon != Text::npos && colon + 2 < text.size() && is_digit(text[colon + 2]);
}

Topic topic_of(const Line& line) {
  Topic topic = Topic::kNone;
  if (line.tag.may_be(Daemon::kScript)) topic = topic_of_script(line.text);
  if (topic == Topic::kNone && line.tag.may_be(Daemon::kMaster)) topic = topic_of_master(line.text);
  // `Deleted: 3 messages`
  if (line.tag.may_be(Daemon::kPostsuper) && is_postsuper_summary(line.text)) topic = Topic::kQueue;
  if (topic == Topic::kNone && is_statistics(line.text)) topic = Topic::kStats;
  return topic == Topic::kNone ? topic_by_content(line.text) : topic;
}

// The client that a warning speaks of: at its head, behind its first ` from `, or as `hostname NAME does not resolve to
// address ADDRESS`. What a client sent comes later in the line.
bool find_client(Text text, Peer& peer) {
  Text rest = text;
  if (take_peer(rest, peer) && rest.starts_with(':')) return true;
  rest = text;
  if (consume(rest, "hostname ")) {
    const Text name = take_until(rest, ' ');
    if (!consume(rest, "does not resolve to address ")) return false;
    peer = {};
    peer.name = name;
    // An IPv6 address holds colons itself: the reason stands behind a colon and a blank.
    peer.address = rest.substr(0, rest.find(": "));
    return true;
  }
  // Before 2.3: `ADDRESS: address not listed for hostname NAME`, `ADDRESS: hostname NAME verification failed: ..`.
  const Text address = take_until(rest, ' ');
  if (address.size() > 2 && address.ends_with(':')) {
    if (consume(rest, "address not listed for hostname ") || consume(rest, "hostname ")) {
      peer = {};
      peer.name = take_until(rest, ' ');
      peer.address = address.substr(0, address.size() - 1);
      return true;
    }
  }
  const std::size_t from = text.find(" from ");
  if (from == Text::npos || from > 120) return false;
  rest = text.substr(from + 6);
  return take_peer(rest, peer);
}

// A line of the trace that `-v` makes: what was sent and received, or a function's name and what it does.
bool is_trace(Text text) {
  if (text.starts_with("< ") || text.starts_with("> ") || text.starts_with(">>> ") || text.starts_with("<<< "))
    return true;
  std::size_t at = 0;
  bool underscore = false;
  while (at < text.size() && (is_alnum(text[at]) || text[at] == '_')) {
    underscore |= text[at] == '_';
    ++at;
  }
  if (underscore && at < text.size() && (text[at] == ':' || text[at] == '[' || text[at] == ' ')) return true;
  static constexpr Text kStarts[] = {"send attr ",   "input attribute ", "connection established",
                                     "idle timeout", "generic_checks",   "process generation",
                                     "SSL_accept:",  "SSL_connect:",     "SSL3 alert ",
                                     "report ",      "rewrite stream ",  "resolve stream ",
                                     "read from ",   "write to ",        "before input_transp_cleanup",
                                     "private/",     "public/",          "unknown_",
                                     "trying... ",   "smtpd: ",          "server features:"};
  for (const Text start : kStarts) {
    if (text.starts_with(start)) return true;
  }
  return false;
}

// Beginnings that belong to lines with fields. A line that has one, and was not understood, is not a plain text.
bool has_fields(Text text) {
  static constexpr Text kStarts[] = {"connect from ", "disconnect from ", "CONNECT ", "DISCONNECT ", "PASS ",
                                     "client=",       "message-id=",      "from=<",   "to=<",        "uid="};
  for (const Text start : kStarts) {
    if (text.starts_with(start)) return true;
  }
  return text.find("to=<") != Text::npos || text.find("from=<") != Text::npos || text.find("status=") != Text::npos ||
         text.find("TLS connection established ") != Text::npos;
}

bool is_plain(Text text) {
  if (text.empty() || has_fields(text)) return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') return false;
  }
  // A sentence of a program begins with a word or a name.
  return is_alnum(text[0]) || text[0] == '/' || text[0] == '[' || text[0] == '(' || text[0] == '-' || text[0] == '*' ||
         text[0] == '"' || text[0] == '\'' || text[0] == '`';
}

}  // namespace

Severity take_severity(std::string_view& text) {
  if (text.empty()) return Severity::kNone;
  switch (text.front()) {
    case 'w':
      return consume(text, "warning: ") ? Severity::kWarning : Severity::kNone;
    case 'f':
      return consume(text, "fatal: ") ? Severity::kFatal : Severity::kNone;
    case 'e':
      return consume(text, "error: ") ? Severity::kError : Severity::kNone;
    case 'p':
      return consume(text, "panic: ") ? Severity::kPanic : Severity::kNone;
    case 'i':
      return consume(text, "info: ") ? Severity::kInfo : Severity::kNone;
    default:
      return Severity::kNone;
  }
}

void emit_notice(Line& line, Severity severity) {
  auto& notice = line.out.emit<event::Notice>(line.queue_id);
  notice.severity = severity == Severity::kNone ? Severity::kInfo : severity;
  notice.text = line.text;
  notice.topic = topic_of(line);
  Peer peer;
  if (line.tag.daemon != Daemon::kSmtp && line.tag.daemon != Daemon::kLmtp && find_client(line.text, peer)) {
    notice.client_name = peer.name;
    notice.client_ip = peer.address;
  }
}

bool parse_plain(Line& line) {
  if (is_trace(line.text)) {
    auto& notice = line.out.emit<event::Notice>(line.queue_id);
    notice.severity = Severity::kDebug;
    notice.text = line.text;
    notice.topic = Topic::kOther;
    return true;
  }
  if (!is_plain(line.text)) return false;
  emit_notice(line, Severity::kInfo);
  return true;
}

bool parse_queue_notice(Line& line) {
  struct Shape {
    Text start;
    Topic topic;
  };
  // smtp_sess_fail(), smtp_proto and smtp_connect of the SMTP client, which goes on to the next server.
  static constexpr Shape kClient[] = {{"host ", Topic::kNetwork},
                                      {"lost connection with ", Topic::kNetwork},
                                      {"conversation with ", Topic::kNetwork},
                                      {"connect to ", Topic::kNetwork},
                                      {"enabling PIX workarounds", Topic::kNetwork},
                                      {"breaking line > ", Topic::kNetwork},
                                      {"Server certificate ", Topic::kTls},
                                      {"Cannot start TLS", Topic::kTls},
                                      {"TLS is required", Topic::kTls},
                                      {"TLS ", Topic::kTls},
                                      {"SASL authentication failed", Topic::kOther},
                                      {"mail for ", Topic::kConfig},
                                      {"replacing server reply ", Topic::kNetwork},
                                      {"local data error while talking to ", Topic::kNetwork},
                                      {"message size ", Topic::kLimit},
                                      {"Using ", Topic::kNetwork},
                                      {"Host or domain name not found", Topic::kDns},
                                      {"unable to look up host ", Topic::kDns},
                                      {"SMTPUTF8 is required", Topic::kNetwork}};
  static constexpr Shape kAny[] = {{"skipped, still being delivered", Topic::kQueue},
                                   {"status=deferred (bounce failed)", Topic::kQueue},
                                   {"status=deferred (trace failed)", Topic::kQueue},
                                   {"expired", Topic::kQueue},
                                   {"undeliverable postmaster notification discarded", Topic::kQueue},
                                   {"not sending trace/success notification for ", Topic::kQueue},
                                   {"sending defer warning for ", Topic::kQueue},
                                   {"enabling VERP for sender ", Topic::kQueue},
                                   {"removed spurious ", Topic::kQueue},
                                   {"ignoring ", Topic::kOther},
                                   {"postmaster notice failed ", Topic::kQueue},
                                   {"queue file size limit exceeded", Topic::kLimit}};
  const bool client = line.tag.may_be(Daemon::kSmtp) || line.tag.daemon == Daemon::kLmtp;
  const Shape* found = nullptr;
  for (const Shape& shape : kAny) {
    if (found == nullptr && line.text.starts_with(shape.start)) found = &shape;
  }
  for (const Shape& shape : kClient) {
    if (client && found == nullptr && line.text.starts_with(shape.start)) found = &shape;
  }
  if (found == nullptr) return false;
  auto& notice = line.out.emit<event::Notice>(line.queue_id);
  notice.severity = Severity::kInfo;
  notice.text = line.text;
  notice.topic = found->topic;
  return true;
}

}  // namespace mailtrail::dialect::postfix
