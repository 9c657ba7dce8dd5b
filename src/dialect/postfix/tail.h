// Tail: `; from=<..> to=<..> proto=.. helo=<..> sasl_username=<..>`, with which lines about a transaction end.
#pragma once

#include <string_view>

#include "model/event.h"

namespace mailtrail::dialect::postfix {

struct Tail {
  bool has_sender = false;
  model::Text sender, recipient, protocol, helo, sasl_user;
  model::Text note;  // header checks: what follows `: ` behind the last field
};

// Finds the tail of `text` and gives what stands before it in `head`. What stands before is a header, a reply or a URL
// that a stranger may have written, with a tail of his own inside: the LAST one that reaches to the end of the line
// counts. `with_note`: a `: text` may follow. False: there is none.
bool split_tail(std::string_view text, bool with_note, std::string_view& head, Tail& tail);

}  // namespace mailtrail::dialect::postfix
