#include "explain/reply_shape.h"

#include "base/text.h"
#include "base/text_shape.h"
#include "explain/find_codes.h"

namespace mailtrail::explain {
namespace {

constexpr std::size_t kMost = 600;
constexpr std::size_t kNone = std::string_view::npos;

bool is_separator(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || std::string_view("()<>[]{}\"',;=|*!?").find(c) != kNone;
}

// Letters, digits and hyphens with dots between them, and a last label of letters.
bool is_host(std::string_view text) {
  std::size_t label = 0;
  std::size_t labels = 0;
  bool letters = true;
  for (const char c : text) {
    if (c == '.') {
      if (label == 0) return false;
      ++labels;
      label = 0;
      letters = true;
    } else if (is_alnum(c) || c == '-' || c == '_') {
      ++label;
      letters = letters && is_alpha(c);
    } else {
      return false;
    }
  }
  return labels >= 1 && label >= 2 && letters;
}

// A queue id, a session id or another made-up word: letters and digits mixed.
bool is_id(std::string_view text) {
  std::size_t digits = 0, upper = 0, lower = 0, marks = 0;
  bool hex = true;
  for (const char c : text) {
    if (!is_alnum(c) && c != '-' && c != '_' && c != '.' && c != '+' && c != '/') return false;
    digits += is_digit(c);
    upper += is_upper(c);
    lower += c >= 'a' && c <= 'z';
    marks += !is_alnum(c);
    hex = hex && is_hex_digit(c);
  }
  if (digits == 0 || digits + marks == text.size()) return false;
  if (hex) return text.size() >= 8;
  return text.size() >= 10 && digits >= 2 && (marks == 0 ? upper + lower != 0 && digits >= 3 : text.size() >= 14);
}

// A provider's own code for its reason: `CS01`, `S3150`, `OU-002`.
bool is_provider_code(std::string_view text) {
  std::size_t letters = 0;
  while (letters < text.size() && is_upper(text[letters])) ++letters;
  std::size_t digits = letters;
  if (digits < text.size() && text[digits] == '-') ++digits;
  if (letters == 0 || letters > 5 || digits == text.size() || text.size() - digits > 5) return false;
  for (const char c : text.substr(digits)) {
    if (!is_digit(c)) return false;
  }
  return true;
}

bool is_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at != kNone && at != 0 && at + 1 != text.size();
}

void append_token(std::string& out, std::string_view token) {
  // What ends a sentence is no part of a name.
  std::size_t end = token.size();
  while (end != 0 && (token[end - 1] == '.' || token[end - 1] == ':')) --end;
  if (end == 0) {
    out += token;
    return;
  }
  std::string_view tail = token.substr(end);
  if (tail.starts_with("::")) {
    tail = {};
    end = token.size();
  }
  token = token.substr(0, end);
  const std::size_t colon = token.rfind(':');
  const std::string_view head = token.substr(0, colon);
  if (out.ends_with("for user ") || out.ends_with("user: \"")) {
    out += "NAME";
  } else if (token.find("://") != kNone) {
    out += "URL";
  } else if (token.front() == '/' && token.find('/', 1) != kNone) {
    out += "PATH";
  } else if (is_address(token)) {
    out += "ADDRESS";
  } else if (is_ipv4(token) || is_ipv6(token)) {
    out += "IP";
  } else if (is_host(token)) {
    out += "HOST";
  } else if (colon != kNone && (is_ipv4(head) || is_host(head))) {
    out += is_host(head) ? "HOST" : "IP";
    append_without_numbers(out, token.substr(colon));
  } else if (is_provider_code(token)) {
    out += token;
  } else if (is_id(token)) {
    out += "ID";
  } else {
    append_without_numbers(out, token);
  }
  out += tail;
}

// Folds `text` onto `out`.
void append_folded(std::string& out, std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    // A URL goes on over characters that separate other words.
    bool url = false;
    while (end < text.size() && (!is_separator(text[end]) || (url && (text[end] == '=' || text[end] == '?')))) {
      url = url || (text[end] == '/' && end != at && text[end - 1] == '/');
      ++end;
    }
    if (end != at) append_token(out, text.substr(at, end - at));
    for (at = end; at < text.size() && is_separator(text[at]); ++at) {
      const char c = text[at] == '\t' || text[at] == '\r' || text[at] == '\n' ? ' ' : text[at];
      if (c != ' ' || out.empty() || out.back() != ' ') out += c;
    }
  }
}

}  // namespace

std::string reply_shape(std::string_view reply) {
  reply = reply.substr(0, kMost);
  std::string out;
  out.reserve(reply.size());
  const FoundCodes codes = find_codes(reply);
  std::size_t rest = 0;
  if (codes.smtp_code != 0 || !codes.dsn.empty()) {
    append_folded(out, reply.substr(0, codes.position));
    rest = codes.position;
    if (codes.smtp_code != 0) {
      out += reply.substr(rest, 3);
      rest += 3;
    }
    // Right behind the code; one of a later line is folded with its line.
    if (!codes.dsn.empty() && codes.dsn.data() <= reply.data() + rest + 2) {
      if (codes.smtp_code != 0) out += ' ';
      out += codes.dsn;
      rest = static_cast<std::size_t>(codes.dsn.data() - reply.data()) + codes.dsn.size();
    }
  }
  append_folded(out, reply.substr(rest));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace mailtrail::explain
