#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

#include "base/folded_key.h"
#include "base/space_saving.h"

namespace mailtrail {
namespace {

struct Sum {
  std::uint64_t n = 0;
  void merge(const Sum& other) { n += other.n; }
};
using Table = SpaceSaving<Sum>;

void count(Table& table, const std::string& key, std::uint64_t weight = 1) {
  table.add(key, weight).n += weight;
}

TEST(SpaceSaving, IsExactUpToTheBound) {
  Table table(100);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) count(table, "key" + std::to_string(i), static_cast<std::uint64_t>(i + 1));
  }
  EXPECT_TRUE(table.exact());
  EXPECT_EQ(table.distinct(), 100u);
  EXPECT_EQ(table.total(), 15150u);
  const auto top = table.top(2);
  ASSERT_EQ(top.size(), 2u);
  EXPECT_EQ(top[0].key, "key99");
  EXPECT_EQ(top[0].count, 300u);
  EXPECT_EQ(top[0].error, 0u);
  EXPECT_EQ(top[0].tally->n, 300u);
}

TEST(SpaceSaving, OrdersEqualCountsByKey) {
  Table table(10);
  for (const char* key : {"c", "a", "b"}) count(table, key);
  const auto top = table.top(10);
  ASSERT_EQ(top.size(), 3u);
  EXPECT_EQ(top[0].key, "a");
  EXPECT_EQ(top[2].key, "c");
}

TEST(SpaceSaving, KeepsTheFirstNote) {
  Table table(10);
  table.add("192.0.2.1", 1, "mail.example.com");
  table.add("192.0.2.1", 1, "other.example.com");
  EXPECT_EQ(table.top(1)[0].note, "mail.example.com");
}

TEST(SpaceSaving, FindCountsNothing) {
  Table table(10);
  EXPECT_EQ(table.find("a"), nullptr);
  count(table, "a");
  ASSERT_NE(table.find("a"), nullptr);
  EXPECT_EQ(table.total(), 1u);
}

// A stream of many rare keys and some frequent ones, with its true counts.
struct Stream {
  std::vector<std::string> keys;
  std::map<std::string, std::uint64_t> truth;
  explicit Stream(unsigned seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 200'000; ++i) {
      const double u = std::uniform_real_distribution<double>(1e-9, 1)(random);
      const auto rank = static_cast<int>(std::min(std::pow(u, -2.0), 1e9)) % 1'000'000;
      keys.push_back("user" + std::to_string(rank) + "@example.com");
      ++truth[keys.back()];
    }
  }
};

TEST(SpaceSaving, BeyondTheBoundCountsAreNeverTooLowAndAtMostErrorTooHigh) {
  const Stream stream(1);
  Table table(500);
  for (const std::string& key : stream.keys) count(table, key);
  ASSERT_GT(stream.truth.size(), 5000u);
  EXPECT_FALSE(table.exact());
  EXPECT_EQ(table.total(), stream.keys.size());
  for (const auto& entry : table.top(500)) {
    const std::uint64_t truth = stream.truth.at(std::string(entry.key));
    EXPECT_GE(entry.count, truth) << entry.key;
    EXPECT_LE(entry.count - entry.error, truth) << entry.key;
    EXPECT_LE(entry.tally->n, truth) << entry.key;
    EXPECT_LE(entry.error, 2 * table.total() / 500) << entry.key;
  }
  EXPECT_NEAR(static_cast<double>(table.distinct()), static_cast<double>(stream.truth.size()),
              0.03 * static_cast<double>(stream.truth.size()));
}

TEST(SpaceSaving, FindsTheTopOfASkewedStream) {
  const Stream stream(2);
  Table table(500);
  for (const std::string& key : stream.keys) count(table, key);
  std::vector<std::pair<std::uint64_t, std::string>> order;
  for (const auto& [key, n] : stream.truth) order.emplace_back(n, key);
  std::sort(order.rbegin(), order.rend());
  const auto top = table.top(10);
  ASSERT_EQ(top.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(top[i].key, order[i].second) << i;
}

TEST(SpaceSaving, NamesNobodyWhenAllAreAlike) {
  Table table(64);
  for (int i = 0; i < 10'000; ++i) count(table, "once" + std::to_string(i));
  EXPECT_FALSE(table.exact());
  for (const auto& entry : table.top(64)) EXPECT_LE(entry.error * 2, entry.count);
}

TEST(SpaceSaving, StaysWithinItsMemoryWhateverTheKeys) {
  Table table(1000, 100'000);
  const std::string tail(300, 'x');
  for (int i = 0; i < 20'000; ++i) count(table, std::to_string(i) + tail);
  EXPECT_LT(table.bytes(), 400'000u);
}

TEST(SpaceSaving, MergedTablesKeepTheirBounds) {
  const Stream one_stream(3), other_stream(4);
  Table one(500), other(500);
  for (const std::string& key : one_stream.keys) count(one, key);
  for (const std::string& key : other_stream.keys) count(other, key);
  one.merge(other);
  std::map<std::string, std::uint64_t> truth = one_stream.truth;
  for (const auto& [key, n] : other_stream.truth) truth[key] += n;
  EXPECT_EQ(one.total(), 400'000u);
  for (const auto& entry : one.top(500)) {
    const std::uint64_t n = truth.at(std::string(entry.key));
    EXPECT_GE(entry.count, n) << entry.key;
    EXPECT_LE(entry.count - entry.error, n) << entry.key;
  }
  EXPECT_NEAR(static_cast<double>(one.distinct()), static_cast<double>(truth.size()),
              0.03 * static_cast<double>(truth.size()));
}

TEST(SpaceSaving, MergedExactTablesStayExact) {
  Table one(10), other(10);
  count(one, "a", 3);
  count(other, "a", 4);
  count(other, "b", 1);
  one.merge(other);
  EXPECT_TRUE(one.exact());
  EXPECT_EQ(one.top(1)[0].count, 7u);
  EXPECT_EQ(one.top(1)[0].tally->n, 7u);
  EXPECT_EQ(one.distinct(), 2u);
}

TEST(FoldedKey, LowersAsciiAndNothingElse) {
  EXPECT_EQ(FoldedKey("ALICE@Example.COM [{`@").view(), "alice@example.com [{`@");
  EXPECT_EQ(FoldedKey("ÄÖ\xC1\x81\xFF").view(), "ÄÖ\xC1\x81\xFF");
  EXPECT_EQ(FoldedKey("").view(), "");
}

TEST(FoldedKey, LongTextsAreCutButStayDifferent) {
  const std::string long_text(5000, 'A');
  const FoldedKey one(long_text + "1"), other(long_text + "2");
  EXPECT_EQ(one.view().size(), 320u);
  EXPECT_EQ(one.view().substr(0, 10), "aaaaaaaaaa");
  EXPECT_NE(one.view(), other.view());
}

}  // namespace
}  // namespace mailtrail
