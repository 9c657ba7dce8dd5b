// What is refused, thrown away or set apart before it is queued: by a ruleset, by a milter, or because an address leads
// nowhere.
//
// A ruleset's argument is the client's address or a header, and the words of the refusal often repeat it. An address is
// read whole, so that no field that it imitates is seen; behind another argument the last relay that is one counts.
#include <algorithm>

#include "dialect/extra_list.h"
#include "dialect/sendmail/parts.h"
#include "dialect/sendmail/scan.h"

namespace mailtrail::dialect::sendmail {
namespace {

using model::Action;
using model::Stage;
using model::Text;
using model::event::Reject;

constexpr std::size_t kNone = Text::npos;

Stage stage_of_ruleset(Text name) {
  struct Named {
    Text name;
    Stage stage;
  };
  constexpr Named kNamed[] = {
      {"check_rcpt", Stage::kRcpt},     {"check_mail", Stage::kMail},      {"check_relay", Stage::kConnect},
      {"check_data", Stage::kData},     {"check_eom", Stage::kEod},        {"check_eoh", Stage::kEod},
      {"check_vrfy", Stage::kVrfy},     {"check_expn", Stage::kVrfy},      {"check_etrn", Stage::kEtrn},
      {"check_helo", Stage::kHelo},     {"trust_auth", Stage::kAuth},      {"tls_client", Stage::kStarttls},
      {"tls_server", Stage::kStarttls}, {"tls_rcpt", Stage::kStarttls},    {"try_tls", Stage::kStarttls},
      {"authinfo", Stage::kAuth},       {"srv_features", Stage::kConnect}, {"queuegroup", Stage::kNone},
      {"check_compat", Stage::kNone}};
  for (const Named& named : kNamed) {
    if (named.name == name) return named.stage;
  }
  // Rulesets of headers have names of the site's own; they run when the headers are there.
  return Stage::kEod;
}

// What a ruleset did, at the beginning of `text`.
bool read_verdict(Text text, Action& action, Text& words) {
  words = {};
  if (text == "discard") return action = Action::kDiscard, true;
  if (consume(text, "quarantine=")) return action = Action::kQuarantine, words = text, true;
  if (consume(text, "reject=")) return action = Action::kReject, words = text, true;
  return false;
}

struct Ruling {
  Text arg1, arg2, relay, words;
  Action action = Action::kNone;
};

// `text` begins behind the first argument.
bool read_ruling(Text text, Ruling& ruling) {
  Ruling found = ruling;
  if (consume(text, ", arg2=")) {
    const std::size_t length = std::min(address_length(text), text.find(", relay="));
    if (length == kNone) return false;
    found.arg2 = text.substr(0, length);
    text.remove_prefix(length);
  }
  if (consume(text, ", relay=")) {
    const std::size_t end = text.find(", ");
    if (end == kNone) return false;
    found.relay = text.substr(0, end);
    text.remove_prefix(end);
  }
  if (!consume(text, ", ") || !read_verdict(text, found.action, found.words)) return false;
  ruling = found;
  return true;
}

// `text` begins with the first argument.
bool split_ruling(Text text, Ruling& ruling) {
  const std::size_t length = address_length(text);
  if (length != kNone && (text.starts_with('<') || text.starts_with('"') || text.find(',') == length)) {
    ruling.arg1 = text.substr(0, length);
    if (read_ruling(text.substr(length), ruling)) return true;
  }
  int tries = 0;
  for (std::size_t at = text.rfind(", relay="); at != kNone && tries < 16; ++tries) {
    ruling.arg1 = text.substr(0, at);
    if (read_ruling(text.substr(at), ruling)) return true;
    at = at == 0 ? kNone : text.rfind(", relay=", at - 1);
  }
  for (const Text verdict : {Text(", reject="), Text(", quarantine="), Text(", discard")}) {
    const std::size_t at = text.find(verdict);
    ruling.arg1 = text.substr(0, at);
    if (at != kNone && read_ruling(text.substr(at), ruling)) return true;
  }
  return false;
}

// `Rejected: 192.0.2.1 listed at zen.example`, the words of FEATURE(dnsbl).
Text blocklist_of(Text words) {
  if (const std::size_t dots = words.find("... "); dots != kNone) words.remove_prefix(dots + 4);
  if (!consume(words, "Rejected: ")) return {};
  const std::size_t blank = words.find(' ');
  if (blank == kNone) return {};
  words.remove_prefix(blank);
  if (!consume(words, " listed at ")) return {};
  return words.substr(0, words.find(' '));
}

void set_reply(Reject& reject, Text words) {
  reject.reply = words;
  const ReplyHead head = read_reply(words);
  reject.smtp_code = head.code;
  reject.dsn = head.dsn;
}

bool parse_ruleset(Line& line, Text text) {
  const Text name = take_until(text, ',');
  if (!consume(text, " arg1=")) return false;
  Ruling ruling;
  if (!split_ruling(text, ruling)) return false;
  auto& reject = line.out.emit<Reject>(line.queue_id);
  reject.stage = stage_of_ruleset(name);
  reject.action = ruling.action;
  ExtraList extra;
  extra.add("ruleset", name);
  if (ruling.action == Action::kReject) {
    set_reply(reject, ruling.words);
    reject.blocklist = blocklist_of(read_reply(ruling.words).words);
  } else {
    reject.reason = ruling.words;
  }
  const Peer peer = read_peer(ruling.relay);
  reject.client_name = peer.name;
  reject.client_ip = peer.ip;
  if (peer.forged) extra.add("client_name_note", "may be forged");
  if (reject.stage == Stage::kRcpt) {
    reject.recipient = bare_address(ruling.arg1);
  } else if (reject.stage == Stage::kMail) {
    reject.sender = bare_sender(ruling.arg1);
  } else if (name == "check_compat") {
    reject.sender = bare_sender(ruling.arg1);
    reject.recipient = bare_address(ruling.arg2);
  } else {
    extra.add("arg1", trim(ruling.arg1));
    extra.add("arg2", trim(ruling.arg2));
  }
  extra.attach(line.out);
  return true;
}

// What a milter did, where it stands behind the stage: `reject=550 5.7.1 words`, `discard`, `rejecting commands`.
bool read_milter_verdict(Text text, Reject& reject) {
  Text words = text;
  if (text == "discard") {
    reject.action = Action::kDiscard;
    return true;
  }
  reject.action = Action::kReject;
  if (consume(words, "reject=") || consume(words, "shutdown=") || consume(words, "temp failing commands=")) {
    set_reply(reject, words);
    return true;
  }
  reject.reason = text;
  return text.starts_with("rejecting commands") || text.starts_with("temp failing commands") || text == "shutdown";
}

// `Milter: to=<a@x.example>, reject=..`: the address is read whole.
bool parse_milter_address(Line& line, Text text, Stage stage) {
  const std::size_t length = address_length(text);
  if (length == kNone || !text.substr(length).starts_with(", ")) return false;
  Reject verdict;
  if (!read_milter_verdict(text.substr(length + 2), verdict)) return false;
  auto& reject = line.out.emit<Reject>(line.queue_id);
  reject = verdict;
  reject.stage = stage;
  (stage == Stage::kMail ? reject.sender : reject.recipient) =
      stage == Stage::kMail ? bare_sender(text.substr(0, length)) : bare_address(text.substr(0, length));
  return true;
}

// `Milter: connect: host=H, addr=192.0.2.1, rejecting commands`. A name from the DNS has no comma with a blank behind
// it.
bool parse_milter_connect(Line& line, Text text) {
  const std::size_t addr = text.find(", addr=");
  if (addr == kNone) return false;
  const Text host = text.substr(0, addr);
  text.remove_prefix(addr + 7);
  const std::size_t end = text.find(", ");
  Reject verdict;
  if (end == kNone || !read_milter_verdict(text.substr(end + 2), verdict)) return false;
  auto& reject = line.out.emit<Reject>(line.queue_id);
  reject = verdict;
  reject.stage = Stage::kConnect;
  reject.client_name = host;
  Text ip = text.substr(0, end);
  consume(ip, "IPv6:");
  reject.client_ip = ip;
  return true;
}

// `Milter: helo=NAME, reject=..`: the name is the client's; the last verdict counts.
bool parse_milter_helo(Line& line, Text text) {
  const std::size_t at = text.rfind(", reject=");
  Reject verdict;
  if (at == kNone || !read_milter_verdict(text.substr(at + 2), verdict)) return false;
  auto& reject = line.out.emit<Reject>(line.queue_id);
  reject = verdict;
  reject.stage = Stage::kHelo;
  reject.helo = text.substr(0, at);
  return true;
}

bool parse_milter(Line& line, Text text) {
  if (consume(text, "to=")) return parse_milter_address(line, text, Stage::kRcpt);
  if (consume(text, "from=")) return parse_milter_address(line, text, Stage::kMail);
  if (consume(text, "connect: host=")) return parse_milter_connect(line, text);
  if (consume(text, "helo=")) return parse_milter_helo(line, text);
  Stage stage = Stage::kNone;
  if (consume(text, "cmd=data, ")) {
    stage = Stage::kData;
  } else if (consume(text, "data, ")) {
    stage = Stage::kEod;
  } else if (text.starts_with("initialization failed, ")) {
    auto& reject = line.out.emit<Reject>(line.queue_id);
    reject.stage = Stage::kConnect;
    reject.action = Action::kReject;
    reject.reason = text;
    return true;
  } else {
    return false;
  }
  Reject verdict;
  if (!read_milter_verdict(text, verdict)) return false;
  verdict.stage = stage;
  line.out.emit<Reject>(line.queue_id) = verdict;
  return true;
}

// `milter=NAME, action=rcpt, reject=550 5.7.1 words`: what the named filter answered. What came of it Sendmail says in
// a line of its own, `Milter: ..`.
bool parse_milter_answer(Line& line, Text text) {
  const Text name = take_until(text, ',');
  if (!consume(text, " ")) return false;
  ExtraList extra;
  if (consume(text, "action=")) {
    extra.add("stage", take_until(text, ','));
    if (!consume(text, " ")) return false;
  }
  Text action = text, words;
  if (const std::size_t equals = text.find('='); equals != kNone && text.find(' ') > equals) {
    action = text.substr(0, equals);
    words = text.substr(equals + 1);
  }
  constexpr Text kActions[] = {"reject", "discard", "tempfail", "accepted", "continue", "skip", "quarantine"};
  if (std::find(std::begin(kActions), std::end(kActions), action) == std::end(kActions)) return false;
  auto& verdict = line.out.emit<model::event::Verdict>(line.queue_id);
  verdict.filter = name;
  verdict.action = action;
  verdict.reason = words;
  extra.attach(line.out);
  return true;
}

// `<address>... words`: the recipient was refused (Sendmail logs such words at RCPT alone).
bool parse_bad_address(Line& line) {
  const std::size_t dots = line.text.find(">... ");
  if (dots == kNone) return false;
  // The end of the address is the bracket that closes it, outside of quotes.
  bool quoted = false;
  std::size_t depth = 0, at = 0;
  for (; at < line.text.size(); ++at) {
    const char c = line.text[at];
    if (c == '\\') {
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == '<') {
      ++depth;
    } else if (!quoted && c == '>' && --depth == 0) {
      break;
    }
  }
  if (at >= line.text.size()) at = dots;
  Text words = line.text.substr(at + 1);
  if (!consume(words, "... ")) return false;
  auto& reject = line.out.emit<Reject>(line.queue_id);
  reject.stage = Stage::kRcpt;
  reject.action = Action::kReject;
  reject.recipient = line.text.substr(1, at - 1);
  reject.reason = words;
  return true;
}

}  // namespace

bool parse_refusal(Line& line) {
  Text text = line.text;
  if (text.empty()) return false;
  switch (text.front()) {
    case '<':
      return parse_bad_address(line);
    case 'r':
      return consume(text, "ruleset=") && parse_ruleset(line, text);
    case 'M':
      return consume(text, "Milter: ") && parse_milter(line, text);
    case 'm':
      return consume(text, "milter=") && parse_milter_answer(line, text);
    case 'd': {
      if (text != "discarded") return false;
      auto& reject = line.out.emit<Reject>(line.queue_id);
      reject.stage = Stage::kEod;
      reject.action = Action::kDiscard;
      return true;
    }
    default:
      return false;
  }
}

}  // namespace mailtrail::dialect::sendmail
