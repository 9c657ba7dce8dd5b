// clang-format off
// NAME
//   exim
//
// SUMMARY
//   The mail transfer agent Exim: mainlog, rejectlog and paniclog, and the same lines through syslog.
//   `receive` for an arrival (`<=`), `delivery` for each attempt (`=>` `->` `>>` `*>` `**` `==`), `remove` for Completed;
//   `hold`, `release`, `delete` for what an operator or a rule did, `expire` for what was given up. `reject` for what an ACL
//   or Exim itself refused, `login` for an authentication that failed, `connect`, `disconnect`, `tls` for sessions, `auth` for
//   DKIM. A message id is logged without its angle brackets, and given with them, as others log it.
//
// SOURCES
//   Exim 4.96 (Debian 12): lines recorded from it, and its specification (spec.txt), chapter "Log files"; for message ids of 23
//   characters the specification of 4.97
//
// SAMPLES
//   2026-11-24 03:04:54 1xVgpy-00007B-21 <= alice@local.example H=client3.good.example [203.0.113.3] P=esmtpsa X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=no A=plain_server:alice S=429 id=000001.op-hold@gen.sender.example
//   2026-11-24 03:04:55 1xVgpy-00007P-34 => ok-488269@smart.example R=dnslookup T=remote_smtp H=mx.smart.example [198.51.100.16] C="250 2.0.0 Ok: queued as 9A322F9ACB"
//   2026-11-24 03:04:54 1xVgpy-00007B-21 == defer-h0@smart.example R=dnslookup T=remote_smtp defer (-44) H=mx.smart.example [198.51.100.16]: SMTP error from remote mail server after RCPT TO:<defer-h0@smart.example>: 451 4.3.0 <defer-h0@smart.example>: Temporary lookup failure
//   2026-11-24 03:04:54 1xVgpy-00007E-22 Completed
//   2026-11-24 03:04:55 H=client9.good.example [203.0.113.9] F=<s@sender.example> rejected RCPT <nobody99@local.example>: Unknown user
//   2026-11-24 03:04:54 plain_server authenticator failed for client6.good.example (ylmf-pc.x) [203.0.113.6]: 535 Incorrect authentication data (set_id=admin1)
//   Nov 24 03:04:54 mx1 exim[393]: 2026-11-24 03:04:54 Start queue run: pid=393
//
// KNOWN GAPS
//   Syslog lines that Exim splits (`[1/5]`): the first part is read as far as it goes, the others are notices.
//   Lines without a message id that an ACL writes with `logwrite` are not understood unless they begin with the client.
//   Where a HELO name (helo_accept_junk_hosts) or an ident answer makes a refusal readable with two clients, none is stated.
// clang-format on
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/exim/parts.h"
#include "dialect/extra_list.h"

namespace mailtrail::dialect {
namespace {

using exim::Line;
using model::Text;

constexpr std::size_t kNone = Text::npos;

// `[2/5] ` or `[2\5] `: a part of an entry that was split for syslog. Gives its number, and takes it off.
int take_part(Text& text) {
  if (text.size() < 6 || text.front() != '[') return 0;
  const std::size_t close = text.substr(0, 12).find("] ");
  if (close == kNone) return 0;
  Text inside = text.substr(1, close - 1);
  const std::size_t slash = inside.find_first_of("/\\");
  if (slash == kNone) return 0;
  const auto number = to_number<int>(inside.substr(0, slash));
  const auto count = to_number<int>(inside.substr(slash + 1));
  if (!number || !count || *number < 1 || *number > *count) return 0;
  text.remove_prefix(close + 2);
  return *number;
}

// `2026-11-24 03:04:54[.123] [+0100] `, which stands in syslog's lines, too, unless syslog_timestamp is off.
void take_stamp(Text& text) {
  if (text.size() < 20 || !is_digit(text[0]) || text[4] != '-' || text[7] != '-' || text[10] != ' ' ||
      text[13] != ':' || text[16] != ':') {
    return;
  }
  std::size_t at = 19;
  if (text[at] == '.') {
    ++at;
    while (at < text.size() && is_digit(text[at])) ++at;
  }
  if (text.size() > at + 6 && (text[at + 1] == '+' || text[at + 1] == '-') && text[at + 6] == ' ') at += 6;
  if (at < text.size() && text[at] == ' ') text.remove_prefix(at + 1);
}

// `[393] ` of log_selector = +pid.
void take_pid(Text& text) {
  if (text.size() < 4 || text.front() != '[') return;
  const std::size_t close = text.substr(0, 16).find("] ");
  if (close != kNone && to_number<std::int32_t>(text.substr(1, close - 1))) text.remove_prefix(close + 2);
}

bool parse_part(Text text, Text part, Emitter& out) {
  auto& body = out.emit<model::event::Notice>();
  body.severity = model::Severity::kInfo;
  body.topic = model::Topic::kOther;
  body.text = text;
  ExtraList extra;
  extra.add("part", part);
  extra.attach(out);
  return true;
}

class EximDialect final : public Dialect {
 public:
  std::string_view name() const override { return "exim"; }

  bool claims(std::string_view program) const override { return program == "exim" || program == "exim4"; }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text;
    if (!text.empty() && text.front() == '[') {
      const Text before = text;
      const int part = take_part(text);
      if (part > 1) return parse_part(text, before.substr(0, before.size() - text.size() - 1), out);
    }
    if (!text.empty() && is_digit(text.front())) take_stamp(text);
    take_pid(text);
    Line line{text, {}, out};
    if (!record.has_time && exim::parse_reject_header(line)) return true;
    line.queue_id = exim::take_message_id(line.text);
    if (!line.queue_id.empty()) {
      return exim::parse_arrival(line) || exim::parse_delivery(line) || exim::parse_reject(line) ||
             exim::parse_queue(line);
    }
    return exim::parse_session(line) || exim::parse_reject(line) || exim::parse_login(line) || exim::parse_notice(line);
  }
};

}  // namespace

const Dialect& exim_dialect() {
  static const EximDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
