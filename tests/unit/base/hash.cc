#include "base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace mailtrail {
namespace {

// Stores keep these hashes: an answer that changes here is a store that finds nothing.
TEST(HashBytes, KnownAnswers) {
  EXPECT_EQ(hash_bytes(""), 0x3927343A09665D43ULL);
  EXPECT_EQ(hash_bytes("", 1), 0x2A883E033FBD7DFCULL);
  EXPECT_EQ(hash_bytes("a"), 0x31F29204EC76CD6EULL);
  EXPECT_EQ(hash_bytes("ab"), 0xBC6E610444FEBE0CULL);
  EXPECT_EQ(hash_bytes("abc"), 0x24BA2A323E4781E5ULL);
  EXPECT_EQ(hash_bytes("4F5C6"), 0x5ECC1E517A83CF86ULL);
  EXPECT_EQ(hash_bytes("4F5C6KzL"), 0xDACB05E20598CC68ULL);
  EXPECT_EQ(hash_bytes("4F5C6KzL9z"), 0xB3B9D00C17FEBDE2ULL);
  EXPECT_EQ(hash_bytes("alice@example.com"), 0x20DF277E9D1A04B6ULL);
  EXPECT_EQ(hash_bytes("mx1", 0x5B0C1D2E3F405162ULL), 0x7B79821795EC9C59ULL);
  EXPECT_EQ(hash_bytes("<20261124030137.255C5AF0AB5@mx1.example.test>"), 0x53A365CAACB58633ULL);
  EXPECT_EQ(hash_bytes("\xC3\xBC\xFF@example.com"), 0xE393D1F2B4A07C26ULL);
}

// Behind the text, before it and around it there may be anything.
TEST(HashBytes, DependsOnItsBytesAlone) {
  const std::string text = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (std::size_t size = 0; size <= 17; ++size) {
    for (std::size_t from = 0; from < 9; ++from) {
      const std::string copy = text.substr(from, size);
      EXPECT_EQ(hash_bytes(std::string_view(text).substr(from, size)), hash_bytes(copy)) << from << " " << size;
    }
  }
}

TEST(HashBytes, EveryByteAndTheLengthAndTheSeedCount) {
  std::set<std::uint64_t> seen;
  std::size_t count = 0;
  for (std::size_t size = 0; size <= 33; ++size) {
    const std::string zeros(size, '\0');
    seen.insert(hash_bytes(zeros)), ++count;
    seen.insert(hash_bytes(zeros, 1)), ++count;
    for (std::size_t at = 0; at < size; ++at) {
      std::string one = zeros;
      one[at] = '\1';
      seen.insert(hash_bytes(one)), ++count;
    }
  }
  EXPECT_EQ(seen.size(), count);
}

}  // namespace
}  // namespace mailtrail
