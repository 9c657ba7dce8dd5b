// The parts of the OpenSMTPD dialect. Each takes a line that is shaped in its way and appends its events, or appends
// nothing and says false.
#pragma once

#include <string_view>

#include "dialect/dialect.h"
#include "dialect/extra_list.h"

namespace mailtrail::dialect::opensmtpd {

// A line of a session: `d4b1cc8093570c17 smtp connected address=..`; 6.0 has `event=connected` for the word.
struct Line {
  std::string_view session_id;  // 16 hexadecimal digits
  std::string_view event;       // `connected`
  std::string_view fields;      // what stands behind it
  Emitter& out;

  // Adds the session to the event that was made last, with what else there is to say of it.
  void attach(ExtraList extra = {}) const {
    extra.add("session_id", session_id);
    extra.attach(out);
  }
};

// smtp.cc: sessions of clients, what they submit and what they are refused.
bool parse_smtp(const Line& line);

// delivery.cc: `mta` and `mda` lines.
bool parse_mta(const Line& line);
bool parse_mda(const Line& line);
// delivery.cc: `relay: Expire for ENVELOPE: from=<..>, to=<..>, rcpt=<..>, delay=.., stat=..`. `kind` is the word
// before the colon.
bool parse_queue_log(std::string_view kind, std::string_view text, Emitter& out);

// notice.cc: what OpenSMTPD says of itself.
bool parse_notice(std::string_view text, Emitter& out);

}  // namespace mailtrail::dialect::opensmtpd
