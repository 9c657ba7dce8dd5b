// The queue id in a remote server's answer.
#pragma once

#include "model/event.h"

namespace mailtrail::dialect {

// The id that the remote server says it gave the message, as a part of `reply`; empty where it names none. `reply` MUST
// be an answer that accepts a message: `250 2.0.0 Ok: queued as 4F5C6`. Only what is named as an id is taken: the
// tokens of Gmail, Amazon and the like are not told from other words by anything.
model::Text remote_queue_id(model::Text reply);

}  // namespace mailtrail::dialect
