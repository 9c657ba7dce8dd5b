// Which statements pass: attacks, each refused with one line, and questions that must be answered.
#include "store/duckdb/sql_guard.h"

#include <gtest/gtest.h>

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

constexpr std::string_view kAttacks[] = {
    // Other statements than SELECT.
    "INSERT INTO journey VALUES (1)",
    "UPDATE state SET value = NULL",
    "DELETE FROM state",
    "DROP TABLE state",
    "CREATE TABLE x AS SELECT 1",
    "CREATE TEMP VIEW delivery AS SELECT 1",
    "CREATE MACRO f() AS 1",
    "ALTER TABLE state ADD COLUMN x INT",
    "COPY state TO '/tmp/x'",
    "COPY (SELECT 1) TO '/tmp/x.parquet'",
    "COPY state FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/x'",
    "IMPORT DATABASE '/tmp/x'",
    "ATTACH '/tmp/x.duckdb'",
    "DETACH memory",
    "USE main",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '1TB'",
    "RESET memory_limit",
    "SET enable_external_access = true",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "CALL pragma_version()",
    "CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "EXPLAIN ANALYZE SELECT 1",
    "VALUES (1); DROP TABLE state",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SHOW DATABASES",
    "DESCRIBE",
    "COMMENT ON TABLE state IS 'x'",
    "CREATE SECRET (TYPE s3)",
    "SET VARIABLE x = 1",
    // More than one, or none.
    "SELECT 1; SELECT 2",
    "SELECT 1; DELETE FROM state",
    "",
    " ",
    ";",
    "-- nothing",
    "/* nothing */",
    // Tables of the store, however they are named.
    "SELECT * FROM state",
    "SELECT * FROM STATE",
    "SELECT * FROM \"state\"",
    "SELECT * FROM main.state",
    "SELECT * FROM memory.main.state",
    "SELECT * FROM key_20261123",
    "FROM journey_20261123",
    "TABLE state",
    "DESCRIBE state",
    "SUMMARIZE state",
    "DESCRIBE SELECT * FROM state",
    "SUMMARIZE FROM state",
    "SELECT (SELECT value FROM state LIMIT 1)",
    "SELECT 1 WHERE EXISTS (FROM state)",
    "SELECT 1 WHERE 1 IN (SELECT 1 FROM state)",
    "WITH x AS (SELECT * FROM state) SELECT * FROM x",
    "WITH x AS MATERIALIZED (FROM state) SELECT 1 FROM delivery",
    "SELECT 1 UNION ALL SELECT 2 FROM state",
    "SELECT 1 INTERSECT FROM state",
    "SELECT * FROM delivery, state",
    "SELECT * FROM delivery JOIN state ON true",
    "SELECT * FROM delivery, LATERAL (SELECT * FROM state)",
    "SELECT * FROM (VALUES (1)) v, state",
    "SELECT * FROM (PIVOT state ON name IN ('a') USING count(*))",
    "FROM (UNPIVOT state ON name)",
    "SELECT CASE WHEN true THEN (SELECT count(*) FROM state) END",
    "SELECT [x FOR x IN (SELECT list(name) FROM state)]",
    "SELECT list_transform([1], lambda x: (SELECT count(*) FROM state))",
    "SELECT 1 ORDER BY (SELECT count(*) FROM state)",
    "SELECT 1 LIMIT (SELECT count(*) FROM state)",
    "SELECT sum(1) FILTER (WHERE EXISTS (FROM state))",
    "SELECT sum(1) OVER (ORDER BY (SELECT count(*) FROM state))",
    "SELECT count(*) FROM delivery GROUP BY ALL HAVING EXISTS (FROM state)",
    "SELECT count(*) FROM delivery QUALIFY EXISTS (FROM state)",
    "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x, state) FROM x",
    "SELECT * FROM range((SELECT count(*) FROM state))",
    "SELECT DISTINCT ON ((SELECT count(*) FROM state)) 1",
    "SELECT * REPLACE ((SELECT count(*) FROM state) AS host) FROM delivery",
    "SELECT COLUMNS(c -> c IN (SELECT name FROM state)) FROM delivery",
    "SELECT * FROM delivery TABLESAMPLE 10%, state",
    // A name of WITH that hides, or is hidden by, a table.
    "WITH state AS (SELECT 1) SELECT * FROM state",
    "SELECT * FROM state, (WITH state AS (SELECT 1) FROM state)",
    "WITH x AS (FROM state), state AS (SELECT 1) FROM x",
    "WITH \"STATE\" AS (SELECT 1) FROM state",
    "WITH delivery AS (SELECT 1) FROM delivery",
    "WITH \"/etc/passwd\" AS (SELECT 1) FROM \"/etc/passwd\"",
    "WITH duckdb_tables AS (SELECT 1) FROM duckdb_tables",
    // The database's own catalog.
    "SELECT * FROM duckdb_tables()",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pragma_table_info('state')",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM query('SELECT * FROM state')",
    "SELECT * FROM query_table('state')",
    "SELECT * FROM query_table(['state'])",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    "SELECT current_setting('memory_limit')",
    "SELECT getvariable('x')",
    "SELECT getenv('HOME')",
    "SELECT nextval('s')",
    "SELECT write_log('x')",
    "SELECT json_serialize_plan('SELECT 1')",
    "SELECT main.current_setting('memory_limit')",
    "SELECT system.main.current_setting('x')",
    "SELECT pg_get_viewdef(1)",
    "SELECT __internal_decompress_string(1)",
    "SELECT Current_Setting('x')",
    // Files and the network.
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'x.csv'",
    "SELECT * FROM \"x.parquet\"",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_parquet('x')",
    "SELECT * FROM parquet_scan('x')",
    "SELECT * FROM parquet_metadata('x')",
    "SELECT * FROM read_json('x')",
    "SELECT * FROM read_ndjson_objects('x')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM read_csv('https://example.com/x')",
    "FROM 's3://bucket/x.parquet'",
    "SELECT * FROM READ_TEXT('/etc/passwd')",
    "SELECT * FROM main.read_text('/etc/passwd')",
    // Parameters, unknown things, broken ones.
    "SELECT ?",
    "SELECT $1",
    "SELECT $name",
    "SELECT no_such_function(1)",
    "SELECT * FROM no_such_view",
    "SELEC 1",
    "SELECT (1",
    "SELECT 'not closed",
    "SELECT 1 FROM",
    "SELECT \"\" FROM delivery AS",
    ".tables",
    "SELECT 1 \\gx",
};

TEST_F(SqlGuard, RefusesEachAttackWithOneLine) {
  for (const std::string_view attack : kAttacks) {
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

constexpr std::string_view kQuestions[] = {
    "SELECT 1",
    "SELECT 1;",
    "  select 1 -- words\n",
    "VALUES (1, 2)",
    "FROM delivery",
    "SELECT * FROM delivery LIMIT 3",
    "SELECT * FROM Delivery d WHERE d.\"time\" > now() - INTERVAL 1 DAY",
    "SELECT outcome, count(*) FROM recipient GROUP BY ALL ORDER BY ALL",
    "WITH late AS (SELECT * FROM delivery WHERE delay > 60) SELECT count(*) FROM late",
    "WITH a AS (SELECT 1 AS n), b AS (SELECT n + 1 AS n FROM a) SELECT * FROM a JOIN b USING (n)",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT * FROM t",
    "SELECT * FROM message m JOIN journey j USING (journey) LEFT JOIN login l ON l.client_ip = m.client_ip",
    "SELECT * FROM journey NATURAL JOIN recipient",
    "SELECT * FROM recipient ANTI JOIN delivery USING (journey)",
    "SELECT row_number() OVER (PARTITION BY host ORDER BY time), lag(time) OVER (ORDER BY time) FROM rejection",
    "SELECT quantile_cont(delay, [0.5, 0.99]), approx_count_distinct(recipient), mode(reason) FROM delivery",
    "SELECT date_trunc('hour', time), time::DATE, extract(hour FROM time), time_bucket(INTERVAL 5 MINUTE, time) FROM "
    "login",
    "SELECT list(recipient ORDER BY time) FILTER (WHERE outcome = 'bounced') FROM delivery",
    "SELECT unnest(lines) FROM message",
    "SELECT n FROM range(10) t(n)",
    "SELECT * FROM unnest([1, 2])",
    "SELECT generate_series FROM generate_series(1, 3)",
    "DESCRIBE delivery",
    "SUMMARIZE login",
    "DESCRIBE SELECT 1 AS a",
    "SELECT regexp_extract(reply, '[0-9]+'), reply ILIKE '%full%', reply ~ 'x', reply NOT LIKE 'a%' FROM delivery",
    "SELECT CASE WHEN size > 1000 THEN 'big' ELSE 'small' END, coalesce(size, 0), size BETWEEN 1 AND 2 FROM delivery",
    "SELECT a.host FROM delivery a WHERE EXISTS (SELECT 1 FROM rejection r WHERE r.client_ip = a.client_ip)",
    "SELECT 1 UNION SELECT 2 EXCEPT SELECT 3 INTERSECT SELECT 4",
    "SELECT DISTINCT ON (host) host, time FROM gap",
    "SELECT COLUMNS('.*_ip') FROM rejection",
    "SELECT * EXCLUDE (reply) FROM delivery",
    "SELECT #1 FROM delivery",
    "SELECT * FROM (PIVOT delivery ON status IN ('sent', 'bounced') USING count(*) GROUP BY provider)",
    "SELECT {'a': host, 'b': [1]}, [x + 1 FOR x IN [1, 2] IF x > 1], list_transform([1], lambda x: x + 1) FROM gap",
    "SELECT count(*) FROM delivery TABLESAMPLE 10%",
    "SELECT 'DROP TABLE state; -- read_csv(''x'')' FROM delivery",
    "SELECT host AS \"state\" FROM delivery AS state_of",
    "SELECT GROUPING(host) FROM delivery GROUP BY ROLLUP (host)",
    "SELECT time AT TIME ZONE 'Europe/Berlin' FROM gap",
    "SELECT split_part(recipient, '@', 2) FROM recipient",
    "SELECT bar(count(*), 0, 100), nullif(1, 2), list_sum([1]) FROM gap",
    "SELECT '{\"a\":1}'::JSON ->> 'a'",
};

TEST_F(SqlGuard, LetsQuestionsPassAndTheyRun) {
  ASSERT_TRUE(connection_.run("CREATE TABLE day_count (day BIGINT, tail BOOLEAN, first BIGINT, last BIGINT)").ok());
  ASSERT_TRUE(connection_.run("DROP TABLE source; CREATE TABLE source (number UINTEGER, name VARCHAR)").ok());
  for (const std::string_view question : kQuestions) {
    const Result<SqlReach> reach = examine(connection_, question);
    ASSERT_TRUE(reach.ok()) << question << ": " << reach.error().to_string();
    // Views that have what is named alone are enough for it.
    const Result<Done> made = make_views(connection_, reach->views, reach->all_columns ? nullptr : &reach->names);
    ASSERT_TRUE(made.ok()) << question << ": " << made.error().to_string();
    const Result<Rows> rows = connection_.rows(std::string(question));
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
