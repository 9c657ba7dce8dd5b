// Which programs tell of a mail only when it is in their queue.
#pragma once

#include "model/event.h"

namespace mailtrail::trace {

// Whether the program that wrote `event` logs a `receive` once the mail is accepted, its sender, client and Message-ID
// in one line: Exim. (Postfix logs what a client sends as it comes, and the mail may yet be refused.) What has a parent
// there is a bounce or a warning of it, and an id is not used again.
inline bool tells_accepted_mail(const model::Event& event) {
  return event.dialect == "exim";
}

}  // namespace mailtrail::trace
