// Where the codes stand in a reply as it is logged.
#pragma once

#include <string_view>

namespace mailtrail::explain {

// The codes that a reply states. `smtp_code` is 0 and `dsn` empty where it states none.
struct FoundCodes {
  int smtp_code = 0;
  std::string_view dsn;      // points into the reply
  std::size_t position = 0;  // of the first of the two in the reply
};

// Finds the reply code and the enhanced status code that belongs to it. A reply code counts at the beginning of the
// text; else behind the first `said: ` or `to me: ` (Postfix), `Deferred: ` (Sendmail) or the `: ` after Exim's `SMTP
// error from remote mail server`; else at the beginning of a later line. It is followed by a blank, `-` or the end. The
// enhanced code stands right behind it, or behind a later `CODE ` or `CODE-` of the same reply; without a reply code,
// at the beginning of the text. Codes elsewhere are words of the text and do not count.
FoundCodes find_codes(std::string_view reply);

}  // namespace mailtrail::explain
