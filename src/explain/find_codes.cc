#include "explain/find_codes.h"

#include "base/text.h"
#include "explain/registry.h"

namespace mailtrail::explain {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

// The reply code that stands at `at`, or 0.
int code_at(std::string_view text, std::size_t at) {
  if (at > text.size() || text.size() - at < 3) return 0;
  const auto digit = [&](std::size_t i) { return text[at + i]; };
  if (digit(0) < '2' || digit(0) > '5' || digit(1) < '0' || digit(1) > '5' || !is_digit(digit(2))) return 0;
  if (text.size() - at > 3 && text[at + 3] != ' ' && text[at + 3] != '-' && text[at + 3] != '\n' &&
      text[at + 3] != '\r') {
    return 0;
  }
  return (digit(0) - '0') * 100 + (digit(1) - '0') * 10 + (digit(2) - '0');
}

// The enhanced status code that stands at `at`, or empty.
std::string_view dsn_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const std::string_view rest = text.substr(at, 12);
  std::size_t length = 0;
  while (length < rest.size() && (is_digit(rest[length]) || rest[length] == '.')) ++length;
  while (length != 0 && rest[length - 1] == '.') --length;
  if (length == rest.size() && text.size() > at + length) return {};
  if (length < rest.size() && is_alnum(rest[length])) return {};
  const std::string_view dsn = rest.substr(0, length);
  return parse_enhanced_code(dsn) ? dsn : std::string_view();
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '"' || text[at] == '(')) ++at;
  return at;
}

// Where a reply code stands, or npos.
std::size_t find_reply_code(std::string_view text) {
  const std::size_t start = skip_blanks(text, 0);
  if (code_at(text, start) != 0) return start;
  constexpr std::string_view kIntroductions[] = {"said: ", "to me: ", "Deferred: "};
  for (const std::string_view introduction : kIntroductions) {
    const std::size_t at = text.find(introduction);
    if (at != kNone && code_at(text, at + introduction.size()) != 0) return at + introduction.size();
  }
  const std::size_t exim = text.find("SMTP error from remote mail server");
  if (exim != kNone) {
    int tries = 0;
    for (std::size_t at = text.find(": ", exim); at != kNone && tries < 16; at = text.find(": ", at + 2), ++tries) {
      if (code_at(text, at + 2) != 0) return at + 2;
    }
  }
  for (std::size_t line = text.find('\n'); line != kNone; line = text.find('\n', line + 1)) {
    if (code_at(text, line + 1) != 0) return line + 1;
  }
  return kNone;
}

// The enhanced code on a later line of a reply whose first line has none; lines may have been joined by blanks.
std::string_view find_later_dsn(std::string_view text, std::size_t code_position) {
  const std::string_view digits = text.substr(code_position, 3);
  int tries = 0;
  for (std::size_t at = text.find(digits, code_position + 3); at != kNone && tries < 16;
       at = text.find(digits, at + 3), ++tries) {
    if (text[at - 1] != ' ' && text[at - 1] != '\n') continue;
    if (code_at(text, at) == 0) continue;
    const std::string_view dsn = dsn_at(text, at + 4);
    if (!dsn.empty()) return dsn;
  }
  return {};
}

}  // namespace

FoundCodes find_codes(std::string_view reply) {
  FoundCodes found;
  const std::size_t at = find_reply_code(reply);
  if (at == kNone) {
    found.position = skip_blanks(reply, 0);
    found.dsn = dsn_at(reply, found.position);
    if (found.dsn.empty()) found.position = 0;
    return found;
  }
  found.smtp_code = code_at(reply, at);
  found.position = at;
  const std::size_t behind = at + 4;
  found.dsn = dsn_at(reply, behind);
  // `550 #5.1.1 ...` is how IronPort writes it.
  if (found.dsn.empty() && behind < reply.size() && reply[behind] == '#') found.dsn = dsn_at(reply, behind + 1);
  if (found.dsn.empty()) found.dsn = find_later_dsn(reply, at);
  return found;
}

}  // namespace mailtrail::explain
