// The parts of the Exim dialect. Each takes the text behind the message id, appends the events and says true, or says
// false and appends nothing.
#pragma once

#include "dialect/dialect.h"
#include "dialect/exim/scan.h"

namespace mailtrail::dialect::exim {

struct Line {
  Text text;      // behind the stamp, the process id and the message id
  Text queue_id;  // empty: none
  Emitter& out;
};

// receive.cc: `<=`, `(=`.
bool parse_arrival(Line& line);
// delivery.cc: `=>` `->` `>>` `*>` `**` `==`.
bool parse_delivery(Line& line);
// queue.cc: Completed, frozen, thawed, removed, and what else is said of a message.
bool parse_queue(Line& line);
// reject.cc: what was refused, and what was wrong in a session.
bool parse_reject(Line& line);
// login.cc: authentications that failed.
bool parse_login(Line& line);
// session.cc: connections, their ends, TLS.
bool parse_session(Line& line);
// notice.cc: what Exim says of itself.
bool parse_notice(Line& line);
// reject_log.cc: headers of a message that was refused.
bool parse_reject_header(Line& line);

}  // namespace mailtrail::dialect::exim
