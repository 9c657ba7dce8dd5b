// Hashes of bytes for tables in memory. Not for anything that is stored, nor against an attacker who picks the table's keys
// (open tables that use it compare the keys themselves, and are bounded).
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace mailtrail {

__extension__ using Wide = unsigned __int128;  // of GCC and Clang, not of the language

inline std::uint64_t mix_hash(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a ^ 0x9E3779B97F4A7C15ULL) * (b ^ 0xD6E8FEB86659FD93ULL);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// 64 bits that depend on every byte of `text` and on `seed`. The same on every run and machine of one byte order.
inline std::uint64_t hash_bytes(std::string_view text, std::uint64_t seed = 0) {
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = mix_hash(seed, left + 0x2545F4914F6CDD1DULL);
  while (left >= 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    hash = mix_hash(hash, word);
    at += 8;
    left -= 8;
  }
  if (left != 0) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, left);
    hash = mix_hash(hash, word);
  }
  return hash;
}

}  // namespace mailtrail
