// Which statements pass: attacks, each refused with one line, and questions that must be answered.
#include "store/duckdb/sql_guard.h"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "store/duckdb/views.h"

namespace mailtrail::store::duckdb {
namespace {

class SqlGuard : public testing::Test {
 protected:
  SqlGuard() : connection_(connect()) {
    // Tables as a store has them.
    for (const char* sql : {"CREATE TABLE state (name VARCHAR, value BLOB)", "CREATE TABLE source (name VARCHAR)",
                            "CREATE TABLE key_20261123 (hash UINTEGER)", "CREATE TABLE journey_20261123 (no BIGINT)"}) {
      EXPECT_TRUE(connection_.run(sql).ok()) << sql;
    }
  }
  Connection connect() {
    Result<Database> opened = Database::open(":memory:", {});
    database_ = std::make_unique<Database>(std::move(opened).value());
    return database_->connect().value();
  }
  std::unique_ptr<Database> database_;
  Connection connection_;
};

// The lines of a list of statements, comments aside.
std::vector<std::string> statements_of(const std::string& name) {
  std::ifstream file(MAILTRAIL_SOURCE_DIR "/tests/golden/sql/" + name);
  std::vector<std::string> statements;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('#')) statements.push_back(line);
  }
  EXPECT_GT(statements.size(), 20u) << name;
  return statements;
}

TEST_F(SqlGuard, RefusesEachAttackWithOneLine) {
  std::vector<std::string> attacks = statements_of("refused.txt");
  attacks.insert(attacks.end(), {"", " ", "\n", "SELECT 1\n\n; DROP TABLE state"});
  for (const std::string& attack : attacks) {
    const Result<SqlReach> reach = examine(connection_, attack);
    EXPECT_FALSE(reach.ok()) << attack;
    if (reach.ok()) continue;
    const std::string text = reach.error().to_string();
    EXPECT_FALSE(reach.error().what.empty()) << attack;
    EXPECT_EQ(text.find('\n'), std::string::npos) << attack << ": " << text;
    EXPECT_EQ(text.find("BUG"), std::string::npos) << attack << ": " << text;
  }
}

TEST_F(SqlGuard, RefusesWhatIsNoText) {
  EXPECT_FALSE(examine(connection_, std::string_view("SELECT 1\0; DROP TABLE state", 27)).ok());
  EXPECT_FALSE(examine(connection_, "SELECT '\xff'").ok());
  EXPECT_FALSE(examine(connection_, "SELECT '" + std::string(kLongestSql, 'x') + "'").ok());
  EXPECT_FALSE(examine(connection_, "SELECT " + std::string(20'000, '(') + "1" + std::string(20'000, ')')).ok());
}

TEST_F(SqlGuard, LetsQuestionsPassAndTheyRun) {
  ASSERT_TRUE(connection_.run("CREATE TABLE day_count (day BIGINT, tail BOOLEAN, first BIGINT, last BIGINT)").ok());
  ASSERT_TRUE(connection_.run("DROP TABLE source; CREATE TABLE source (number UINTEGER, name VARCHAR)").ok());
  std::vector<std::string> questions = statements_of("taken.txt");
  questions.push_back("SELECT 1 -- words\n, 2 /* more\n */;\n");
  for (const std::string& question : questions) {
    const Result<SqlReach> reach = examine(connection_, question);
    ASSERT_TRUE(reach.ok()) << question << ": " << reach.error().to_string();
    // Views that have what is named alone are enough for it.
    const Result<Done> made = make_views(connection_, reach->views, reach->all_columns ? nullptr : &reach->names);
    ASSERT_TRUE(made.ok()) << question << ": " << made.error().to_string();
    const Result<Rows> rows = connection_.rows(question);
    EXPECT_TRUE(rows.ok()) << question << ": " << rows.error().to_string();
    for (const Table table : reach->views) {
      ASSERT_TRUE(connection_.run("DROP VIEW " + std::string(kTableNames[static_cast<std::size_t>(table)])).ok());
    }
  }
}

TEST_F(SqlGuard, KnowsWhenColumnsAreTakenWithoutTheirNames) {
  const auto takes_all = [&](std::string_view statement) {
    const Result<SqlReach> reach = examine(connection_, statement);
    EXPECT_TRUE(reach.ok()) << statement << ": " << reach.error().to_string();
    return reach->all_columns;
  };
  for (const char* statement :
       {"FROM delivery", "SELECT * FROM delivery", "SELECT d.* FROM delivery d", "SELECT d FROM delivery d",
        "SELECT delivery FROM delivery", "SELECT to_json(D) FROM delivery d", "SELECT COLUMNS('a.*') FROM delivery",
        "SELECT #1 FROM delivery", "SELECT x FROM delivery AS d(x)", "SELECT host FROM delivery NATURAL JOIN gap",
        "DESCRIBE delivery", "SELECT count(x) FROM (SELECT delivery AS x FROM delivery)"}) {
    EXPECT_TRUE(takes_all(statement)) << statement;
  }
  for (const char* statement : {"SELECT host FROM delivery", "SELECT count(*) FROM delivery",
                                "SELECT d.host AS d2 FROM delivery d JOIN gap g USING (host) ORDER BY d2"}) {
    EXPECT_FALSE(takes_all(statement)) << statement;
  }
}

TEST(SqlMistakes, AreToldInOneLineWithWhatIsNear) {
  const Error error = error_of_statement(
      "Binder Error: Referenced column \"hots\" not found in FROM clause!\nCandidate bindings: \"host\"\n\nLINE 1: "
      "SELECT hots\n               ^");
  EXPECT_EQ(error.to_string(), "Referenced column \"hots\" not found in FROM clause! (Candidate bindings: \"host\")");
}

}  // namespace
}  // namespace mailtrail::store::duckdb
