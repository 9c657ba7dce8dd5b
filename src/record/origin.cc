#include "record/origin.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace mailtrail::record {
namespace {

// RFC 3164 (5.3) leaves the tag to letters and digits; in use are also the signs of paths, versions and PAM's brackets.
constexpr std::array<bool, 256> make_tag_bytes() {
  std::array<bool, 256> table{};
  for (int c = 0; c < 256; ++c) {
    table[static_cast<std::size_t>(c)] = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }
  for (const char c : std::string_view("_-./@+()~%")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kTagBytes = make_tag_bytes();
inline bool is_tag_byte(char c) {
  return kTagBytes[static_cast<unsigned char>(c)];
}

// Whether each of the eight bytes at `at` is one of `a` to `z`, `0` to `9`, `-`, `.` and `/`: all are bytes of a tag,
// and most tags are made of them alone.
bool are_usual_tag_bytes(const char* at) {
  constexpr std::uint64_t kEach = 0x0101010101010101ULL;
  constexpr std::uint64_t kHigh = kEach * 0x80;
  std::uint64_t word;
  std::memcpy(&word, at, 8);
  // The highest bit of a byte below 0x80 tells whether it reached the first and did not pass the last.
  const auto within = [&](char first, char last) {
    return (word + kEach * static_cast<std::uint64_t>(0x80 - first)) &
           ~(word + kEach * static_cast<std::uint64_t>(0x80 - last - 1));
  };
  return (word & kHigh) == 0 && ((within('a', 'z') | within('-', '9')) & kHigh) == kHigh;
}

constexpr std::size_t kLongestTag = 255;
constexpr std::size_t kLongestPid = 64;

// The word in the place of the host is a tag: `postfix/smtp[1]:`, `dovecot:`. An address may end in two colons.
bool is_tag_word(std::string_view word) {
  if (word.size() < 2) return false;
  const char last = word.back();
  if (last == ':') return word[word.size() - 2] != ':';
  return last == ']' && word.front() != '[' && word.find('[') != std::string_view::npos;
}

// rsyslog and sysklogd write these without a tag.
bool is_repeat_notice(std::string_view text) {
  if (text.empty() || (text.front() != 'l' && text.front() != '-')) return false;
  return text.substr(0, 22) == "last message repeated " || text.substr(0, 26) == "--- last message repeated ";
}

// `mx1`, `mail.example.org`, `192.0.2.1`: a word that is no plain word of a sentence, and no message id of Exim's
// (`1vNhXY-0000AB-2C`, `1vNhXY-00000000ABC-2Cde`).
bool is_host_beyond_doubt(std::string_view word) {
  bool odd = false;
  std::size_t dashes = 0;
  for (const char c : word) {
    if (!is_alnum(c) && c != '.' && c != '-' && c != ':' && c != '_') return false;
    odd = odd || !is_alpha(c);
    dashes += c == '-';
  }
  const bool exim_id = dashes == 2 && word.size() >= 16 && word[6] == '-' && (word.size() == 16 || word.size() == 23);
  return odd && !exim_id;
}

// `dovecot`, `policyd-spf`: as programs are named, not as sentences begin.
bool is_plain_name(std::string_view name) {
  for (const char c : name) {
    if (!is_digit(c) && !(c >= 'a' && c <= 'z') && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

// The bytes that the tag at the beginning of `text` and the blank behind it take; sets program and pid of `record`. 0,
// and nothing changed, where none is there. Texts are handed about by value here and in `split_origin`: one that is
// changed in memory and copied at once makes the processor wait for its own stores.
inline std::size_t tag_size(std::string_view text, TagTrust trust, Record& record) {
  const std::size_t limit = text.size() < kLongestTag ? text.size() : kLongestTag;
  const char* const bytes = text.data();
  std::size_t at = 0;
  while (at + 8 <= limit && are_usual_tag_bytes(bytes + at)) at += 8;
  while (at < limit) {
    // A colon inside, as in the names of Perl modules.
    if (!is_tag_byte(bytes[at]) && (bytes[at] != ':' || at + 1 == limit || bytes[at + 1] == ' ')) break;
    ++at;
  }
  if (at == 0 || at == limit || text.front() == ':') return 0;
  const std::string_view name = text.substr(0, at);
  const auto has_slash = [&] { return name.find('/') != std::string_view::npos; };
  const char after = text[at];
  std::int32_t pid = -1;
  if (after == '[') {
    const std::string_view inside = text.substr(at + 1, kLongestPid);
    std::size_t length = 0;
    // Digits first: what else may stand there is rare, and no number.
    std::int64_t number = 0;
    for (; length < inside.size() && length < 10 && is_digit(inside[length]); ++length) {
      number = number * 10 + (inside[length] - '0');
    }
    const bool is_number = length != 0 && length < inside.size() && inside[length] == ']' && number <= INT32_MAX;
    while (length < inside.size() && inside[length] != ']' && inside[length] != ' ') ++length;
    if (length == inside.size() || inside[length] != ']') return 0;
    const std::size_t behind = at + 1 + length + 1;
    const bool colon = behind < text.size() && text[behind] == ':';
    if (!colon && (trust == TagTrust::kStrict || (behind < text.size() && text[behind] != ' '))) return 0;
    if (is_number) pid = static_cast<std::int32_t>(number);
    at = behind + (colon ? 1 : 0);
  } else if (after == ':') {
    if (trust == TagTrust::kStrict && !has_slash()) return 0;
    ++at;
  } else if (after != ' ' || trust == TagTrust::kStrict || !has_slash() || name.find(':') != std::string_view::npos) {
    return 0;
  }
  record.program = name;
  record.pid = pid;
  return at < text.size() && text[at] == ' ' ? at + 1 : at;
}

}  // namespace

bool take_tag(std::string_view& text, TagTrust trust, Record& record) {
  const std::size_t size = tag_size(text, trust, record);
  text.remove_prefix(size);
  return size != 0;
}

void split_origin(std::string_view rest, Record& record) {
  const char* at = rest.data();
  const char* const end = at + rest.size();
  while (at != end && *at == ' ') ++at;
  const auto left = [&] { return std::string_view(at, static_cast<std::size_t>(end - at)); };
  const char* const blank = at == end ? nullptr : static_cast<const char*>(std::memchr(at, ' ', left().size()));
  const std::string_view word(at, static_cast<std::size_t>((blank == nullptr ? end : blank) - at));
  bool is_text = false;
  if (!is_tag_word(word)) {
    is_text = blank == nullptr || is_repeat_notice(left());
    if (!is_text) {
      record.host = word;
      at = blank + 1;
      is_text = is_repeat_notice(left());
    }
  }
  if (!is_text) at += tag_size(left(), TagTrust::kSyslog, record);
  record.text = left();
}

void split_origin_strictly(std::string_view rest, Record& record) {
  record.text = rest;
  const std::size_t length = rest.find(' ');
  if (length == 0 || length == std::string_view::npos || is_tag_word(rest.substr(0, length))) return;
  const std::string_view host = rest.substr(0, length);
  if (!is_host_beyond_doubt(host)) return;
  std::string_view text = rest.substr(length + 1);
  const std::size_t colon = text.find_first_of(": ");
  const bool plain = colon != std::string_view::npos && text[colon] == ':' && is_plain_name(text.substr(0, colon));
  if (!take_tag(text, plain ? TagTrust::kSyslog : TagTrust::kStrict, record)) return;
  record.host = host;
  record.text = text;
}

}  // namespace mailtrail::record
