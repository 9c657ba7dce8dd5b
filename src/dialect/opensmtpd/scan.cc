#include "dialect/opensmtpd/scan.h"

#include "dialect/ip_shape.h"

namespace mailtrail::dialect::opensmtpd {
namespace {

using Text = std::string_view;

constexpr std::size_t kNone = Text::npos;

// Where the first `mark` stands that a blank or the end follows.
std::size_t find_end(Text text, char mark) {
  for (std::size_t at = text.find(mark); at != kNone; at = text.find(mark, at + 1)) {
    if (at + 1 == text.size() || text[at + 1] == ' ') return at;
  }
  return kNone;
}

}  // namespace

bool is_id(Text text, std::size_t size) {
  if (text.size() != size) return false;
  for (const char c : text) {
    if (!is_digit(c) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

std::optional<Text> take_field(Text& text, Text name) {
  if (!text.starts_with(name)) return std::nullopt;
  Text rest = text.substr(name.size());
  char mark = '\0';
  if (rest.starts_with('"')) mark = '"';
  if (rest.starts_with('<')) mark = '>';
  std::size_t end = rest.find(' ');
  Text value;
  if (mark != '\0') {
    rest.remove_prefix(1);
    end = find_end(rest, mark);
    if (end == kNone) return std::nullopt;
    value = rest.substr(0, end);
    ++end;
  } else {
    value = rest.substr(0, end);
  }
  rest.remove_prefix(std::min(rest.size(), end));
  consume(rest, " ");
  text = rest;
  return value;
}

Text ip_of(Text text) {
  if (consume(text, "[")) {
    consume(text, "IPv6:");
    text = text.substr(0, text.find(']'));
    return looks_like_ip(text) ? text : Text{};
  }
  const std::size_t colon = text.find(':');
  if (colon != kNone && text.find(':', colon + 1) == kNone) text = text.substr(0, colon);
  return looks_like_ip(text) ? text : Text{};
}

std::optional<double> to_seconds(Text text) {
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size() && end < 9 && is_digit(text[end])) ++end;
    const auto number = to_number<std::int32_t>(text.substr(0, end));
    if (!number || end == text.size()) return std::nullopt;
    switch (text[end]) {
      case 'd':
        seconds += *number * 86400.0;
        break;
      case 'h':
        seconds += *number * 3600.0;
        break;
      case 'm':
        seconds += *number * 60.0;
        break;
      case 's':
        seconds += *number;
        break;
      default:
        return std::nullopt;
    }
    text.remove_prefix(end + 1);
  }
  return seconds;
}

ReplyCodes read_codes(Text reply) {
  ReplyCodes codes;
  codes.code = reply_code(reply);
  if (!codes.code) return codes;
  reply.remove_prefix(std::min<std::size_t>(reply.size(), 4));
  // OpenSMTPD's own replies put a colon behind the code.
  const Text word = reply.substr(0, reply.find_first_of(" :"));
  if (is_dsn(word)) codes.dsn = word;
  return codes;
}

Cipher read_cipher(Text text) {
  Cipher cipher;
  if (consume(text, "version=")) {
    cipher.version = take_until(text, ',');
    if (consume(text, " cipher=")) cipher.name = take_until(text, ',');
    if (consume(text, " bits=")) cipher.bits = to_number<std::int32_t>(text);
    return cipher;
  }
  cipher.version = take_until(text, ':');
  cipher.name = take_until(text, ':');
  cipher.bits = to_number<std::int32_t>(text);
  return cipher;
}

}  // namespace mailtrail::dialect::opensmtpd
