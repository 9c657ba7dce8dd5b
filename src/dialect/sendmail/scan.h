// The small pieces that many lines of Sendmail share. All of them look at bytes of a line that anyone may have written.
#pragma once

#include <optional>
#include <string_view>

#include "base/text.h"
#include "dialect/reply_head.h"

namespace mailtrail::dialect::sendmail {

// `name [address]`, `[address]`, `ident@name [address] (may be forged)`, or a name alone.
struct Peer {
  std::string_view name;   // without the full stop of the root; empty where the line has the address alone
  std::string_view ip;     // without `IPv6:`; empty where the line has the name alone
  std::string_view ident;  // what stands before the `@` of the name (RFC 1413, or the local submitter)
  bool forged = false;     // the name of the address does not lead back to the address
};

// All of `text` as a peer. Where it has no address, all of it is the name.
Peer read_peer(std::string_view text);

// The length of the queue id that `text` begins with: eight letters and digits for the time and the number in the
// process, and five digits or more for the process (8.12 and later); else 0.
std::size_t queue_id_length(std::string_view text);
// Whether all of `text` is a queue id.
bool is_queue_id(std::string_view text);

// The length of the address that `text` begins with: up to a comma, or the end, that stands outside of quotes and of
// angle brackets. Such a comma cannot come of an address that Sendmail takes. npos: a quote or bracket stays open.
std::size_t address_length(std::string_view text);

// An address without the angle brackets around all of it.
std::string_view bare_address(std::string_view text);
// The same of a sender: the null sender is `<>` (EVENTS.md).
std::string_view bare_sender(std::string_view text);

// `01:02:03` or `1+02:03:04` (a day more) in seconds.
std::optional<double> to_seconds(std::string_view text);

// What a reply says before its words: `550 5.7.1 text`. `dsn` is empty where there is none.
struct ReplyHead {
  std::optional<std::int32_t> code;
  std::string_view dsn;
  std::string_view words;  // all of the text where it begins with no code
};
ReplyHead read_reply(std::string_view text);

}  // namespace mailtrail::dialect::sendmail
