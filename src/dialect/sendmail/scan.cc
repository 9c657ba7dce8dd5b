#include "dialect/sendmail/scan.h"

#include "dialect/ip_shape.h"

namespace mailtrail::dialect::sendmail {
namespace {

using Text = std::string_view;

constexpr std::size_t kNone = Text::npos;

// The address of `[192.0.2.1]`, `[IPv6:2001:db8::1]` without its brackets; empty where `text` is none.
Text bracketed_ip(Text text) {
  if (text.size() < 4 || text.front() != '[' || text.back() != ']') return {};
  Text inside = text.substr(1, text.size() - 2);
  consume(inside, "IPv6:");
  return looks_like_ip(inside) ? inside : Text{};
}

bool digits(Text text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return !text.empty();
}

}  // namespace

Peer read_peer(Text text) {
  Peer peer;
  if (text.ends_with(" (may be forged)")) {
    peer.forged = true;
    text.remove_suffix(16);
  }
  const std::size_t open = text.ends_with(']') ? text.rfind('[') : kNone;
  if (open != kNone) {
    peer.ip = bracketed_ip(text.substr(open));
    if (!peer.ip.empty()) text = trim(text.substr(0, open));
  }
  // A relay that is configured as an address is named by it, too: `[192.0.2.1] [192.0.2.1]`.
  if (!bracketed_ip(text).empty()) return peer;
  const std::size_t at = text.rfind('@');
  if (at != kNone) {
    peer.ident = text.substr(0, at);
    text.remove_prefix(at + 1);
    if (!bracketed_ip(text).empty()) return peer;
  }
  if (text.size() > 1 && text.ends_with('.')) text.remove_suffix(1);
  peer.name = text;
  return peer;
}

std::size_t queue_id_length(Text text) {
  constexpr std::size_t kStamp = 8, kMost = 20;
  std::size_t end = 0;
  while (end < text.size() && end < kMost && is_alnum(text[end])) ++end;
  if (end < kStamp + 5 || (end < text.size() && is_alnum(text[end]))) return 0;
  return digits(text.substr(kStamp, end - kStamp)) ? end : 0;
}

bool is_queue_id(Text text) {
  return !text.empty() && queue_id_length(text) == text.size();
}

std::size_t address_length(Text text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\\') {
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (quoted) {
      continue;
    } else if (c == '<') {
      ++depth;
    } else if (c == '>') {
      if (depth > 0) --depth;
    } else if (c == ',' && depth == 0) {
      return at;
    }
  }
  return quoted || depth > 0 ? kNone : text.size();
}

Text bare_address(Text text) {
  return without_brackets(trim(text));
}

Text bare_sender(Text text) {
  const Text address = bare_address(text);
  return address.empty() ? Text("<>") : address;
}

std::optional<double> to_seconds(Text text) {
  double days = 0;
  if (const std::size_t plus = text.find('+'); plus != kNone) {
    const auto number = to_number<std::int32_t>(text.substr(0, plus));
    if (!number || *number < 0) return std::nullopt;
    days = *number;
    text.remove_prefix(plus + 1);
  }
  double seconds = 0;
  for (int part = 0; part < 3; ++part) {
    const std::size_t colon = part < 2 ? text.find(':') : text.size();
    if (colon == kNone || colon > 4) return std::nullopt;
    const auto number = to_number<std::int32_t>(text.substr(0, colon));
    if (!number || *number < 0) return std::nullopt;
    seconds = seconds * 60 + *number;
    text.remove_prefix(part < 2 ? colon + 1 : colon);
  }
  return seconds + days * 86400;
}

ReplyHead read_reply(Text text) {
  ReplyHead head;
  head.words = text;
  head.code = reply_code(text);
  if (!head.code) return head;
  text.remove_prefix(text.size() > 3 ? 4 : 3);
  const Text word = text.substr(0, text.find(' '));
  if (is_dsn(word)) {
    head.dsn = word;
    text.remove_prefix(word.size());
    consume(text, " ");
  }
  head.words = text;
  return head;
}

}  // namespace mailtrail::dialect::sendmail
