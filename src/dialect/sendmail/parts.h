// The parts of the Sendmail dialect. Each takes a line that is shaped in its way and appends its events, or appends
// nothing and says false.
#pragma once

#include <string_view>

#include "dialect/dialect.h"

namespace mailtrail::dialect::sendmail {

// A line whose queue id has been read. `text` is what stands behind `ID: `, `ID[2]: ` or `NOQUEUE: `.
struct Line {
  std::string_view queue_id;  // empty: none
  std::string_view text;
  Emitter& out;
};

// envelope.cc: `from=.., size=.., class=.., nrcpts=.., msgid=.., proto=.., daemon=.., relay=..`.
bool parse_envelope(Line& line);

// delivery.cc: `to=.., ctladdr=.., delay=.., mailer=.., relay=.., dsn=.., stat=..`.
bool parse_delivery(Line& line);

// refusal.cc: `ruleset=check_rcpt, arg1=.., relay=.., reject=..`, `Milter: ..`, `milter=..`, `<address>... words`.
bool parse_refusal(Line& line);

// queue.cc: notifications, clones and splits with the id that the new message has; quarantine; the end.
bool parse_queue_line(Line& line);

// session.cc: authentication, TLS, how connections began and ended and what rule they broke.
bool parse_session(Line& line);

// notice.cc: what Sendmail says of itself.
bool parse_notice(Line& line);

}  // namespace mailtrail::dialect::sendmail
