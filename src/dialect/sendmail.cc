// clang-format off
// NAME
//   sendmail
//
// SUMMARY
//   Sendmail, MTA and submission program, under the tags `sendmail`, `sm-mta`, `sm-msp-queue` and their like.
//   `receive` for `from=` lines (also for transactions that ended without a message: `nrcpt` is 0), `delivery` for each
//   recipient of a `to=` line, `reject` for rulesets, milters and unknown users, `notify` and `expire` for notifications,
//   `hold` and `release` for the quarantine, `login`, `tls`, `disconnect`, `policy` for what a client did in its connection.
//   A `to=` line without a mailer tells of a message that was refused after its data. `stat=queued` is a deferred
//   delivery, though nothing was tried.
//
// SOURCES
//   Sendmail 8.17.1.9 (Debian 12) at LogLevel 9: lines; its documentation (Installation and Operation Guide, RELEASE_NOTES
//   of 8.12 to 8.18) and the calls of sm_syslog in its sources (docs/dialects/sendmail.md)
//
// SAMPLES
//   Nov 24 03:22:48 mx1 sendmail[487]: 6AO3MlAf000487: from=<alice@local.example>, size=156, class=0, nrcpts=1, msgid=<000001.op-hold@gen.sender.example>, proto=ESMTPSA, daemon=MSA, relay=client3.good.example [203.0.113.3]
//   Nov 24 03:22:51 mx1 sendmail[587]: 6AO3MoTY000576: to=<ok-488269@smart.example>, ctladdr=<alice@local.example> (5001/5001), delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=30159, relay=mx.smart.example. [198.51.100.16], dsn=2.0.0, stat=Sent (Ok: queued as 76248B1E27)
//   Nov 24 03:22:48 mx1 sendmail[488]: 6AO3MlsR000488: ruleset=check_rcpt, arg1=<alice@local.example>, relay=client12.good.example [203.0.113.12], reject=550 5.7.1 <alice@local.example>... sender blocked
//   Nov 24 03:23:42 mx1 sendmail[1281]: 6AO3Mm6K000491: 6AO3NNG3001281: sender notify: Cannot send message for 50 seconds
//   Nov 24 03:22:48 mx1 sendmail[487]: AUTH=server, relay=client3.good.example [203.0.113.3], authid=alice, mech=PLAIN, bits=0
//   Nov 24 03:22:48 mx1 sendmail[487]: STARTTLS=server, relay=client3.good.example [203.0.113.3], version=TLSv1.3, verify=NO, cipher=TLS_AES_256_GCM_SHA384, bits=256/256
//
// KNOWN GAPS
//   Tags of the site's own (option -L) other than those that begin with `sendmail`, `sm-mta`, `sm-msp`, `sm-queue`. Queue ids
//   of versions before 8.12. Lines that were split because they outgrew the system log's line are read as far as the
//   first part goes. What a map of type `syslog` in the site's configuration logs is not read.
// clang-format on
#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "dialect/sendmail/parts.h"
#include "dialect/sendmail/scan.h"

namespace mailtrail::dialect {
namespace {

using model::Text;
using sendmail::Line;

// Takes `[2]` of a line that was logged in parts off, and gives its digits; empty where there is none.
Text take_part(Text& text) {
  if (!text.starts_with('[')) return {};
  const std::size_t close = text.find(']');
  if (close == Text::npos || close > 4 || !to_number<std::uint32_t>(text.substr(1, close - 1))) return {};
  const Text part = text.substr(1, close - 1);
  text.remove_prefix(close + 1);
  return part;
}

bool parse_text(Line& line) {
  if (line.text.empty()) return false;
  // Most lines are one of these two.
  if (line.text.starts_with("to=")) return sendmail::parse_delivery(line);
  if (line.text.starts_with("from=")) return sendmail::parse_envelope(line);
  return sendmail::parse_refusal(line) || sendmail::parse_queue_line(line) || sendmail::parse_session(line) ||
         sendmail::parse_notice(line);
}

// A part of a line that was too long for the system log. The first part ends in ` ...` and may still be read; the
// others are kept as they are.
bool parse_part(Line& line, Text part) {
  if (part == "1") {
    if (line.text.ends_with(" ...")) line.text.remove_suffix(4);
    if (parse_text(line)) return true;
  }
  emit_notice(line.out, model::Severity::kInfo, model::Topic::kOther, line.queue_id);
  ExtraList extra;
  extra.add("part", part);
  extra.attach(line.out);
  return true;
}

class SendmailDialect final : public Dialect {
 public:
  std::string_view name() const override { return "sendmail"; }

  bool claims(std::string_view program) const override {
    return program == "sendmail" || program.starts_with("sendmail-") || program.starts_with("sm-mta") ||
           program.starts_with("sm-msp") || program.starts_with("sm-queue");
  }

  bool parse(const record::Record& record, Emitter& out) const override {
    Text text = record.text, id;
    Text part;
    if (consume(text, "NOQUEUE")) {
      part = take_part(text);
      if (!consume(text, ": ")) return false;
    } else if (const std::size_t length = sendmail::queue_id_length(text); length != 0) {
      Text rest = text.substr(length);
      part = take_part(rest);
      if (consume(rest, ": ")) {
        id = text.substr(0, length);
        text = rest;
      }
    }
    Line line{id, text, out};
    return part.empty() ? parse_text(line) : parse_part(line, part);
  }
};

}  // namespace

const Dialect& sendmail_dialect() {
  static const SendmailDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
