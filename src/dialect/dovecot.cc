// clang-format off
// NAME
//   dovecot
//
// SUMMARY
//   The IMAP, POP3, submission, ManageSieve and LMTP server, its delivery agent, its proxy and its SASL service.
//   `mailbox` for deliveries by lmtp and lda (with or without Sieve) and for the saves, copies and expunges of mail_log,
//   which state a `uid`; `login` for a login that was made or refused at imap-login, pop3-login, submission-login,
//   managesieve-login, also one that was passed on to another server (`proxied_to`); `connect` and `disconnect` for
//   sessions, with user, session and all counters in `extra`. What the auth service says of a password is a `notice` (user,
//   session_id, reason, and as `source` the database, mechanism or policy that speaks): the login process reports the same
//   attempt, and for SASL on behalf of an MTA the MTA does, so that an attempt is counted once. A message that the
//   submission service or the LMTP proxy handed on is a `notice` with sender, recipient and reply: the server that took it
//   logs the delivery. Errors and warnings of every service are `notice`.
//
// SOURCES
//   Dovecot 2.3.19.1 with Pigeonhole 0.5.19 (Debian 12): lines recorded from it, and the texts in its sources; the CORE
//   logging documentation of 2.2 and 2.4; published lines of 2.2 and 2.4
//
// SAMPLES
//   Nov 24 03:20:42 mx1 dovecot: lmtp(user2@vmail.example)<902><nT/pN4kCBWuGAwAAh60xbQ>: msgid=<000018.case-addresses@gen.sender.example>: saved mail to INBOX
//   Nov 24 03:20:42 mx1 dovecot: lmtp(902): Connect from local
//   Nov 24 03:21:15 mx1 dovecot: imap-login: Login: user=<user1@vmail.example>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, mpid=1245, TLS, session=<QgJBM/1gGop/AAAB>
//   Nov 24 03:00:25 mx1 dovecot: imap-login: Disconnected: Connection closed (auth failed, 1 attempts in 2 secs): user=<user3@vmail.example>, method=PLAIN, rip=127.0.0.1, lip=127.0.0.1, secured, session=<XsFf6fxgDLZ/AAAB>
//   Nov 24 03:00:23 mx1 dovecot: auth: passwd-file(bob,192.0.2.10): Password mismatch
//   Nov 24 19:24:57 mx1 dovecot: submission(alice)<299><AGFsqgphuOJ/AAAB>: Successfully relayed message: from=<alice@example.com>, size=50, id=ZfnxA4nkBWsrAQAAg+zDdQ, nrcpt=2, reply=`250 2.0.0 Ok: queued as 4XyZ12AbCd'
//
// KNOWN GAPS
//   login_log_format, deliver_log_format and log prefixes of the site's own are read only where they keep the defaults'
//   words; fields that are not known stand in `rest`. A `discard` of Sieve is logged when it is planned: a later explicit
//   delivery has its own line. Where a user's Sieve script makes a folder's name of the subject, the subject may imitate
//   the end of the line. Of mail_log neither sender nor subject is taken. The log files that Dovecot writes itself
//   (log_path) have no host in their lines; a log_timestamp of the site's own may hide them.
// clang-format on
#include "base/text.h"
#include "dialect/dialect.h"
#include "dialect/dovecot/parts.h"

namespace mailtrail::dialect {
namespace {

using dovecot::Line;
using model::Text;

bool is_delivery(Text service) {
  return service == "lmtp" || service == "lda" || service == "deliver";
}

// Services that serve one user's session.
bool is_session(Text service) {
  return service == "imap" || service == "pop3" || service == "submission" || service == "managesieve" ||
         service == "imap-hibernate" || service == "imap-urlauth";
}

bool parse_line(const Line& line, Emitter& out) {
  using namespace dovecot;
  if (is_delivery(line.service)) {
    if (parse_delivery(line, out) || parse_peer(line, out) || parse_mail_log(line, out) ||
        parse_sieve_step(line, out) || parse_handover(line, out)) {
      return true;
    }
  } else if (is_session(line.service)) {
    // What Sieve does when a client moves a mail is no delivery: it stays a notice.
    if (parse_session_end(line, out) || parse_mail_log(line, out) || parse_handover(line, out) ||
        parse_sieve_step(line, out) || parse_peer(line, out)) {
      return true;
    }
  } else if (!login_protocol(line.service).empty()) {
    if (parse_login_service(line, out)) return true;
  } else if (line.service == "auth" || line.service == "auth-worker") {
    if (parse_auth(line, out)) return true;
  }
  return parse_notice(line, out);
}

class DovecotDialect final : public Dialect {
 public:
  std::string_view name() const override { return "dovecot"; }

  // `auth` and `dovecot-auth` are the tags under which PAM's modules write when Dovecot asks them.
  bool claims(std::string_view program) const override {
    return program == "dovecot" || program == "dovecot-lda" || program == "auth" || program == "dovecot-auth";
  }

  bool parse(const record::Record& record, Emitter& out) const override {
    if (record.program == "auth" || record.program == "dovecot-auth") return dovecot::parse_pam(record.text, out);
    Line line;
    if (!dovecot::read_line(record.text, line) || !parse_line(line, out)) return false;
    // The tag of Dovecot's one log process carries no pid; the prefix of the message does.
    if (out.last().pid < 0) out.last().pid = to_number<std::int32_t>(line.pid).value_or(-1);
    return true;
  }
};

}  // namespace

const Dialect& dovecot_dialect() {
  static const DovecotDialect dialect;
  return dialect;
}

}  // namespace mailtrail::dialect
