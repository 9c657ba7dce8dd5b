// The small pieces that many lines of OpenSMTPD share.
#pragma once

#include <optional>
#include <string_view>

#include "base/text.h"
#include "dialect/reply_head.h"

namespace mailtrail::dialect::opensmtpd {

// Whether all of `text` is `size` hexadecimal digits in lower case, as OpenSMTPD prints its ids.
bool is_id(std::string_view text, std::size_t size);

// If `text` begins with `name` (`size=`), takes it, its value and the blank behind it off. A value ends at a blank; one
// in quotes at the quote that a blank or the end follows; one in angle brackets at the bracket that a blank or the end
// follows. Gives the value without these; nothing where `text` does not begin so.
std::optional<std::string_view> take_field(std::string_view& text, std::string_view name);

// The address of `203.0.113.3`, `[2001:db8::1]`, with or without a port behind a colon; empty where there is none.
std::string_view ip_of(std::string_view text);

// `1d2h3m4s`, `15s` in seconds.
std::optional<double> to_seconds(std::string_view text);

// The sender of EVENTS.md: the null sender is `<>`. OpenSMTPD writes it as nothing, or `@` in the queue's own lines.
inline std::string_view sender_of(std::string_view address) {
  return address.empty() || address == "@" ? std::string_view("<>") : address;
}

// What an SMTP reply begins with: `451 4.3.0 words`.
struct ReplyCodes {
  std::optional<std::int32_t> code;
  std::string_view dsn;
};
ReplyCodes read_codes(std::string_view reply);

// `TLSv1.3:TLS_AES_256_GCM_SHA384:256`, or `version=TLSv1.2, cipher=C, bits=256` before 6.4.
struct Cipher {
  std::string_view version, name;
  std::optional<std::int32_t> bits;
};
Cipher read_cipher(std::string_view text);

}  // namespace mailtrail::dialect::opensmtpd
