#include "store/duckdb/text_code.h"

#include <cstdint>
#include <cstring>
#include <string>

#include "base/text.h"

namespace mailtrail::store::duckdb {
namespace {

constexpr char kLead = '\xF4';
constexpr std::size_t kMarkSize = 4;

bool is_ascii(std::string_view text) {
  std::uint64_t high = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    high |= word;
  }
  for (; at < text.size(); ++at) high |= static_cast<unsigned char>(text[at]) & 0x80U;
  return (high & 0x8080808080808080ULL) == 0;
}

// Whether `text` begins with one of the characters that stand for a byte; U+10FF00 is F4 8F BC 80.
bool begins_with_mark(std::string_view text) {
  return text.size() >= kMarkSize && text[0] == kLead && text[1] == '\x8F' &&
         static_cast<unsigned char>(text[2]) >= 0xBC && static_cast<unsigned char>(text[2]) <= 0xBF &&
         (static_cast<unsigned char>(text[3]) & 0xC0) == 0x80;
}

std::size_t find_mark(std::string_view text) {
  for (std::size_t at = text.find(kLead); at != std::string_view::npos; at = text.find(kLead, at + 1)) {
    if (begins_with_mark(text.substr(at))) return at;
  }
  return std::string_view::npos;
}

void append_mark(std::string& out, char byte) {
  const auto value = static_cast<unsigned char>(byte);
  out += kLead;
  out += '\x8F';
  out += static_cast<char>(0xBC + (value >> 6));
  out += static_cast<char>(0x80 | (value & 0x3F));
}

// The size of the valid character that `text` begins with; 0 where there is none.
std::size_t character_size(std::string_view text) {
  for (std::size_t size = 1; size <= 4 && size <= text.size(); ++size) {
    if (is_utf8(text.substr(0, size))) return size;
  }
  return 0;
}

}  // namespace

bool is_plain(std::string_view text) {
  return is_ascii(text) || (is_utf8(text) && find_mark(text) == std::string_view::npos);
}

std::string_view encoded(std::string_view text, Arena& arena) {
  if (is_plain(text)) return text;
  std::string out;
  while (!text.empty()) {
    const std::size_t size = begins_with_mark(text) ? 0 : character_size(text);
    if (size == 0) {
      append_mark(out, text.front());
      text.remove_prefix(1);
    } else {
      out += text.substr(0, size);
      text.remove_prefix(size);
    }
  }
  return arena.store(out);
}

std::string_view decoded(std::string_view kept, Arena& arena) {
  std::size_t at = find_mark(kept);
  if (at == std::string_view::npos) return kept;
  std::string out;
  for (; at != std::string_view::npos; at = find_mark(kept)) {
    out += kept.substr(0, at);
    out += static_cast<char>((static_cast<unsigned char>(kept[at + 2]) - 0xBC) << 6 | (kept[at + 3] & 0x3F));
    kept.remove_prefix(at + kMarkSize);
  }
  out += kept;
  return arena.store(out);
}

}  // namespace mailtrail::store::duckdb
