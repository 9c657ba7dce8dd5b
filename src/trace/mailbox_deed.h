// What a mail store (Dovecot's lmtp and lda, with or without Sieve) says that it did with a message, and the attempts
// that may have handed the message to it.
#pragma once

#include <cstdint>
#include <string>

#include "model/event.h"
#include "trace/stay.h"

namespace mailtrail::trace {

// One recipient of one stay.
struct StayRecipientRef {
  StayRef stay;
  std::uint32_t recipient = 0;
};

struct MailboxDeed {
  std::uint64_t session = 0;     // hash of the session id; 0: not logged
  std::uint64_t message_id = 0;  // hash of it; 0: not logged
  std::uint64_t host = 0;        // hash of its name
  Micros time = 0;
  model::LineRef at;
  std::string user;  // as logged
  std::string text;  // as fact::Step has it
  Deeds deed = 0;
  StayRecipientRef owner;  // where `owned`
  bool owned = false;
  bool sure = false;       // the reply of the attempt names the session
  bool contested = false;  // two attempts fit: nobody's
};

// An attempt that left the mail to another program of this system.
struct LocalDelivery {
  std::uint64_t session = 0;  // hash of the session id that the reply names; 0: none
  std::uint64_t message_id = 0;
  std::uint64_t host = 0;
  Micros from = 0, until = 0;  // between which the mail store had it
  StayRecipientRef of;
};

}  // namespace mailtrail::trace
