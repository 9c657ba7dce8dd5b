// clang-format off
// NAME
//   postfix
//
// SUMMARY
//   Postfix 2.2 to 3.11: every daemon and tool that logs, under any syslog_name and with short or long queue ids.
//
// SOURCES
//   postfix.org: postlogd(8), smtpd(8), cleanup(8), qmgr(8), smtp(8), local(8), pipe(8), bounce(8), postscreen(8),
//   header_checks(5), access(5), postconf(5), MILTER_README, POSTSCREEN_README, TLS_README, XFORWARD_README,
//   and the formats that the programs of Postfix 3.7.11 (Debian 12) hold. Lines seen: 2.2, 2.3, 3.5, 3.7, 3.11.
//
// SAMPLES
//   Nov 24 03:00:20 mx1 postfix/smtpd[877]: connect from unknown[203.0.113.85]
//   Nov 24 03:00:20 mx1 postfix/smtpd[877]: disconnect from unknown[203.0.113.52] ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4
//   Nov 24 03:00:20 mx1 postfix/submission/smtpd[877]: 88432AF01D0: client=mx1.example.test[192.0.2.10], sasl_method=LOGIN, sasl_username=bob
//   Nov 24 03:00:20 mx1 postfix/cleanup[881]: 92B72AF0A4F: message-id=12345.abc@host
//   Nov 24 03:00:20 mx1 postfix/qmgr[667]: 90421AF01D4: from=<alice@local.example>, size=423, nrcpt=1 (queue active)
//   Nov 24 03:00:20 mx1 postfix/smtp[890]: 8FB0FAF01D3: to=<ok-src@smart.example>, relay=mx.smart.example[198.51.100.16]:25, delay=0.17, delays=0.04/0/0.02/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 58BD7C1C10)
//   Nov 24 03:00:20 mx1 postfix/qmgr[667]: 90421AF01D4: removed
//   Nov 24 03:00:20 mx1 postfix/smtpd[877]: NOQUEUE: reject: RCPT from unknown[203.0.113.66]: 554 5.7.1 Service unavailable; Client host [203.0.113.66] blocked using zen.rbl.example; https://rbl.example/q?203.0.113.66; from=<s@sender.example> to=<alice@local.example> proto=ESMTP helo=<spammer.example>
//   Nov 24 03:00:20 mx1 postfix/cleanup[881]: 6C6D3AF0207: hold: header X-Hold: 1 from client26.good.example[203.0.113.26]; from=<s@sender.example> to=<alice@local.example> proto=ESMTP helo=<client21.good.example>: header rule
//   Nov 24 03:00:20 mx1 postfix/bounce[900]: ACB8BAF01D3: sender non-delivery notification: CC7CFAF01E2
//   Nov 24 03:00:20 mx1 postfix/pickup[666]: ACAE1AF02F8: uid=102 from=<alice@local.example> orig_id=74462AF0230
//   Nov 24 03:00:20 mx1 postfix/postsuper[950]: 80C2BAF01CC: placed on hold
//   Nov 24 03:00:20 mx1 postfix/postscreen[960]: PREGREET 20 after 0 from [203.0.113.60]:34609: EHLO eager.example\r\n
//   Nov 24 03:00:20 mx1 postfix/submission/smtpd[877]: warning: client6.good.example[203.0.113.6]: SASL LOGIN authentication failed: (reason unavailable), sasl_username=bob
//   Nov 24 03:00:20 mx1 postfix/smtp[890]: Untrusted TLS connection established to mx.tls.example[198.51.100.17]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256
//   Nov 24 03:00:20 mx1 postfix/anvil[970]: statistics: max connection rate 35/30s for (192.0.2.10:587:203.0.113.3) at Nov 24 03:00:26
//   Nov 24 03:00:20 mx1 postfix/master[660]: daemon started -- version 3.7.11, configuration /etc/postfix
//   <22>1 2026-11-24T03:00:20.407267+00:00 mx1 postfix 723 - -  connect from unknown[203.0.113.85]
//
// KNOWN GAPS
//   Where the tag is `postfix` alone (rsyslog's RFC 5424 template), the daemon is known by the shape of the line only: what
//   postsuper(1) removed is not told from what the queue manager did, and a mailer is stated only where relay= does.
//   Before 3.5 addresses are logged unquoted: a recipient `a>, relay=b@example.com` cannot be told from fields.
//   A client may write a whole tail (`; from=<..> .. helo=<..>`) into its HELO; the last one counts, which is then the
//   client's. `sender delivery status notification` is given as success, though `sendmail -bv` makes it for any result.
//   The ids of Gmail, Amazon SES and others that no word names are not taken for queue ids.
// clang-format on
#include "dialect/dialect.h"
#include "dialect/postfix/parts.h"
#include "dialect/postfix/scan.h"

namespace mailtrail::dialect {
namespace {

using postfix::Daemon;
using postfix::Line;

// Behind `QUEUEID: `.
bool parse_with_id(Line& line) {
  if (line.text.starts_with("to=<")) return postfix::parse_delivery(line);
  if (postfix::parse_queue_line(line) || postfix::parse_action(line)) return true;
  if (line.tag.may_be(Daemon::kSmtpd) && postfix::parse_session_end(line)) return true;
  return postfix::parse_queue_notice(line);
}

// Behind `warning: ` and its like, which may have the queue id behind them.
bool parse_severe(Line& line, model::Severity severity) {
  if (line.text.empty()) return false;
  if (const std::size_t length = postfix::queue_id_length(line.text); length != 0) {
    line.queue_id = line.text.substr(0, length);
    line.text.remove_prefix(length + 2);
  }
  if (severity == model::Severity::kWarning && line.tag.may_be(Daemon::kSmtpd) && postfix::parse_failed_login(line)) {
    return true;
  }
  postfix::emit_notice(line, severity);
  return true;
}

bool parse_without_id(Line& line) {
  switch (line.tag.daemon) {
    case Daemon::kSmtpd:
    case Daemon::kQmqpd:
      if (postfix::parse_session(line) || postfix::parse_tls(line)) return true;
      // Before 2.1 a refusal, and before 2.11 a before-queue filter's answer, had no NOQUEUE before it.
      if (line.text.starts_with("reject") || line.text.starts_with("proxy-")) return postfix::parse_action(line);
      break;
    case Daemon::kPostscreen:
    case Daemon::kDnsblog:
    case Daemon::kTlsproxy:
      if (postfix::parse_screen(line) || postfix::parse_tls(line)) return true;
      break;
    case Daemon::kSmtp:
    case Daemon::kLmtp:
      if (postfix::parse_tls(line)) return true;
      break;
    case Daemon::kAny:
      if (postfix::parse_session(line) || postfix::parse_screen(line) || postfix::parse_tls(line)) return true;
      break;
    default:
      break;
  }
  std::string_view rest = line.text;
  if (const model::Severity severity = postfix::take_severity(rest); severity != model::Severity::kNone) {
    line.text = rest;
    return parse_severe(line, severity);
  }
  return postfix::parse_plain(line);
}

class PostfixDialect final : public Dialect {
 public:
  std::string_view name() const override { return "postfix"; }

  bool claims(std::string_view program) const override { return postfix::split_tag(program).daemon != Daemon::kNone; }

  std::uint32_t note_tag(std::string_view program) const override {
    return postfix::note_of(postfix::split_tag(program), program);
  }

  bool parse(const record::Record& record, Emitter& out) const override {
    const std::uint32_t note = out.tag_note();
    Line line{note != 0 ? postfix::tag_of(note, record.program) : postfix::split_tag(record.program),
              {},
              false,
              record.text,
              out};
    if (line.tag.daemon == Daemon::kNone) return false;
    out.set_instance(line.tag.instance);
    while (line.text.starts_with(' ')) line.text.remove_prefix(1);
    if (const std::size_t length = postfix::queue_id_length(line.text); length != 0) {
      line.queue_id = line.text.substr(0, length);
      line.text.remove_prefix(length + 2);
      return parse_with_id(line);
    }
    if (consume(line.text, "NOQUEUE: ")) {
      line.noqueue = true;
      if (line.tag.may_be(Daemon::kSmtpd) && postfix::parse_session_end(line)) return true;
      return postfix::parse_action(line) || (line.tag.daemon == Daemon::kQmqpd && postfix::parse_plain(line));
    }
    return parse_without_id(line);
  }
};

}  // namespace

const Dialect& postfix_dialect() {
  static const PostfixDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
