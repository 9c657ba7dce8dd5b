// Which programs do not log that a message left their queue.
#pragma once

#include "model/event.h"

namespace mailtrail::trace {

// Whether the program that wrote `event` logs no end of a message, so that only silence tells it: Sendmail (below
// LogLevel 11) and OpenSMTPD. They also log a login, and who the client is, on lines apart from those of the message.
inline bool logs_no_end(const model::Event& event) {
  return event.dialect == "sendmail" || event.dialect == "opensmtpd";
}

// Likewise, where the log is of messages alone: a table or records of JSON.
inline bool is_of_messages_alone(const model::Event& event) {
  return event.dialect == "exchange" || event.dialect == "kumomta" || event.dialect == "microsoft365";
}

}  // namespace mailtrail::trace
