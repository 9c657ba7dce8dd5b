// Parquet files, read back with DuckDB.
#include "store/parquet.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <optional>

#include "store/duckdb/connection.h"

namespace mailtrail::store {
namespace {

class Parquet : public testing::Test {
 protected:
  void SetUp() override {
    std::string path = (std::filesystem::temp_directory_path() / "mailtrail-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
    // What a path may hold.
    path_ = (folder_ / "it's ~ a *.parquet").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string ask(const std::string& sql) const {
    const auto database = duckdb::Database::open(":memory:", {});
    const auto connection = database->connect();
    std::string quoted;
    for (const char c : path_) quoted += c == '\'' ? std::string("''") : std::string(1, c);
    auto rows = connection->rows("WITH file AS (SELECT * FROM read_parquet('" + quoted + "')) " + sql);
    EXPECT_TRUE(rows.ok()) << rows.error().to_string();
    std::string text;
    while (const duckdb::Chunk chunk = rows->next()) {
      for (std::size_t row = 0; row < chunk.rows(); ++row) text += std::string(chunk.text(0, row)) + '\n';
    }
    return text;
  }

  std::filesystem::path folder_;
  std::string path_;
};

constexpr ParquetType kAll[] = {ParquetType::kText,   ParquetType::kTexts, ParquetType::kInteger,
                                ParquetType::kDouble, ParquetType::kBool,  ParquetType::kTime};

std::vector<ParquetColumn> columns_of_all_types() {
  std::vector<ParquetColumn> columns;
  for (const char* name : {"te\"xt", "texts", "integer", "number", "flag", "time"}) {
    columns.push_back({name, kAll[columns.size()]});
  }
  return columns;
}

TEST_F(Parquet, HoldsEachTypeAndWhatIsAbsent) {
  auto writer = ParquetWriter::create(path_, columns_of_all_types());
  ASSERT_TRUE(writer.ok()) << writer.error().to_string();
  const std::string_view texts[] = {"a", "", "b\xff"};
  (*writer)->text("caf\xc3\xa9 \xff\xfe \xf4\x8f\xbf\xbf =1+1");
  (*writer)->texts(texts);
  (*writer)->integer(-9223372036854775807 - 1);
  (*writer)->number(0.1);
  (*writer)->flag(true);
  (*writer)->time(-1);
  (*writer)->end_row();
  for (int i = 0; i < 6; ++i) (*writer)->null();
  (*writer)->end_row();
  ASSERT_TRUE((*writer)->finish().ok());
  EXPECT_EQ(ask("SELECT to_json(file)::VARCHAR FROM file"),
            "{\"te\\\"xt\":\"caf\xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd =1+1\",\"texts\":[\"a\",\"\","
            "\"b\xef\xbf\xbd\"],\"integer\":-9223372036854775808,\"number\":0.1,\"flag\":true,\"time\":\"1969-12-31 "
            "23:59:59.999999+00\"}\n"
            "{\"te\\\"xt\":null,\"texts\":null,\"integer\":null,\"number\":null,\"flag\":null,\"time\":null}\n");
  std::string types;
  for (const ParquetType type : kAll) types += std::string(parquet_type_name(type)) + '\n';
  EXPECT_EQ(ask("SELECT column_type FROM (DESCRIBE FROM file)"), types);
}

TEST_F(Parquet, KeepsTheOrderOfManyRowsAndLeavesNothingBesideTheFile) {
  constexpr std::int64_t kRows = 300'000;  // several row groups
  {
    const std::vector<ParquetColumn> columns = {{"n", ParquetType::kInteger}, {"text", ParquetType::kText}};
    auto writer = ParquetWriter::create(path_, columns);
    ASSERT_TRUE(writer.ok());
    for (std::int64_t i = 0; i < kRows; ++i) {
      (*writer)->integer(i);
      (*writer)->text("a text that is longer than twelve bytes " + std::to_string(i));
      (*writer)->end_row();
    }
    ASSERT_TRUE((*writer)->finish().ok());
  }
  EXPECT_EQ(ask("SELECT count(*)::VARCHAR FROM (SELECT n, text, row_number() OVER () AS place FROM file) WHERE n + 1 = "
                "place AND text LIKE '% ' || n"),
            std::to_string(kRows) + '\n');
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) files += entry.exists();
  EXPECT_EQ(files, 1u);
}

TEST_F(Parquet, WithoutARowHasItsColumns) {
  auto writer = ParquetWriter::create(path_, columns_of_all_types());
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->finish().ok());
  EXPECT_EQ(ask("SELECT count(*)::VARCHAR FROM (DESCRIBE FROM file)"), "6\n");
}

TEST_F(Parquet, TellsThatTheFileCannotBeWritten) {
  path_ = (folder_ / "no such folder" / "x.parquet").string();
  auto writer = ParquetWriter::create(path_, columns_of_all_types());
  ASSERT_TRUE(writer.ok()) << writer.error().to_string();
  const Result<Done> done = (*writer)->finish();
  ASSERT_FALSE(done.ok());
  EXPECT_NE(done.error().to_string().find("no such folder"), std::string::npos) << done.error().to_string();
}

}  // namespace
}  // namespace mailtrail::store
