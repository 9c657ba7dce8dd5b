// IP addresses as text, and the networks that they belong to.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "query/plan.h"

namespace mailtrail::query {

// Reads one address: IPv4 in dotted decimal (no leading zeros: those are octal to some), IPv6 as RFC 4291 (2.2) writes
// it, a zone (`%eth0`, RFC 4007) left out. The result has bits == 128. Nothing on any other text. Allocates nothing.
std::optional<Network> parse_address(std::string_view text);

// Reads `ADDRESS` or `ADDRESS/BITS` (at most 32 for IPv4, 128 for IPv6); bits of the host are cleared.
std::optional<Network> parse_network(std::string_view text);

// True when `text` is an address of `network`. Allocates nothing.
bool holds_address(const Network& network, std::string_view text);

// As parse_network reads it; `/BITS` is left out for a single address.
std::string to_text(const Network& network);

}  // namespace mailtrail::query
