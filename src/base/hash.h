// Hashes of bytes: for tables in memory, and for what a store keeps (the keys of messages and journeys, the look-up of
// addresses and ids, the marks of a known log, checksums of saved states). They are part of its format: the function
// MUST never change (tests/unit/base/hash.cc holds known answers; a store of other hashes would find nothing, and know
// no log again). Not against an attacker who picks the texts: whoever finds something by its hash compares the text
// itself where a wrong answer would matter, and open tables that use it are bounded.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mailtrail {

__extension__ using Wide = unsigned __int128;  // of GCC and Clang, not of the language

inline std::uint64_t mix_hash(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a ^ 0x9E3779B97F4A7C15ULL) * (b ^ 0xD6E8FEB86659FD93ULL);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

namespace detail {
// The last `left` bytes (1 to 7) of a text of `size` bytes that ends at `end`, as the first bytes of a word whose
// others are 0. Read in whole words: a copy byte by byte into a word would have to wait for its own stores.
inline std::uint64_t last_bytes(const char* end, std::size_t left, std::size_t size) {
  std::uint64_t word = 0;
  if constexpr (std::endian::native == std::endian::little) {
    if (size >= 8) {
      std::memcpy(&word, end - 8, 8);
      return word >> (64 - 8 * left);
    }
    if (left >= 4) {
      std::uint32_t first, last;
      std::memcpy(&first, end - left, 4);
      std::memcpy(&last, end - 4, 4);
      return first | static_cast<std::uint64_t>(last) << (8 * left - 32);
    }
    const auto byte = [&](std::size_t at) {
      return static_cast<std::uint64_t>(static_cast<unsigned char>(*(end - left + at))) << (8 * at);
    };
    return byte(0) | byte(left / 2) | byte(left - 1);
  }
  for (std::size_t i = left; i > 0; --i) word = word << 8 | static_cast<unsigned char>(*(end - left + i - 1));
  return word;
}

// A word that was read from memory, its first byte as the lowest.
inline std::uint64_t first_byte_lowest(std::uint64_t word) {
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}
}  // namespace detail

// 64 bits that depend on every byte of `text` and on `seed`. The same on every run and machine: the words of eight
// bytes, the first the lowest, and then what is left, filled up with zero bytes, are mixed in one after another.
inline std::uint64_t hash_bytes(std::string_view text, std::uint64_t seed = 0) {
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = mix_hash(seed, left + 0x2545F4914F6CDD1DULL);
  while (left >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    hash = mix_hash(hash, detail::first_byte_lowest(word));
    at += 8;
    left -= 8;
  }
  if (left != 0) hash = mix_hash(hash, detail::last_bytes(at + left, left, text.size()));
  return hash;
}

}  // namespace mailtrail
