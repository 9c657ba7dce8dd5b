#include "store/duckdb/key_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "store/duckdb/row_load.h"

namespace mailtrail::store::duckdb {
namespace {

class KeyRunTest : public testing::Test {
 protected:
  KeyRunTest() : database_(open()), connection_(connect(database_)) {
    EXPECT_TRUE(RowLoad::prepare(connection_).ok());
    EXPECT_TRUE(connection_.run("CREATE TABLE sorted_keys (day BIGINT NOT NULL, keys BIGINT NOT NULL)").ok());
  }
  static Database open() {
    Result<Database> database = Database::open(":memory:", {64u << 20, 1, false});
    return std::move(*database);
  }
  static Connection connect(const Database& database) {
    Result<Connection> connection = database.connect();
    return std::move(*connection);
  }
  std::vector<std::pair<std::uint32_t, std::int64_t>> rows(const std::string& sql) {
    std::vector<std::pair<std::uint32_t, std::int64_t>> all;
    Result<Rows> rows = connection_.rows(sql);
    if (!rows.ok()) return all;
    while (Chunk chunk = rows->next()) {
      for (std::size_t i = 0; i < chunk.rows(); ++i) {
        all.emplace_back(chunk.data<std::uint32_t>(0)[i], chunk.data<std::int64_t>(1)[i]);
      }
    }
    return all;
  }
  Database database_;
  Connection connection_;
};

constexpr std::int64_t kDayNumber = 20'000;  // 2024-10-04

TEST_F(KeyRunTest, KeysStandInTheOrderOfTheirHashesAndNumbers) {
  KeyRun run;
  std::vector<std::pair<std::uint32_t, std::int64_t>> wanted;
  std::uint32_t hash = 1;
  for (std::int64_t number = 5'000'000'000; number < 5'000'003'000; ++number) {
    hash = hash * 1'664'525u + 1'013'904'223u;
    for (const std::uint32_t one : {hash, 0u, UINT32_MAX, hash & 0xFFFF0000u}) {
      run.add(one, number);
      wanted.emplace_back(one, number);
    }
  }
  std::stable_sort(wanted.begin(), wanted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  ASSERT_TRUE(run.write(connection_, "key_20241004", kDayNumber).ok());
  EXPECT_TRUE(run.is_empty());
  EXPECT_EQ(rows("SELECT hash, no FROM key_20241004"), wanted);
  EXPECT_TRUE(rows("SELECT 1::UINTEGER, keys FROM sorted_keys").empty());
}

TEST_F(KeyRunTest, ARunOfManyIsNotedAndTheNextStandsBehindIt) {
  for (const std::int64_t first : {1, 1'000'000}) {
    KeyRun run;
    for (std::size_t i = 0; i < KeyRun::kNoted; ++i) {
      run.add(static_cast<std::uint32_t>(i) * 2'654'435'761u, first + static_cast<std::int64_t>(i));
    }
    ASSERT_TRUE(run.write(connection_, "key_20241004", kDayNumber).ok());
  }
  const auto noted = rows("SELECT 1::UINTEGER, keys FROM sorted_keys WHERE day = 20000");
  ASSERT_EQ(noted.size(), 2u);
  EXPECT_EQ(noted[0].second, static_cast<std::int64_t>(KeyRun::kNoted));
  const auto found = rows("SELECT hash, no FROM key_20241004 WHERE hash = 0");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].second, 1);
  EXPECT_EQ(found[1].second, 1'000'000);
}

TEST_F(KeyRunTest, ARunIsFullBeforeANumberThatDoesNotFitIn32Bits) {
  KeyRun run;
  run.add(7, 10);
  EXPECT_FALSE(run.is_full(10 + std::int64_t{UINT32_MAX}));
  EXPECT_TRUE(run.is_full(11 + std::int64_t{UINT32_MAX}));
  run.add(7, 10 + std::int64_t{UINT32_MAX});
  ASSERT_TRUE(run.write(connection_, "key_20241004", kDayNumber).ok());
  const auto found = rows("SELECT hash, no FROM key_20241004");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].second, 10 + std::int64_t{UINT32_MAX});
}

// What is no INSERT of a RowLoad gets nothing from its function.
TEST_F(KeyRunTest, AStatementOfAnybodyElseFindsNoRows) {
  const Result<Rows> rows = connection_.rows("SELECT * FROM mailtrail_rows()");
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().what.find("there are no rows to load"), std::string::npos) << rows.error().what;
}

}  // namespace
}  // namespace mailtrail::store::duckdb
