#include "base/text.h"
#include "base/text_shape.h"
#include "query/report.h"

namespace mailtrail::query {
namespace {

constexpr std::size_t kMost = 400;

bool is_separator(char c) {
  return c == ' ' || c == '\t' || std::string_view("()<>[]{}\"',;=|").find(c) != std::string_view::npos;
}

// A queue id or another made-up name.
bool is_id(std::string_view text) {
  std::size_t digits = 0, upper = 0, lower = 0;
  bool hex = true;
  for (const char c : text) {
    if (!is_alnum(c)) return false;
    digits += is_digit(c);
    upper += is_upper(c);
    lower += c >= 'a' && c <= 'z';
    hex = hex && is_hex_digit(c);
  }
  if (digits == 0 || digits == text.size()) return false;
  return hex ? text.size() >= 8 : text.size() >= 10 && digits >= 2 && upper != 0 && lower != 0;
}

// A path whose last part was made up for one use: `/tmp/amavis-20261124T030035-00669-FSQVjLgr`.
bool ends_in_made_up_name(std::string_view path) {
  std::size_t digits = 0;
  for (std::size_t i = path.rfind('/') + 1; i < path.size(); ++i) {
    digits += is_digit(path[i]);
    if (is_upper(path[i]) && is_alpha(path[i - 1]) && !is_upper(path[i - 1])) return true;
  }
  return digits >= 4;
}

// `rest` is what follows the token.
void append_folded(std::string& out, std::string_view token, std::string_view rest) {
  std::string_view tail = token;
  while (!token.empty() && (token.back() == ':' || token.back() == '.')) token.remove_suffix(1);
  tail.remove_prefix(token.size());
  if (token == "::" || (token.empty() && tail.size() >= 2 && tail.substr(0, 2) == "::")) {
    out += "IP";
    return;
  }
  const std::size_t at = token.find('@');
  const std::size_t colon = token.find(':');
  if (at != std::string_view::npos && at != 0 && at + 1 != token.size()) {
    out += "ADDRESS";
  } else if (is_ipv4(token) || is_ipv6(token)) {
    out += "IP";
  } else if (colon != std::string_view::npos && is_ipv4(token.substr(0, colon))) {
    out += "IP";
    append_without_numbers(out, token.substr(colon));
  } else if (rest.size() > 2 && rest[0] == '[' &&
             (is_ipv4(rest.substr(1, rest.find(']') - 1)) || is_ipv6(rest.substr(1, rest.find(']') - 1)))) {
    out += "HOST";
  } else if (is_id(token)) {
    out += "ID";
  } else if (!token.empty() && token.front() == '/' && ends_in_made_up_name(token)) {
    append_without_numbers(out, token.substr(0, token.rfind('/') + 1));
    out += "FILE";
  } else {
    append_without_numbers(out, token);
  }
  out += tail;
}

}  // namespace

std::string fold_notice(std::string_view text) {
  text = text.substr(0, kMost);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size() && !is_separator(text[end])) ++end;
    if (end != 0) append_folded(out, text.substr(0, end), text.substr(end));
    while (end < text.size() && is_separator(text[end])) out += text[end++];
    text.remove_prefix(end);
  }
  return out;
}

}  // namespace mailtrail::query
