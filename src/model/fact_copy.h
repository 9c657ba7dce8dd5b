// Copies of facts that outlive the call that told them.
#pragma once

#include "base/arena.h"
#include "model/fact.h"

namespace mailtrail::model {

// A copy of the fact with all that it points to, made in `arena` and valid as long as that.
fact::Journey copy_of(const fact::Journey& journey, Arena& arena);
fact::Rejection copy_of(const fact::Rejection& rejection, Arena& arena);

}  // namespace mailtrail::model
