// FoldedKey: a text as a key for counting, whatever its case and length.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/hash.h"

namespace mailtrail {

// `text` with its ASCII letters in lower case. A text longer than 320 bytes (the longest address of RFC 5321, 4.5.3.1,
// has 64
// + 1 + 255) is cut, with `…` and a hash of the rest in its place, so that different texts stay different keys. The
// view points into this object.
class FoldedKey {
 public:
  FoldedKey() = default;
  explicit FoldedKey(std::string_view text) { assign(text); }

  void assign(std::string_view text) { size_ = fold(text, bytes_.data()); }

  // The longest key.
  static constexpr std::size_t kMost = 320;
  // Writes the key of `text` to `to`, where kMost bytes MUST be free; gives its size.
  static std::size_t fold(std::string_view text, char* to) {
    const std::size_t size = std::min(text.size(), kMost);
    if (size >= 8) {
      for (std::size_t at = 0; at + 8 < size; at += 8) lower_word(text.data() + at, to + at);
      // The last eight bytes, of which some may be done already.
      lower_word(text.data() + size - 8, to + size - 8);
    } else {
      for (std::size_t at = 0; at < size; ++at) {
        const char c = text[at];
        to[at] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      }
    }
    return text.size() > kMost ? mark_cut(text, to) : size;
  }

  std::string_view view() const { return {bytes_.data(), size_}; }

  // Eight bytes with their ASCII letters in lower case: sets bit 5 of each that is `A`..`Z`.
  static std::uint64_t lower(std::uint64_t word) {
    constexpr std::uint64_t kEach = 0x0101010101010101ULL;
    const std::uint64_t seven = word & (kEach * 0x7F);
    const std::uint64_t from_a = seven + kEach * (0x80 - 'A');
    const std::uint64_t past_z = seven + kEach * (0x80 - 'Z' - 1);
    const std::uint64_t is_upper = (from_a ^ past_z) & ~word & (kEach * 0x80);
    return word | (is_upper >> 2);
  }

 private:
  static constexpr std::string_view kCut = "…";

  static void lower_word(const char* from, char* to) {
    std::uint64_t word;
    std::memcpy(&word, from, 8);
    word = lower(word);
    std::memcpy(to, &word, 8);
  }

  static std::size_t mark_cut(std::string_view text, char* to) {
    std::uint64_t hash = hash_bytes(text);
    char* at = to + kMost - 16 - kCut.size();
    // Not in the middle of a character.
    while (at > to + 200 && (static_cast<unsigned char>(*at) & 0xC0) == 0x80) --at;
    std::memcpy(at, kCut.data(), kCut.size());
    at += kCut.size();
    for (int i = 0; i < 16; ++i, hash >>= 4) *at++ = "0123456789abcdef"[hash & 15];
    return static_cast<std::size_t>(at - to);
  }

  std::array<char, kMost> bytes_;
  std::size_t size_ = 0;
};

}  // namespace mailtrail
