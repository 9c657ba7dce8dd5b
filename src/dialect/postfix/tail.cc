#include "dialect/postfix/tail.h"

#include <array>

#include "dialect/postfix/scan.h"

namespace mailtrail::dialect::postfix {
namespace {

using model::Text;

// postscreen(8) puts commas between the fields, smtpd(8) and cleanup(8) do not.
Text skip_separator(Text text) {
  if (text.starts_with(", ")) return text.substr(2);
  if (text.starts_with(' ')) return text.substr(1);
  return text;
}

bool is_field(Text text) {
  return text.starts_with("from=<") || text.starts_with("to=<") || text.starts_with("proto=") ||
         text.starts_with("helo=<") || text.starts_with("sasl_username=<");
}

// A field that is none of ours: patched versions add some, as `realsend_user=<..>`.
bool is_other_field(Text text) {
  std::size_t at = 0;
  while (at < text.size() && at < 40 && ((text[at] >= 'a' && text[at] <= 'z') || text[at] == '_')) ++at;
  return at > 2 && text.substr(at).starts_with("=<");
}

// `text` begins with a field of the tail.
bool parse_tail(Text text, bool with_note, Tail& tail) {
  const auto ends = [with_note](Text rest) {
    if (rest.empty()) return true;
    if (with_note && rest.starts_with(": ")) return true;
    const Text next = skip_separator(rest);
    return next.size() != rest.size() && (is_field(next) || is_other_field(next));
  };
  while (true) {
    Text other;
    Text* value = nullptr;
    if (consume(text, "from=<")) {
      value = &tail.sender;
      tail.has_sender = true;
    } else if (consume(text, "to=<")) {
      value = &tail.recipient;
    } else if (consume(text, "helo=<")) {
      value = &tail.helo;
    } else if (consume(text, "sasl_username=<")) {
      value = &tail.sasl_user;
    } else if (consume(text, "proto=")) {
      const std::size_t end = text.find_first_of(" ,:");
      tail.protocol = text.substr(0, end);
      text.remove_prefix(tail.protocol.size());
    } else if (is_other_field(text)) {
      text.remove_prefix(text.find('<') + 1);
      value = &other;
    } else {
      return false;
    }
    if (value != nullptr && !take_address(text, *value, ends)) return false;
    if (text.empty()) return true;
    if (with_note && consume(text, ": ")) {
      tail.note = text;
      return true;
    }
    const Text next = skip_separator(text);
    if (next.size() == text.size()) return false;
    text = next;
  }
}

}  // namespace

bool split_tail(std::string_view text, bool with_note, std::string_view& head, Tail& tail) {
  // The last places where a tail may begin. A line may be made of nothing but false ones: not all are tried.
  constexpr std::size_t kTries = 16;
  std::array<std::size_t, kTries> places;
  std::size_t count = 0;
  for (std::size_t at = text.find(';'); at != Text::npos; at = text.find(';', at + 1)) {
    if (at + 2 < text.size() && text[at + 1] == ' ' && is_field(text.substr(at + 2))) places[count++ % kTries] = at;
  }
  for (std::size_t tries = 0; tries < kTries && count > 0; ++tries, --count) {
    const std::size_t at = places[(count - 1) % kTries];
    Tail found;
    if (!parse_tail(text.substr(at + 2), with_note, found)) continue;
    head = text.substr(0, at);
    tail = found;
    return true;
  }
  return false;
}

}  // namespace mailtrail::dialect::postfix
