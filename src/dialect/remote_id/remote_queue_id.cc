#include "dialect/remote_id/remote_queue_id.h"

#include <array>

#include "base/text.h"

namespace mailtrail::dialect {
namespace {

using model::Text;

constexpr std::array<bool, 256> make_id_chars() {
  std::array<bool, 256> table{};
  for (const char c : Text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.+/=@"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kIdChars = make_id_chars();
bool is_id_char(char c) {
  return kIdChars[static_cast<unsigned char>(c)];
}

// The id that `text` begins with, without a full stop at its end.
Text take_id(Text text) {
  std::size_t end = 0;
  while (end < text.size() && is_id_char(text[end])) ++end;
  while (end > 0 && text[end - 1] == '.') --end;
  return text.substr(0, end);
}

Text id_behind(Text text, Text words) {
  const std::size_t at = text.find(words);
  return at == Text::npos ? Text{} : take_id(text.substr(at + words.size()));
}

// `.. ok 1700000000 qp 4711 ..` of qmail and its descendants.
Text qmail_id(Text text) {
  const std::size_t at = text.find(" qp ");
  if (at == Text::npos || at == 0 || !is_digit(text[at - 1])) return {};
  const Text id = take_id(text.substr(at + 4));
  for (const char c : id) {
    if (!is_digit(c)) return {};
  }
  return id;
}

// `ID Message accepted for delivery` of Sendmail, OpenSMTPD, CommuniGate: the id is the word before.
Text id_before_accepted(Text text) {
  std::size_t at = text.find("essage accepted for delivery");
  if (at == Text::npos || at < 2 || text[at - 2] != ' ') return {};
  at -= 2;
  const std::size_t blank = text.rfind(' ', at - 1);
  Text word = text.substr(blank == Text::npos ? 0 : blank + 1, at - (blank == Text::npos ? 0 : blank + 1));
  if (word.size() < 5 || take_id(word).size() != word.size() || word.find('.') != Text::npos) return {};
  return word;
}

// Dovecot's LMTP server: `250 2.0.0 <recipient> SESSION Saved`, with the session under which Dovecot logs the delivery.
Text dovecot_session(Text text) {
  if (!text.ends_with(" Saved")) return {};
  text.remove_suffix(6);
  const std::size_t blank = text.rfind(' ');
  if (blank == Text::npos || blank == 0 || text[blank - 1] != '>') return {};
  const Text id = text.substr(blank + 1);
  return take_id(id) == id ? id : Text{};
}

}  // namespace

Text remote_queue_id(Text text) {
  Text id = id_behind(text, "queued as ");
  if (id.empty()) id = id_behind(text, "Queued as ");
  if (id.empty()) id = id_behind(text, "OK id=");          // Exim
  if (id.empty()) id = id_behind(text, "completed: id=");  // GMX, 1&1
  if (id.empty()) id = id_behind(text, "[InternalId=");    // Exchange
  if (id.empty()) id = id_before_accepted(text);
  if (id.empty()) id = dovecot_session(text);
  if (id.empty()) id = qmail_id(text);
  return id;
}

}  // namespace mailtrail::dialect
