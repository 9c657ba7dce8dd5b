// `mailtrail export --format parquet`, against the CSV of the same rows.
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/parquet_rows.h"
#include "cli/run.h"
#include "query/plan.h"
#include "store/duckdb/connection.h"
#include "tests/unit/app/store_folder.h"

namespace mailtrail::cli {
namespace {

struct Answer {
  int status = 0;
  std::string out, err;
};

Answer ask(const std::vector<std::string>& words) {
  TextOutput out, err;
  const int status = run(words, Streams{out, err});
  return {status, out.text, err.text};
}

// How often the columns of the two files (tables `p` and `c`) say different things, and one such pair; empty for never.
std::string difference(const store::duckdb::Connection& connection, const store::ParquetColumn& column) {
  const std::string name = "p.\"" + column.name + '"', csv = "c.\"" + column.name + '"';
  std::string shown = name + "::VARCHAR", other = csv;
  switch (column.type) {
    case store::ParquetType::kTexts:
      shown = "array_to_string(" + name + ", ' ')";
      break;
    case store::ParquetType::kBool:
      shown = "CASE WHEN " + name + " THEN 'true' END";
      break;
    case store::ParquetType::kTime:
      shown = "epoch_us(" + name + ")";
      other = "epoch_us(" + csv + "::TIMESTAMPTZ)";
      break;
    case store::ParquetType::kDouble:
      shown = name;
      other = csv + "::DOUBLE";
      break;
    default:
      break;
  }
  // What would be a formula has an apostrophe before it in CSV alone.
  if (other == csv) {
    other =
        "CASE WHEN " + csv + " LIKE '''%' AND " + shown + " NOT LIKE '''%' THEN " + csv + "[2:] ELSE " + csv + " END";
  }
  auto rows = connection.rows("SELECT count(*)::VARCHAR || ' ' || any_value(concat(" + shown + ", ' / ', " + other +
                              ")) FROM p POSITIONAL JOIN c WHERE " + shown + " IS DISTINCT FROM " + other);
  if (!rows.ok()) return rows.error().to_string();
  const store::duckdb::Chunk chunk = rows->next();
  return chunk ? std::string(chunk.text(0, 0)) : std::string();
}

TEST(ExportParquet, SaysWhatCsvSaysWithTypes) {
  const app::StoreFolder folder;
  const std::string at = folder.path("out");
  std::filesystem::create_directories(at);
  const std::string log = std::string(MAILTRAIL_SOURCE_DIR) + "/tests/data/postfix-a/mail.rfc5424.log.gz";
  const auto database = store::duckdb::Database::open(":memory:", {});
  const auto connection = database->connect();
  for (int i = 0; i < 7; ++i) {
    const auto per = static_cast<query::Per>(i);
    const std::string word(query::word(per));
    for (const char* format : {"csv", "parquet"}) {
      const Answer done = ask({"export", "", "--per", word, "--format", format, "--force", "--timezone", "UTC", "-o",
                               at + "/rows." + format, log});
      ASSERT_EQ(done.status, 0) << done.err;
    }
    for (const std::string& sql :
         {"CREATE OR REPLACE TABLE p AS FROM read_parquet('" + at + "/rows.parquet')",
          "CREATE OR REPLACE TABLE c AS FROM read_csv('" + at + "/rows.csv', all_varchar = true, header = true)",
          std::string("SELECT CASE WHEN (SELECT count(*) FROM p) = 0 THEN error('no rows') END")}) {
      const Result<Done> done = connection->run(sql);
      ASSERT_TRUE(done.ok()) << done.error().to_string();
    }
    for (const store::ParquetColumn& column : parquet_columns(per)) {
      EXPECT_EQ(difference(*connection, column), "") << word << ' ' << column.name;
    }
  }
}

TEST(ExportParquet, NeedsAFileAndLeavesNoneWhereNothingMatches) {
  const app::StoreFolder folder;
  const std::string at = folder.path("out");
  std::filesystem::create_directories(at);
  const std::string log = std::string(MAILTRAIL_SOURCE_DIR) + "/tests/golden/cli/logs/two_mails.log";
  const Answer to_terminal = ask({"export", "", "--format", "parquet", log});
  EXPECT_EQ(to_terminal.status, 2);
  EXPECT_EQ(to_terminal.err, "mailtrail: export: Parquet needs a file (name it with -o FILE)\n");
  const Answer nothing =
      ask({"export", "to:nobody@example.org", "--format", "parquet", "-o", at + "/none.parquet", log});
  EXPECT_EQ(nothing.status, 1) << nothing.err;
  EXPECT_TRUE(std::filesystem::is_empty(at));
}

}  // namespace
}  // namespace mailtrail::cli
