// Whether a text has the shape of an IP address.
#pragma once

#include <string_view>

#include "base/text.h"

namespace mailtrail::dialect {

// True for digits, dots and colons as in an IPv4 or IPv6 address, at most 45 characters (RFC 4291, 2.2). The value is
// not checked: `999.1.1.1` is true, a host name or a plain number is not.
inline bool looks_like_ip(std::string_view text) {
  if (text.empty() || text.size() > 45) return false;
  bool separated = false;
  for (const char c : text) {
    if (!is_hex_digit(c) && c != '.' && c != ':') return false;
    separated = separated || c == '.' || c == ':';
  }
  return separated;
}

}  // namespace mailtrail::dialect
