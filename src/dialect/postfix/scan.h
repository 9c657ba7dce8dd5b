// The small pieces that many lines of Postfix share. All of them look at bytes of a line that anyone may have written.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "dialect/reply_head.h"

namespace mailtrail::dialect::postfix {

// `name[address]` or `name[address]:port`; for a unix socket `name[path]`.
struct Peer {
  std::string_view name;     // empty in postscreen's `[address]:port`
  std::string_view address;  // empty where the line says `unknown`
  std::string_view path;
  std::optional<std::uint16_t> port;
};

// If `text` begins with a peer, takes it off. The name holds no blank; the address is hexadecimal digits, dots, colons.
bool take_peer(std::string_view& text, Peer& peer);

// The length of the queue id that `text` begins with when `: ` follows it, else 0. Short ids are six or more upper-case
// hexadecimal digits; long ones (postconf(5), enable_long_queue_ids) ten or more of the 52 letters and digits without
// vowels, with a `z` between the time and the inode.
std::size_t queue_id_length(std::string_view text);

// Whether all of `text` is a queue id.
bool is_queue_id(std::string_view text);

// `text` begins behind the `<` of an address. Takes the address and its `>` off, where `ends(rest)` is true for what
// stands behind that `>`. A quoted local part is stepped over whole, so that a `>` inside it is not an end. False: no
// such end.
template <class Ends>
bool take_address(std::string_view& text, std::string_view& address, const Ends& ends) {
  std::size_t from = 0;
  if (!text.empty() && text[0] == '"') {
    std::size_t at = 1;
    while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    if (at < text.size()) from = at + 1;
  }
  for (std::size_t at = text.find('>', from); at != std::string_view::npos; at = text.find('>', at + 1)) {
    if (!ends(text.substr(at + 1))) continue;
    address = text.substr(0, at);
    text.remove_prefix(at + 1);
    return true;
  }
  return false;
}

// The sender of EVENTS.md: the null sender is `<>`.
inline std::string_view sender_of(std::string_view address) {
  return address.empty() ? std::string_view("<>") : address;
}

// If `text` begins with an enhanced status code (RFC 3463) that a blank or the end follows, takes it and the blank off.
std::string_view take_dsn(std::string_view& text);

// A decimal number without sign or exponent, `12` or `0.25`, that is all of `text`.
std::optional<double> to_seconds(std::string_view text);

}  // namespace mailtrail::dialect::postfix
