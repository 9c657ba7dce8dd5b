#include "store/duckdb/catalog.h"

#include <cstdlib>
#include <utility>

#include "model/vocabulary.h"

namespace mailtrail::store::duckdb {
namespace {

constexpr const char* kTablesBeside[] = {
    "CREATE TABLE meta (name VARCHAR NOT NULL, value VARCHAR NOT NULL)",
    "CREATE TABLE vocabulary (concept VARCHAR NOT NULL, code UTINYINT NOT NULL, word VARCHAR NOT NULL)",
    "CREATE TABLE source (number UINTEGER NOT NULL, name VARCHAR NOT NULL, bytes UBIGINT NOT NULL, lines UBIGINT NOT "
    "NULL, identity BLOB NOT NULL, resume BLOB NOT NULL)",
    "CREATE TABLE state (name VARCHAR NOT NULL, value BLOB NOT NULL)",
    "CREATE TABLE day_count (day BIGINT NOT NULL, tail BOOLEAN NOT NULL, first BIGINT, last BIGINT, has_time BOOLEAN "
    "NOT "
    "NULL, journeys BIGINT NOT NULL, deliveries BIGINT NOT NULL, rejections BIGINT NOT NULL, logins BIGINT NOT NULL)",
    "CREATE TABLE sorted_keys (day BIGINT NOT NULL, keys BIGINT NOT NULL)",
};

template <class Enum>
Result<Done> add_words(Statement& insert, std::string_view concept_name, int most) {
  for (int code = 0; code < most; ++code) {
    const std::string_view word = model::word(static_cast<Enum>(code));
    if (word.empty()) continue;
    insert.rewind();
    insert.add_text(concept_name);
    insert.add(std::int64_t{code});
    insert.add_text(word);
    if (const Result<Done> added = insert.run(); !added.ok()) return added.error();
  }
  return Done{};
}

// The words of the numbers that facts are written with: an older file tells its own when the vocabulary has grown.
Result<Done> write_vocabulary(const Connection& connection) {
  Result<Statement> insert = connection.prepare("INSERT INTO vocabulary VALUES (?, ?, ?)");
  if (!insert.ok()) return insert.error();
  for (const Result<Done>& done :
       {add_words<model::Kind>(*insert, "kind", model::kKindCount), add_words<model::Status>(*insert, "status", 10),
        add_words<model::Outcome>(*insert, "outcome", model::kOutcomeCount),
        add_words<model::Stage>(*insert, "stage", 12), add_words<model::Action>(*insert, "action", 11),
        add_words<model::Severity>(*insert, "severity", 7), add_words<model::Topic>(*insert, "topic", 13),
        add_words<model::LoginResult>(*insert, "result", 4), add_words<model::Direction>(*insert, "direction", 3),
        add_words<model::Link>(*insert, "link", 6)}) {
    if (!done.ok()) return done.error();
  }
  return Done{};
}

Result<Done> make_schema(const Connection& connection) {
  for (const char* sql : kTablesBeside) {
    if (const Result<Done> made = connection.run(sql); !made.ok()) return made.error();
  }
  if (const Result<Done> written = write_vocabulary(connection); !written.ok()) return written.error();
  return set_meta_value(connection, "schema", std::to_string(kSchemaVersion));
}

Result<Done> in_transaction(const Connection& connection, Result<Done> (*work)(const Connection&)) {
  if (const Result<Done> begun = connection.run("BEGIN"); !begun.ok()) return begun.error();
  const Result<Done> done = work(connection);
  const Result<Done> ended = connection.run(done.ok() ? "COMMIT" : "ROLLBACK");
  if (!done.ok()) return done.error();
  return ended;
}

}  // namespace

Result<Done> prepare_schema(const Connection& connection, bool read_only) {
  const Result<std::set<std::string>> tables = table_names(connection);
  if (!tables.ok()) return tables.error();
  if (tables->empty() && !read_only) return in_transaction(connection, make_schema);
  const Error foreign{
      "this is a DuckDB database, but not one of mailtrail", connection.path(),
      "mailtrail rebuild keeps it aside and makes ours anew from the archive; or name another store with --store"};
  if (!tables->contains("meta")) return foreign;
  const Result<std::string> version = meta_value(connection, "schema");
  if (!version.ok() || version->empty()) return foreign;
  const std::int64_t number = std::atoll(version->c_str());
  if (number > kSchemaVersion) {
    return Error{"the database was written by a newer mailtrail (its schema is " + *version + ", known is " +
                     std::to_string(kSchemaVersion) + ")",
                 connection.path(), "use that version, or a newer one"};
  }
  // Whoever reads bears with what an older version lacks: keys of the tail, which come with the next commit.
  if (number == kSchemaVersion || read_only) return Done{};
  return in_transaction(connection, [](const Connection& open) -> Result<Done> {
    if (const Result<Done> emptied = open.run("DELETE FROM vocabulary"); !emptied.ok()) return emptied.error();
    if (const Result<Done> written = write_vocabulary(open); !written.ok()) return written.error();
    return set_meta_value(open, "schema", std::to_string(kSchemaVersion));
  });
}

Result<std::set<std::string>> table_names(const Connection& connection) {
  Result<Rows> rows = connection.rows("SELECT table_name FROM duckdb_tables() WHERE NOT internal");
  if (!rows.ok()) return rows.error();
  std::set<std::string> names;
  while (Chunk chunk = rows->next()) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) names.emplace(chunk.text(0, row));
  }
  return names;
}

Result<std::string> meta_value(const Connection& connection, std::string_view name) {
  Result<Statement> select = connection.prepare("SELECT value FROM meta WHERE name = ?");
  if (!select.ok()) return select.error();
  select->add_text(name);
  Result<Rows> rows = select->rows();
  if (!rows.ok()) return rows.error();
  const Chunk chunk = rows->next();
  return chunk && chunk.rows() > 0 ? std::string(chunk.text(0, 0)) : std::string();
}

Result<Done> set_meta_value(const Connection& connection, std::string_view name, std::string_view value) {
  Result<Statement> remove = connection.prepare("DELETE FROM meta WHERE name = ?");
  if (!remove.ok()) return remove.error();
  remove->add_text(name);
  if (const Result<Done> removed = remove->run(); !removed.ok()) return removed.error();
  Result<Statement> insert = connection.prepare("INSERT INTO meta VALUES (?, ?)");
  if (!insert.ok()) return insert.error();
  insert->add_text(name);
  insert->add_text(value);
  return insert->run();
}

Result<std::vector<Day>> settled_days(const Connection& connection) {
  Result<Rows> rows =
      connection.rows("SELECT day, min(first), max(last) FROM day_count WHERE NOT tail GROUP BY day ORDER BY day");
  if (!rows.ok()) return rows.error();
  std::vector<Day> days;
  while (Chunk chunk = rows->next()) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      Day day;
      day.number = chunk.data<std::int64_t>(0)[row];
      if (!chunk.is_null(1, row)) day.first = chunk.data<std::int64_t>(1)[row];
      if (!chunk.is_null(2, row)) day.last = chunk.data<std::int64_t>(2)[row];
      days.push_back(day);
    }
  }
  return days;
}

}  // namespace mailtrail::store::duckdb
