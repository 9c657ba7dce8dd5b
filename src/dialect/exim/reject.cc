// What was refused, and remarks on a client.
//
//   H=.. F=<..> rejected RCPT <..>: why       an ACL; `temporarily rejected` for its verb `defer`
//   rejected MAIL from HOST: why              before an ACL was asked
//   SMTP syntax error in ".." H=.. why        nothing was refused for good
#include "base/text.h"
#include "dialect/exim/client.h"
#include "dialect/exim/fields.h"
#include "dialect/exim/parts.h"

namespace mailtrail::dialect::exim {
namespace {

using model::Action;
using model::Severity;
using model::Stage;
using model::Topic;
using model::event::Reject;

struct StageName {
  Text text;
  Stage stage;
};
// What stands behind `rejected `: a command, with what the client gave it, or a moment.
constexpr StageName kStages[] = {
    {"RCPT ", Stage::kRcpt},
    {"MAIL ", Stage::kMail},
    {"EHLO or HELO ", Stage::kHelo},
    {"EHLO", Stage::kHelo},
    {"HELO", Stage::kHelo},
    {"connection", Stage::kConnect},
    {"after DATA", Stage::kEod},
    {"during MIME ACL checks", Stage::kEod},
    {"by local_scan()", Stage::kEod},
    {"by non-SMTP ACL", Stage::kEod},
    {"DKIM", Stage::kEod},
    {"PRDR", Stage::kEod},
    {"from <", Stage::kEod},
    {"DATA", Stage::kData},
    {"AUTH", Stage::kAuth},
    {"VRFY", Stage::kVrfy},
    {"EXPN", Stage::kVrfy},
    {"ETRN", Stage::kEtrn},
    {"STARTTLS", Stage::kStarttls},
    {"BDAT", Stage::kBdat},
};
Stage stage_of(Text what) {
  for (const StageName& one : kStages) {
    if (what.starts_with(one.text)) return one.stage;
  }
  return Stage::kNone;
}

// Takes `rejected ` or `temporarily rejected ` off `text`.
bool take_verb(Text& text, Action& action) {
  if (consume(text, "rejected ")) {
    action = Action::kReject;
  } else if (consume(text, "temporarily rejected ")) {
    action = Action::kDefer;
  } else {
    return false;
  }
  return true;
}

// The DNS list that a reason in the words of Exim's own configuration names.
Text blocklist_of(Text reason) {
  for (const Text words : {" is in a black list at ", " is listed at "}) {
    const std::size_t at = reason.find(words);
    if (at == kNone) continue;
    Text name = reason.substr(at + words.size());
    return name.substr(0, name.find_first_of(" :\\;,()"));
  }
  return {};
}

// `RCPT <a@b>: why`, `connection in "connect" ACL: why`.
void read_refused(Text what, Reject& body, ExtraList& extra) {
  body.stage = stage_of(what);
  Text rest = what;
  const Text command = body.stage == Stage::kRcpt || body.stage == Stage::kMail ? take_until(rest, ' ') : Text{};
  if (!command.empty()) {
    Text address;
    if (take_bracketed(rest, address)) {
      (body.stage == Stage::kRcpt ? body.recipient : body.sender) = address;
      const std::size_t colon = rest.find(": ");
      if (colon != kNone) extra.add("parameters", trim(rest.substr(0, colon)));
      if (colon == kNone) extra.add("parameters", trim(rest));
      body.reason = colon == kNone ? Text{} : rest.substr(colon + 2);
    } else {
      const std::size_t size = address_size(rest);
      (body.stage == Stage::kRcpt ? body.recipient : body.sender) = rest.substr(0, size);
      rest.remove_prefix(size);
      if (consume(rest, ": ")) body.reason = rest;
    }
  } else {
    const std::size_t colon = what.find(": ");
    if (colon != kNone) body.reason = what.substr(colon + 2);
    extra.add("command", what.substr(0, colon));
  }
  body.blocklist = blocklist_of(body.reason);
}

void finish(Line& line, const Client& client, Reject& body, ExtraList& extra) {
  const Text sender = body.sender;
  client.fill(body);
  if (body.sender.empty()) body.sender = sender;
  if (!client.auth.empty()) {
    const AuthName auth = read_auth(client.auth);
    body.sasl_method = auth.method;
    body.sasl_user = auth.user;
  }
  client.add_extras(extra);
  extra.attach(line.out);
}

// What can follow a client and its fields in a line about a client.
bool is_about_client(Text rest) {
  if (!consume(rest, " ")) return false;
  Action action;
  return take_verb(rest, action) || rest.starts_with("sender verify ") || rest.starts_with("Warning: ") ||
         rest.starts_with("RCPT ") || rest.starts_with("MAIL ") || rest.starts_with("discarded by ") ||
         rest.starts_with("recipients discarded");
}

bool remark(Line& line, const Client& client, Severity severity, Topic topic) {
  auto& body = line.out.emit<model::event::Notice>(line.queue_id);
  body.severity = severity;
  body.topic = topic;
  body.text = line.text;
  client.fill(body);
  ExtraList extra;
  extra.add("helo", client.host.helo);
  extra.add("sender", client.sender);
  client.add_extras(extra);
  extra.attach(line.out);
  return true;
}

// `F=<..> RCPT <a@b> discarded by RCPT ACL: why`: taken, and thrown away.
bool parse_discard(Line& line, const Client& client, Text rest) {
  const Text command = take_until(rest, ' ');
  Text recipient;
  if (rest.starts_with("TO:")) rest.remove_prefix(3);
  if (!take_bracketed(rest, recipient)) {
    const std::size_t size = address_size(rest);
    recipient = rest.substr(0, size);
    rest.remove_prefix(size);
  }
  consume(rest, ":");
  if (!consume(rest, " discarded by ")) return false;
  auto& body = line.out.emit<Reject>(line.queue_id);
  body.stage = command == "MAIL" ? Stage::kMail : Stage::kRcpt;
  body.action = Action::kDiscard;
  ExtraList extra;
  const std::size_t colon = rest.find(": ");
  extra.add("rule", rest.substr(0, colon));
  if (colon != kNone) body.reason = rest.substr(colon + 2);
  if (command == "MAIL") {
    body.sender = recipient;
  } else {
    body.recipient = recipient;
  }
  finish(line, client, body, extra);
  return true;
}

// Lines that begin with the client, or (without SMTP) with the sender.
bool parse_client_line(Line& line) {
  Client client;
  Text rest = line.text;
  if (consume(rest, "H=")) {
    if (!take_client(rest, client, is_about_client)) return false;
  } else if (rest.starts_with("F=<") || rest.starts_with("U=")) {
    if (consume(rest, "U=")) {
      client.host.user = rest.substr(0, rest.find(' '));
      rest.remove_prefix(client.host.user.size());
    } else {
      rest.remove_prefix(2);
      if (!take_bracketed(rest, client.sender)) return false;
    }
    take_client_fields(rest, client);
    if (!is_about_client(rest)) return false;
  } else {
    return false;
  }
  rest.remove_prefix(1);
  Action action = Action::kNone;
  if (take_verb(rest, action)) {
    auto& body = line.out.emit<Reject>(line.queue_id);
    body.action = action;
    ExtraList extra;
    if (client.doubtful) {
      body.reason = line.text;
      client.sender = {};
    } else {
      read_refused(rest, body, extra);
    }
    finish(line, client, body, extra);
    return true;
  }
  if (rest.starts_with("RCPT ") || rest.starts_with("MAIL ")) return parse_discard(line, client, rest);
  return remark(line, client, Severity::kWarning, Topic::kOther);
}

// `rejected MAIL from HOST: why`, `rejected "VRFY x" from HOST`, `rejected MAIL FROM:<..> H=..: why`, `rejected from
// <..> H=..: why`.
bool parse_refused_line(Line& line) {
  Text rest = line.text;
  Action action = Action::kNone;
  if (!take_verb(rest, action)) return false;
  Client client;
  const Text what = rest;
  ExtraList extra;
  Stage stage = stage_of(what);
  const auto ends = [](Text text) { return text.empty() || text.front() == ':' || text.front() == ' '; };
  if (stage == Stage::kEod && !what.starts_with("from <")) {
    // `rejected by local_scan(): why`, `rejected by non-SMTP ACL: why`.
    auto& body = line.out.emit<Reject>(line.queue_id);
    body.action = action;
    read_refused(what, body, extra);
    finish(line, client, body, extra);
    return true;
  }
  const std::size_t bracket = what.find('<');
  const std::size_t from = what.find(" from ");
  if (bracket != kNone && (what.starts_with("from <") || what.starts_with("MAIL FROM:<"))) {
    rest.remove_prefix(bracket);
    if (!take_bracketed(rest, client.sender)) return false;
    const std::size_t host = rest.find(" H=");
    if (host == kNone || host > 1000) return false;
    rest.remove_prefix(host + 3);
  } else if (from != kNone && from < 40) {
    rest.remove_prefix(from + 6);
    consume(rest, "H=");
  } else {
    return false;
  }
  const Text sender = client.sender;
  if (!take_client(rest, client, ends)) return false;
  if (client.sender.empty()) client.sender = sender;
  auto& body = line.out.emit<Reject>(line.queue_id);
  body.stage = stage;
  body.action = action;
  if (!consume(rest, ": ")) consume(rest, " ");
  body.reason = rest;
  finish(line, client, body, extra);
  return true;
}

// `unqualified recipient rejected: <alice> H=..`
bool parse_unqualified(Line& line) {
  Text rest = line.text;
  if (!consume(rest, "unqualified ")) return false;
  const Text which = take_until(rest, ' ');
  if (!consume(rest, "rejected: ")) return false;
  Text address;
  if (!take_bracketed(rest, address)) return false;
  Client client;
  if (!consume(rest, " ")) return false;
  consume(rest, "H=");
  const auto ends = [](Text) { return true; };
  if (!take_client(rest, client, ends)) return false;
  auto& body = line.out.emit<Reject>(line.queue_id);
  body.action = Action::kReject;
  body.stage = which == "sender" ? Stage::kMail : which == "recipient" ? Stage::kRcpt : Stage::kVrfy;
  body.reason = line.text.substr(0, line.text.find(':'));
  ExtraList extra;
  if (which == "sender") {
    body.sender = address;
  } else {
    body.recipient = address;
  }
  finish(line, client, body, extra);
  return true;
}

// The client behind a text that the client sent, which is logged in quotes without any before its own: where what
// looks like a client stands twice, nothing is known.
bool client_behind_input(Text text, Client& client) {
  constexpr Text kMark = "\" H=";
  const std::size_t at = text.find(kMark);
  if (at == kNone) return false;
  if (text.find(kMark, at + 1) != kNone) {
    client.doubtful = true;
    return true;
  }
  Text rest = text.substr(at + kMark.size());
  return take_client(rest, client, [](Text) { return true; });
}

// `SMTP syntax error in ".." H=.. why`, `SMTP protocol error in ".." ..`, `SMTP protocol synchronization error (..):
// rejected ".." H=.. next input=".."`.
bool parse_protocol_error(Line& line) {
  Text rest = line.text;
  if (!consume(rest, "SMTP ")) return false;
  Client client;
  if (consume(rest, "syntax error in \"") || consume(rest, "protocol error in \"")) {
    client_behind_input(rest, client);
    return remark(line, client, Severity::kInfo, Topic::kOther);
  }
  if (!consume(rest, "protocol synchronization error (")) return false;
  const std::size_t close = rest.find("): rejected ");
  if (close == kNone) return false;
  const Text reason = line.text.substr(5, line.text.size() - rest.size() - 5 + close + 1);
  rest.remove_prefix(close + 12);
  Stage stage = Stage::kNone;
  if (consume(rest, "connection from ")) {
    stage = Stage::kConnect;
    consume(rest, "H=");
    if (!take_client(rest, client, [](Text text) { return text.starts_with(" input="); })) return false;
    rest.remove_prefix(7);
  } else {
    client_behind_input(rest, client);
  }
  auto& body = line.out.emit<Reject>(line.queue_id);
  body.stage = stage;
  body.action = Action::kReject;
  body.reason = reason;
  ExtraList extra;
  extra.add("input", rest);
  finish(line, client, body, extra);
  return true;
}

// `Connection from HOST refused: too many connections`, `refused connection from HOST (host_reject_connection)`.
bool parse_refused_connection(Line& line) {
  Text rest = line.text;
  Client client;
  if (consume(rest, "Connection from ")) {
    if (!take_client(rest, client, [](Text text) { return text.starts_with(" refused: "); })) return false;
    rest.remove_prefix(10);
  } else if (consume(rest, "refused connection from ")) {
    if (!take_client(rest, client, [](Text text) { return text.empty() || text.starts_with(" ("); })) return false;
    consume(rest, " ");
  } else {
    return false;
  }
  auto& body = line.out.emit<Reject>(line.queue_id);
  body.stage = Stage::kConnect;
  body.action = Action::kReject;
  body.reason = rest;
  ExtraList extra;
  finish(line, client, body, extra);
  return true;
}

}  // namespace

bool parse_reject(Line& line) {
  if (line.text.size() < 4) return false;
  switch (line.text.front()) {
    case 'H':
    case 'F':
    case 'U':
      return parse_client_line(line);
    case 'r':
      return parse_refused_line(line) || parse_refused_connection(line);
    case 't':
      return parse_refused_line(line);
    case 'u':
      return parse_unqualified(line);
    case 'S':
      return parse_protocol_error(line);
    case 'C':
      return parse_refused_connection(line);
    default:
      return false;
  }
}

}  // namespace mailtrail::dialect::exim
