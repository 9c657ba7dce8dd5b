// What log texts are folded by, so that those of one shape count as one: addresses and numbers.
#pragma once

#include <string>
#include <string_view>

namespace mailtrail {

// The whole text is an IPv4 address: four numbers up to 255 of at most three digits.
bool is_ipv4(std::string_view text);
// The whole text looks like an IPv6 address (RFC 4291, 2.2), also one with IPv4 at its end. Not every text of that form
// is one: what has four colons, or two with `::`, and hex digits beside them.
bool is_ipv6(std::string_view text);

// Appends `text` with `N` in place of each run of digits.
void append_without_numbers(std::string& out, std::string_view text);

}  // namespace mailtrail
