// `mailtrail sql` on a store that took a log in.
#include "store/sql.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/run.h"
#include "cli/sql_document.h"
#include "tests/unit/app/store_folder.h"

namespace mailtrail::cli {
namespace {

namespace fs = std::filesystem;

struct Answer {
  int status = 0;
  std::string out, err;
};

Answer ask(const std::vector<std::string>& words) {
  TextOutput out, err;
  const int status = run(words, Streams{out, err});
  return {status, out.text, err.text};
}

class Sql : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<app::StoreFolder>();
    const std::string log = (fs::path(MAILTRAIL_SOURCE_DIR) / "tests/golden/cli/logs/two_mails.log").string();
    const Answer done = ask({"ingest", "--timezone", "UTC", "--store", folder_->path(), log});
    ASSERT_EQ(done.status, 0) << done.err;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static Answer sql(std::vector<std::string> words) {
    words.insert(words.begin(), {"sql", "--store", folder_->path(), "--timezone", "UTC"});
    return ask(words);
  }

  static std::unique_ptr<app::StoreFolder> folder_;
};
std::unique_ptr<app::StoreFolder> Sql::folder_;

TEST_F(Sql, CountsAsSearchDoes) {
  for (const auto& [per, view] : {std::pair("attempt", "delivery"), std::pair("recipient", "recipient"),
                                  std::pair("message", "message"), std::pair("journey", "journey")}) {
    const Answer found = ask({"search", "", "--per", per, "--json", "--store", folder_->path()});
    const auto rows = std::count(found.out.begin(), found.out.end(), '\n');
    EXPECT_GT(rows, 0) << found.err;
    const Answer counted = sql({"--json", std::string("SELECT count(*) AS n FROM ") + view});
    EXPECT_EQ(counted.out, "{\"n\":" + std::to_string(rows) + "}\n") << view;
  }
}

TEST_F(Sql, ShowsNumbersOnTheRightAndWhatIsAbsentAsADash) {
  const Answer answer = sql({"SELECT * FROM (VALUES ('a', 5, NULL), ('long text', 1234, 'x')) t(name, n, other)"});
  EXPECT_EQ(answer.out, "name          n  other\na             5  -\nlong text  1234  x\n");
  EXPECT_EQ(answer.status, 0);
}

TEST_F(Sql, TellsEachTypeOfValueInJson) {
  const Answer answer = sql(
      {"--json",
       "SELECT true AS b, 170141183460469231731687303715884105727 AS huge, -1.50::DECIMAL(9,2) AS dec, 0.1 + 0.2 AS "
       "d, 1e300::DOUBLE AS big, 'a\"\x1b' AS t, DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 10:00:00.5' AS ts, "
       "TIMESTAMPTZ '2024-02-29 10:00:00+02' AS tz, TIME '01:02:03' AS clock, INTERVAL 90 MINUTE AS i, [1, NULL] "
       "AS l, {'x': 'y', 'z': [true]} AS s, MAP {'k': 1} AS m, [1, 2]::INTEGER[2] AS a, '\\xAA'::BLOB AS bl, "
       "'nan'::DOUBLE AS nan, NULL AS gone, 'x'::ENUM('w', 'x') AS e, "
       "'00112233-4455-6677-8899-aabbccddeeff'::UUID AS u, -0.05::DECIMAL(4,3) AS small"});
  EXPECT_EQ(answer.out,
            "{\"b\":true,\"huge\":170141183460469231731687303715884105727,\"dec\":-1.50,\"d\":0.3,\"big\":1e+300,"
            "\"t\":\"a\\\"\\u001b\",\"day\":\"2024-02-29\",\"ts\":\"2024-02-29T10:00:00.500000\","
            "\"tz\":\"2024-02-29T08:00:00.000000+00:00\",\"clock\":\"01:02:03\",\"i\":\"01:30:00\",\"l\":[1,null],"
            "\"s\":{\"x\":\"y\",\"z\":[true]},\"m\":{\"k\":1},\"a\":[1,2],\"bl\":\"\\\\xAA\",\"nan\":\"nan\","
            "\"e\":\"x\",\"u\":\"00112233-4455-6677-8899-aabbccddeeff\",\"small\":-0.050}\n")
      << answer.err;
}

TEST_F(Sql, WritesCsvThatASpreadsheetTakesForNoFormula) {
  const Answer answer = sql({"--csv", "SELECT '=1+1' AS a, -5 AS b, '@x' AS c, 'a,\"b' AS d, NULL AS e"});
  EXPECT_EQ(answer.out, "a,b,c,d,e\r\n'=1+1,-5,'@x,\"a,\"\"b\",\r\n");
}

TEST_F(Sql, ShowsTimesAndMeansDaysInTheZone) {
  const std::string statement =
      "SELECT TIMESTAMPTZ '2024-07-01 23:30:00+00' AS t, TIMESTAMPTZ '2024-07-01 23:30:00+00'::DATE AS day";
  EXPECT_EQ(ask({"sql", "--json", "--store", folder_->path(), "--timezone", "Europe/Berlin", statement}).out,
            "{\"t\":\"2024-07-02T01:30:00.000000+02:00\",\"day\":\"2024-07-02\"}\n");
  EXPECT_EQ(ask({"sql", "--json", "--store", folder_->path(), "--timezone", "-03:00", statement}).out,
            "{\"t\":\"2024-07-01T20:30:00.000000-03:00\",\"day\":\"2024-07-01\"}\n");
}

TEST_F(Sql, StopsAtTheLimitsAndSaysSo) {
  const Answer limited = sql({"--json", "--limit", "2", "SELECT i FROM range(1000000000) t(i)"});
  EXPECT_EQ(limited.out, "{\"i\":0}\n{\"i\":1}\n");
  EXPECT_EQ(limited.err, "mailtrail: sql: there are more rows than 2 (--limit)\n");
  EXPECT_EQ(limited.status, 0);
  const Answer exact = sql({"--json", "--limit", "2", "SELECT i FROM range(2) t(i)"});
  EXPECT_EQ(exact.err, "");
  const Answer slow = sql({"--timeout", "1",
                           "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range = "
                           "-b.range - 1 OR hash(a.range) = hash(b.range + 1)"});
  EXPECT_EQ(slow.status, 2);
  EXPECT_EQ(slow.out, "");
  EXPECT_NE(slow.err.find("takes longer than 1 s"), std::string::npos) << slow.err;
}

TEST_F(Sql, TellsAMistakeWithWhatIsNear) {
  const Answer answer = sql({"SELECT recipent FROM recipient"});
  EXPECT_EQ(answer.status, 2);
  EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 1) << answer.err;
  EXPECT_NE(answer.err.find("\"recipient\""), std::string::npos) << answer.err;
  EXPECT_EQ(sql({".columns recipent"}).err, "mailtrail: sql: there is no view `recipent` (did you mean recipient?)\n");
}

TEST_F(Sql, HasNoRowWhereNothingIsFound) {
  const Answer answer = sql({"SELECT * FROM journey WHERE false"});
  EXPECT_EQ(answer.status, 1);
  EXPECT_EQ(answer.err, "mailtrail: sql: no row\n");
}

TEST_F(Sql, RunsItsExamplesWordByWord) {
  for (const SqlExample& example : sql_examples()) {
    const Answer answer = sql({std::string(example.statement)});
    EXPECT_LE(answer.status, 1) << example.what << ": " << answer.err;
  }
}

TEST_F(Sql, DescribesEachViewAsItsColumnsAre) {
  for (const store::SqlView& view : store::sql_views()) {
    std::string expected;
    EXPECT_FALSE(view.meaning.empty()) << view.name;
    for (const store::SqlColumn& column : view.columns) {
      expected += column.name + ',' + column.type + "\r\n";
      EXPECT_FALSE(column.meaning.empty()) << view.name << '.' << column.name;
    }
    const Answer answer = sql({"--csv", "SELECT column_name, column_type FROM (DESCRIBE " + view.name + ")"});
    EXPECT_EQ(answer.out, "column_name,column_type\r\n" + expected);
  }
}

TEST(SqlDocument, IsWhatTheViewsSay) {
  const fs::path path = fs::path(MAILTRAIL_SOURCE_DIR) / "docs/sql.md";
  if (std::getenv("MAILTRAIL_WRITE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << sql_document();
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), sql_document()) << "MAILTRAIL_WRITE_GOLDENS=1 test_cli --gtest_filter=SqlDocument.* writes it";
}

}  // namespace
}  // namespace mailtrail::cli
