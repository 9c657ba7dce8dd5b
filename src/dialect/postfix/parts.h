// The parts of the Postfix dialect. Each takes a line that is shaped in its way and appends its events, or appends
// nothing and says false.
#pragma once

#include <string_view>

#include "dialect/dialect.h"
#include "dialect/postfix/tag.h"
#include "model/vocabulary.h"

namespace mailtrail::dialect::postfix {

// A line whose queue id, severity and tag have been read. `text` is what stands behind `QUEUEID: ` or `NOQUEUE: `.
struct Line {
  Tag tag;
  std::string_view queue_id;  // empty: none
  bool noqueue = false;       // the line says NOQUEUE
  std::string_view text;
  Emitter& out;
};

// delivery.cc: `to=<..>, relay=.., status=.. (..)`.
bool parse_delivery(Line& line);

// reject.cc: `reject: RCPT from ..: ..; from=<..> to=<..> proto=.. helo=<..>` and its kin, of smtpd, milters,
// postscreen.
bool parse_action(Line& line);

// header_check.cc: `info: header Subject: .. from ..; from=<..> ..: text`. `action` is the word before the colon,
// `context` what follows it (`header ..`, `body ..`, `mime-error ..`).
bool parse_header_check(Line& line, std::string_view action, std::string_view context);

// queue.cc: qmgr, cleanup's message-id, pickup, bounce, postsuper, smtpd's client=.
bool parse_queue_line(Line& line);

// session.cc: connections to smtpd, its complaints of clients, logins that failed. Lines without queue id.
bool parse_session(Line& line);
// Of these, why a session ended or what rule it broke, which may stand behind a queue id or NOQUEUE.
bool parse_session_end(Line& line);
// `text` is a warning of smtpd: a login that failed.
bool parse_failed_login(Line& line);

// screen.cc: postscreen, dnsblog, tlsproxy. Lines without queue id.
bool parse_screen(Line& line);

// tls.cc: TLS sessions that were made or failed.
bool parse_tls(Line& line);

// notice.cc: what Postfix says of itself. `severity` is that of the prefix, kNone where there is none.
void emit_notice(Line& line, model::Severity severity);
bool parse_plain(Line& line);
// A notice that stands behind a queue id and is of a known shape.
bool parse_queue_notice(Line& line);
// Takes `warning: ` and its like off; kNone where `text` begins with none.
model::Severity take_severity(std::string_view& text);

}  // namespace mailtrail::dialect::postfix
