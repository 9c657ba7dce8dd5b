// Copies of facts that outlive the call that told them.
#pragma once

#include "base/arena.h"
#include "model/fact.h"

namespace mailtrail::model {

// A copy of the fact with all that it points to, made in `arena` and valid as long as that.
fact::Journey copy_of(const fact::Journey& journey, Arena& arena);
fact::Message copy_of(const fact::Message& message, Arena& arena);
fact::Delivery copy_of(const fact::Delivery& delivery, Arena& arena);
fact::Recipient copy_of(const fact::Recipient& recipient, Arena& arena);
fact::AuthResult copy_of(const fact::AuthResult& result, Arena& arena);
fact::Verdict copy_of(const fact::Verdict& verdict, Arena& arena);
fact::Rejection copy_of(const fact::Rejection& rejection, Arena& arena);
fact::Login copy_of(const fact::Login& login, Arena& arena);
fact::Session copy_of(const fact::Session& session, Arena& arena);
fact::TlsSession copy_of(const fact::TlsSession& session, Arena& arena);
fact::Notice copy_of(const fact::Notice& notice, Arena& arena);
fact::Policy copy_of(const fact::Policy& policy, Arena& arena);
fact::Gap copy_of(const fact::Gap& gap, Arena& arena);

}  // namespace mailtrail::model
