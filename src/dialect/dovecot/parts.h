// The parts of the Dovecot dialect. Each takes a line that is shaped in its way and appends its events, or appends
// nothing and says false.
#pragma once

#include <string_view>

#include "dialect/dialect.h"
#include "dialect/extra_list.h"
#include "model/vocabulary.h"

namespace mailtrail::dialect::dovecot {

using model::Text;

// `service(user)<pid><session>: Severity: message`, each part but the first and the last optional. Of Dovecot 2.2 also
// `service(pid)` and `service(pid, user)`.
struct Line {
  Text service, user, session, message, pid;
  model::Severity severity = model::Severity::kNone;  // kNone: the line states none, which Dovecot does for `info`
};

// line.cc. False: `text` has no such beginning.
bool read_line(Text text, Line& line);

// What a line says of whom it is about, as `user` and `session_id`.
void attach_who(const Line& line, ExtraList& extra, Emitter& out);

// kInfo where the line states no severity.
inline model::Severity severity_of(const Line& line) {
  return line.severity == model::Severity::kNone ? model::Severity::kInfo : line.severity;
}

// Whether the line tells of normal work: it states no severity, or the lowest that is not for looking for faults.
inline bool is_plain(const Line& line) {
  return line.severity == model::Severity::kNone || line.severity == model::Severity::kInfo;
}

// A notice of the whole record, with the line's severity and who it is about.
bool emit_notice_of(const Line& line, model::Topic topic, ExtraList& extra, Emitter& out);

// delivery.cc: `msgid=ID: DEED` of lmtp, lda and Sieve; a hand-over to another LMTP or SMTP server.
bool parse_delivery(const Line& line, Emitter& out);
bool parse_sieve_step(const Line& line, Emitter& out);
bool parse_handover(const Line& line, Emitter& out);

// mail_log.cc: `expunge: box=.., uid=..` and `Mailbox created: ..` of the plugin mail_log.
bool parse_mail_log(const Line& line, Emitter& out);

// session.cc: `Connect from ..`, `Disconnect from ..`, and the end of a session that was logged in, with its counters.
bool parse_peer(const Line& line, Emitter& out);
bool parse_session_end(const Line& line, Emitter& out);

// login.cc: lines of imap-login, pop3-login, submission-login, managesieve-login. Empty: `service` is none of these.
Text login_protocol(Text service);
bool parse_login_service(const Line& line, Emitter& out);

// auth.cc: what auth and auth-worker say of a password or a user; pam_unix's line under the tag `auth`.
bool parse_auth(const Line& line, Emitter& out);
bool parse_pam(Text text, Emitter& out);

// notice.cc: what the master and the other services say of themselves.
bool parse_notice(const Line& line, Emitter& out);

}  // namespace mailtrail::dialect::dovecot
