#include "dialect/exim/scan.h"

#include <cstring>

#include "base/text.h"
#include "dialect/ip_shape.h"

namespace mailtrail::dialect::exim {
namespace {

bool are_alnum(Text text) {
  for (const char c : text) {
    if (!is_alnum(c)) return false;
  }
  return true;
}

// `:25` at the beginning of `text`.
std::optional<std::uint16_t> take_port(Text& text) {
  if (text.size() < 2 || text[0] != ':' || !is_digit(text[1])) return std::nullopt;
  std::size_t end = 1;
  while (end < text.size() && end < 7 && is_digit(text[end])) ++end;
  const auto port = to_number<std::uint16_t>(text.substr(1, end - 1));
  if (port) text.remove_prefix(end);
  return port;
}

// The size of `[192.0.2.1]` that `text` begins with, or 0.
std::size_t bracketed_ip_size(Text text) {
  if (text.empty() || text.front() != '[') return 0;
  const std::size_t close = text.substr(0, 64).find(']');
  if (close == kNone) return 0;
  Text ip = text.substr(1, close - 1);
  ip = ip.substr(0, ip.find('%'));  // a link-local address with its interface
  return looks_like_ip(ip) ? close + 1 : 0;
}

bool ends_word(Text text) {
  return text.empty() || text.front() == ' ' || text.front() == ':' || text.front() == '*' || text.front() == ',';
}

}  // namespace

std::size_t message_id_size(Text text) {
  // Base 62: seconds, process id, fraction of a second.
  if (text.size() < 16 || text[6] != '-') return 0;
  if (text[13] == '-')
    return are_alnum(text.substr(0, 6)) && are_alnum(text.substr(7, 6)) && are_alnum(text.substr(14, 2)) &&
                   (text.size() == 16 || !is_alnum(text[16]))
               ? 16
               : 0;
  if (text.size() < 23 || text[18] != '-') return 0;
  return are_alnum(text.substr(0, 6)) && are_alnum(text.substr(7, 11)) && are_alnum(text.substr(19, 4)) &&
                 (text.size() == 23 || !is_alnum(text[23]))
             ? 23
             : 0;
}

Text take_message_id(Text& text) {
  const std::size_t size = message_id_size(text);
  if (size == 0 || (size < text.size() && text[size] != ' ')) return {};
  const Text id = text.substr(0, size);
  text.remove_prefix(size < text.size() ? size + 1 : size);
  return id;
}

std::size_t quoted_size(Text text) {
  if (text.empty() || text.front() != '"') return 0;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return 0;
}

Text unquoted(Text inside, Arena& arena) {
  std::size_t at = inside.find('\\');
  if (at == kNone) return inside;
  char* const made = static_cast<char*>(arena.allocate(inside.size(), 1));
  std::size_t size = 0;
  for (at = 0; at < inside.size(); ++at) {
    if (inside[at] == '\\' && at + 1 < inside.size() && (inside[at + 1] == '"' || inside[at + 1] == '\\')) ++at;
    made[size++] = inside[at];
  }
  return {made, size};
}

std::size_t address_size(Text text) {
  std::size_t at = quoted_size(text);
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == ' ' || c == '>') break;
    // An address may hold a colon (`[IPv6:2001:db8::1]`), but none with a blank behind it.
    if (c == ':' && (at + 1 == text.size() || text[at + 1] == ' ')) break;
  }
  return at;
}

bool take_bracketed(Text& text, Text& address) {
  if (text.empty() || text.front() != '<') return false;
  const Text rest = text.substr(1);
  if (rest.starts_with('>')) {
    address = text.substr(0, 2);
    text.remove_prefix(2);
    return true;
  }
  std::size_t size = quoted_size(rest);
  while (size < rest.size() && rest[size] != '>' && rest[size] != ' ') ++size;
  if (size == 0 || size == rest.size() || rest[size] != '>') return false;
  address = rest.substr(0, size);
  text.remove_prefix(size + 2);
  return true;
}

bool take_ip(Text& text, Host& host) {
  const std::size_t size = bracketed_ip_size(text);
  if (size == 0) return false;
  host.ip = text.substr(1, size - 2);
  text.remove_prefix(size);
  host.port = take_port(text);
  return true;
}

bool take_host_ending_at(Text& text, std::size_t close, Host& host) {
  Text rest = text;
  const std::size_t open = rest.find_first_of("([");
  if (open == kNone || (open != 0 && rest[open - 1] != ' ')) return false;
  Text name = rest.substr(0, open == 0 ? 0 : open - 1);
  if (name.ends_with(" DS")) {
    host.secure = true;
    name.remove_suffix(3);
  }
  if (name.find(' ') != kNone) return false;
  host.name = name;
  if (rest[open] == '(') {
    if (close == kNone || close < open) return false;
    host.helo = rest.substr(open + 1, close - open - 1);
    rest.remove_prefix(close + 2);
  } else {
    rest.remove_prefix(open);
  }
  if (!take_ip(rest, host) || !ends_word(rest)) return false;
  text = rest;
  return true;
}

void take_host_details(Text& text, Host& host) {
  while (true) {
    if (consume(text, " DS")) {
      host.secure = true;
    } else if (consume(text, " TFO*") || consume(text, " TFO")) {
    } else if (text.starts_with(" I=[")) {
      Text rest = text.substr(3);
      Host own;
      if (!take_ip(rest, own)) return;
      host.interface = text.substr(3, text.size() - rest.size() - 3);
      text = rest;
    } else if (text.starts_with(" U=")) {
      Text rest = text.substr(3);
      host.user = take_until(rest, ' ');
      text.remove_prefix(3 + host.user.size());
      if (host.user.ends_with(':')) {
        host.user.remove_suffix(1);
        text = {text.data() - 1, text.size() + 1};
      }
    } else {
      return;
    }
  }
}

model::Seconds seconds_of(Text text) {
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
    const auto number = to_number<double>(text.substr(0, end));
    if (!number || end == text.size()) return std::nullopt;
    constexpr double kMinute = 60, kHour = 3600, kDay = 86'400, kWeek = 604'800;
    double unit = 0;
    switch (text[end]) {
      case 's':
        unit = 1;
        break;
      case 'm':
        unit = kMinute;
        break;
      case 'h':
        unit = kHour;
        break;
      case 'd':
        unit = kDay;
        break;
      case 'w':
        unit = kWeek;
        break;
      default:
        return std::nullopt;
    }
    total += *number * unit;
    text.remove_prefix(end + 1);
  }
  return total;
}

Text enhanced_code(Text text) {
  if (text.size() < 9) return {};
  const Text rest = text.substr(4);
  if ((rest[0] != '2' && rest[0] != '4' && rest[0] != '5') || rest[1] != '.') return {};
  std::size_t at = 2;
  const std::size_t subject = at;
  while (at < rest.size() && at - subject < 3 && is_digit(rest[at])) ++at;
  if (at == subject || at >= rest.size() || rest[at] != '.') return {};
  const std::size_t detail = ++at;
  while (at < rest.size() && at - detail < 3 && is_digit(rest[at])) ++at;
  if (at == detail || (at < rest.size() && is_digit(rest[at]))) return {};
  return rest.substr(0, at);
}

}  // namespace mailtrail::dialect::exim
