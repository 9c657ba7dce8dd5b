// The lines of the reject log that follow a refusal after DATA: the envelope, and the headers of the message, each with
// a letter for its kind (spec.txt, "Format of the -H file") before its name. They have no stamp of their own.
#include "base/text.h"
#include "dialect/exim/parts.h"

namespace mailtrail::dialect::exim {
namespace {

using model::event::Header;

// `F From: <a@b>`, `  Subject: x`; takes the letter off.
bool is_header(Text text) {
  if (text.size() < 4 || text[1] != ' ') return false;
  constexpr Text kLetters = "BCFIPRST* ";
  if (kLetters.find(text[0]) == kNone) return false;
  const Text rest = text.substr(2);
  std::size_t at = 0;
  while (at < rest.size() && at < 80 && (is_alnum(rest[at]) || rest[at] == '-' || rest[at] == '_')) ++at;
  return at != 0 && at < rest.size() && rest[at] == ':';
}

bool is_separator(Text text) {
  return text.size() >= 20 && text.find_first_not_of('-') == kNone;
}

}  // namespace

bool parse_reject_header(Line& line) {
  Text text = line.text;
  if (text.starts_with("Envelope-from: ") || text.starts_with("Envelope-to: ") || is_header(text)) {
    const bool envelope = text.front() == 'E';
    if (!envelope) text.remove_prefix(2);
    Text value = text;
    const Text name = take_until(value, ':');
    value = trim(value);
    auto& body = line.out.emit<Header>();
    if (equals_ignoring_case(name, "Subject")) {
      body.subject = value;
    } else if (equals_ignoring_case(name, "Message-ID")) {
      body.message_id = value;
    } else if (equals_ignoring_case(name, "From")) {
      body.from_header = value;
    } else {
      body.header_name = name;
      body.header_value = value;
    }
    return true;
  }
  // A header that goes on in the next line.
  if (text.starts_with('\t') || text.starts_with("  ")) {
    line.out.emit<Header>().header_value = trim(text);
    return true;
  }
  // The second line of a warning, or the line between two entries.
  if (!text.starts_with(' ') && !is_separator(text)) return false;
  auto& body = line.out.emit<model::event::Notice>();
  body.severity = model::Severity::kInfo;
  body.topic = model::Topic::kOther;
  body.text = text;
  return true;
}

}  // namespace mailtrail::dialect::exim
