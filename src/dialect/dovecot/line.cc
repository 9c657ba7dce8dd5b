#include "base/text.h"
#include "dialect/dovecot/parts.h"

namespace mailtrail::dialect::dovecot {
namespace {

using model::Severity;

constexpr std::size_t kNone = std::string_view::npos;

bool all_digits(Text text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return !text.empty();
}

// `(user)`; also `(pid)` and `(pid, user)` of older versions.
void read_user(Text inside, Line& line) {
  const std::size_t comma = inside.find(", ");
  if (all_digits(inside.substr(0, comma))) {
    line.pid = inside.substr(0, comma);
    inside = comma == kNone ? Text() : inside.substr(comma + 2);
  }
  line.user = inside;
}

Severity take_severity(Text& text) {
  struct Word {
    Text text;
    Severity severity;
  };
  constexpr Word kWords[] = {{"Debug: ", Severity::kDebug},     {"Info: ", Severity::kInfo},
                             {"Warning: ", Severity::kWarning}, {"Error: ", Severity::kError},
                             {"Fatal: ", Severity::kFatal},     {"Panic: ", Severity::kPanic}};
  for (const Word& word : kWords) {
    if (consume(text, word.text)) return word.severity;
  }
  return Severity::kNone;
}

}  // namespace

bool read_line(Text text, Line& line) {
  // Where Dovecot writes to standard error or to a file that is read back, its own name stands before the service.
  consume(text, "dovecot: ");
  std::size_t length = 0;
  while (length < text.size() && (is_alnum(text[length]) || text[length] == '-' || text[length] == '_')) ++length;
  if (length == 0 || length > 40) return false;
  line.service = text.substr(0, length);
  text.remove_prefix(length);
  if (consume(text, "(")) {
    const std::size_t end = std::min(text.find(")<"), text.find("): "));
    if (end == kNone) return false;
    read_user(text.substr(0, end), line);
    text.remove_prefix(end + 1);
  }
  while (consume(text, "<")) {
    const std::size_t end = text.find('>');
    if (end == kNone) return false;
    const Text inside = text.substr(0, end);
    (all_digits(inside) ? line.pid : line.session) = inside;
    text.remove_prefix(end + 1);
  }
  if (!consume(text, ": ")) return false;
  line.severity = take_severity(text);
  line.message = text;
  return true;
}

void attach_who(const Line& line, ExtraList& extra, Emitter& out) {
  extra.add("user", line.user);
  extra.add("session_id", line.session);
  extra.attach(out);
}

bool emit_notice_of(const Line& line, model::Topic topic, ExtraList& extra, Emitter& out) {
  emit_notice(out, severity_of(line), topic);
  attach_who(line, extra, out);
  return true;
}

}  // namespace mailtrail::dialect::dovecot
