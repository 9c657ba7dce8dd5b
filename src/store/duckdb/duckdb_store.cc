#include "store/duckdb/duckdb_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "store/duckdb/catalog.h"
#include "store/duckdb/connection.h"
#include "store/duckdb/fact_reader.h"
#include "store/duckdb/fact_writer.h"
#include "store/duckdb/series_reader.h"
#include "store/duckdb/series_tally.h"
#include "store/duckdb/sql.h"

namespace mailtrail::store {
namespace duckdb {
namespace {

constexpr const char* kSeriesColumns =
    " (level UTINYINT NOT NULL, dimension UTINYINT NOT NULL, bucket BIGINT NOT NULL, key VARCHAR, recipients BIGINT "
    "NOT "
    "NULL, attempts BIGINT NOT NULL, delivered BIGINT NOT NULL, delay BLOB)";
constexpr ColumnType kSeriesTypes[] = {ColumnType::kUint8, ColumnType::kUint8, ColumnType::kInt64, ColumnType::kText,
                                       ColumnType::kInt64, ColumnType::kInt64, ColumnType::kInt64, ColumnType::kBlob};

class ReadTransaction {
 public:
  static Result<ReadTransaction> begin(const Database& database) {
    Result<Connection> connection = database.connect();
    if (!connection.ok()) return connection.error();
    if (const Result<Done> begun = connection->run("BEGIN"); !begun.ok()) return begun.error();
    return ReadTransaction(std::move(*connection));
  }
  const Connection& connection() const { return connection_; }

 private:
  // Its end closes the connection, and the transaction with it.
  explicit ReadTransaction(Connection connection) : connection_(std::move(connection)) {}
  Connection connection_;
};

class StoreImpl : public DuckDbStore {
 public:
  StoreImpl(Database database, Connection connection)
      : database_(std::move(database)), connection_(std::move(connection)) {}
  // What is being written ends before its writers and its connection do.
  ~StoreImpl() override { queue_.discard(); }

  Result<Done> load(bool read_only);

  model::FactSink& settled() override { return settled_; }
  model::FactSink& tail() override { return tail_; }
  Result<Done> commit(const Commit& commit) override;
  void roll_back() override;
  Result<Done> read(const Selection& selection, model::FactSink& sink) const override;
  Result<std::vector<SeriesPoint>> series(const SeriesQuery& query) const override;
  Result<Summary> summary() const override;
  Result<std::vector<Source>> sources() const override;
  Result<std::string> state(std::string_view name) const override;
  Result<std::unique_ptr<SqlRunner>> sql() const override;
  Result<Done> expire(Micros day) override;
  Result<Done> tidy() override;

 private:
  Result<Done> begin();
  Result<Done> drop_tail();
  Result<Done> write(const Commit& commit);
  Result<Done> write_counts(const std::map<std::int64_t, DayCount>& counts, bool tail);
  Result<Done> write_series(const SeriesTally& tally, bool tail);
  Result<Done> write_sources(const std::vector<Source>& sources);
  Result<Done> write_states(const std::vector<std::pair<std::string, std::string>>& states);
  Result<Done> sort_keys(std::int64_t day);
  std::set<std::string, std::less<>> domains_of(Micros hour) const;

  Database database_;
  Connection connection_;  // of the writer
  std::int64_t number_ = 0, tail_number_ = 0;
  bool in_transaction_ = false, tail_dropped_ = false;
  HourDomains domains_{[this](Micros hour) { return domains_of(hour); }};
  SeriesTally settled_series_{domains_, false}, tail_series_{domains_, true};
  AppendQueue queue_;  // has the writer's connection while facts are told
  FactWriter settled_{queue_, connection_, FactWriter::Layer::kSettled, number_, settled_series_, [this] {
                        const Result<Done> written = queue_.wait();
                        return written.ok() ? begin() : written;
                      }};
  FactWriter tail_{queue_, connection_, FactWriter::Layer::kTail, tail_number_, tail_series_, [this] {
                     const Result<Done> written = queue_.wait();
                     if (!written.ok()) return written;
                     const Result<Done> begun = begin();
                     return begun.ok() ? drop_tail() : begun;
                   }};
};

Result<Done> StoreImpl::load(bool read_only) {
  if (const Result<Done> prepared = prepare_schema(connection_, read_only); !prepared.ok()) return prepared.error();
  const Result<std::string> number = meta_value(connection_, "number");
  if (!number.ok()) return number.error();
  number_ = std::atoll(number->c_str());
  return read_only ? Result<Done>(Done{}) : RowLoad::prepare(connection_);
}

Result<Done> StoreImpl::begin() {
  if (in_transaction_) return Done{};
  const Result<Done> begun = connection_.run("BEGIN");
  in_transaction_ = begun.ok();
  tail_dropped_ = false;
  tail_number_ = 0;
  return begun;
}

// The tail of the last commit makes room for the next.
Result<Done> StoreImpl::drop_tail() {
  if (tail_dropped_) return Done{};
  tail_dropped_ = true;
  std::vector<std::string> kinds(kTableNames.begin(), kTableNames.end());
  kinds.insert(kinds.end(), {"key", "series"});
  for (const std::string& kind : kinds) {
    const Result<Done> dropped = connection_.run("DROP TABLE IF EXISTS " + tail_table(kind));
    if (!dropped.ok()) return dropped.error();
  }
  return connection_.run("DELETE FROM day_count WHERE tail");
}

Result<Done> StoreImpl::commit(const Commit& commit) {
  Result<Done> done = write(commit);
  if (done.ok()) done = connection_.run("COMMIT");
  if (!done.ok()) {
    const Error error = done.error();
    roll_back();
    return error;
  }
  in_transaction_ = false;
  settled_series_.clear();
  tail_series_.clear();
  domains_.forget();
  return Done{};
}

Result<Done> StoreImpl::write(const Commit& commit) {
  // The connection is the queue's until all that was told is written.
  if (const Result<Done> written = queue_.wait(); !written.ok()) return written.error();
  if (const Result<Done> begun = begin(); !begun.ok()) return begun.error();
  if (const Result<Done> dropped = drop_tail(); !dropped.ok()) return dropped.error();
  const Result<std::map<std::int64_t, DayCount>> settled = settled_.close();
  if (!settled.ok()) return settled.error();
  const Result<std::map<std::int64_t, DayCount>> tail = tail_.close();
  if (!tail.ok()) return tail.error();
  if (const Result<Done> done = write_counts(*settled, false); !done.ok()) return done.error();
  if (const Result<Done> done = write_counts(*tail, true); !done.ok()) return done.error();
  if (const Result<Done> done = write_series(settled_series_, false); !done.ok()) return done.error();
  if (const Result<Done> done = write_series(tail_series_, true); !done.ok()) return done.error();
  if (const Result<Done> done = write_sources(commit.sources); !done.ok()) return done.error();
  if (const Result<Done> done = write_states(commit.states); !done.ok()) return done.error();
  return set_meta_value(connection_, "number", std::to_string(number_));
}

void StoreImpl::roll_back() {
  queue_.discard();
  settled_.clear();
  tail_.clear();
  settled_series_.clear();
  tail_series_.clear();
  domains_.forget();
  // Where even this fails the database has stopped: the next statement tells so.
  if (in_transaction_) (void)connection_.run("ROLLBACK").ok();
  in_transaction_ = false;
  if (const Result<std::string> number = meta_value(connection_, "number"); number.ok()) {
    number_ = std::atoll(number->c_str());
  }
}

Result<Done> StoreImpl::write_counts(const std::map<std::int64_t, DayCount>& counts, bool tail) {
  Result<Statement> insert = connection_.prepare("INSERT INTO day_count VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!insert.ok()) return insert.error();
  for (const auto& [day, count] : counts) {
    insert->rewind();
    insert->add(day);
    insert->add(std::int64_t{tail});
    for (const std::optional<Micros>& time : {count.first, count.last}) {
      if (time) {
        insert->add(*time);
      } else {
        insert->add_null();
      }
    }
    insert->add(std::int64_t{count.has_time});
    for (const std::uint64_t of : {count.journeys, count.deliveries, count.rejections, count.logins}) {
      insert->add(static_cast<std::int64_t>(of));
    }
    if (const Result<Done> added = insert->run(); !added.ok()) return added.error();
  }
  return Done{};
}

Result<Done> StoreImpl::write_series(const SeriesTally& tally, bool tail) {
  // Places stand by level first: each level comes to the days anew.
  std::map<std::int64_t, std::vector<const std::pair<const SeriesTally::Place, SeriesTally::Counts>*>> by_day;
  const std::map<SeriesTally::Place, SeriesTally::Counts> counts_of = tally.counts();
  for (const auto& one : counts_of) {
    by_day[tail ? 0 : begin_of(one.first.bucket, kDay) / kDay].push_back(&one);
  }
  for (const auto& [day, rows] : by_day) {
    const std::string name = tail ? tail_table("series") : day_table("series", day);
    const Result<Done> made = connection_.run("CREATE TABLE IF NOT EXISTS " + name + kSeriesColumns);
    if (!made.ok()) return made.error();
    RowWriter writer(queue_, connection_, name, kSeriesTypes);
    for (const auto* row : rows) {
      const auto& [place, counts] = *row;
      writer.begin();
      writer.put(place.level);
      writer.put(place.dimension);
      writer.put(place.bucket);
      writer.put(model::Text(place.key));
      for (const std::uint64_t of : {counts.recipients, counts.attempts, counts.delivered}) {
        writer.put(static_cast<std::int64_t>(of));
      }
      writer.put_blob(encoded_delays(counts));
      writer.end();
    }
    writer.close();
    if (const Result<Done> written = queue_.wait(); !written.ok()) return written.error();
  }
  return Done{};
}

Result<Done> StoreImpl::write_sources(const std::vector<Source>& sources) {
  Result<Statement> remove = connection_.prepare("DELETE FROM source WHERE number = ?");
  if (!remove.ok()) return remove.error();
  Result<Statement> insert = connection_.prepare("INSERT INTO source VALUES (?, ?, ?, ?, ?, ?)");
  if (!insert.ok()) return insert.error();
  Arena arena;
  for (const Source& source : sources) {
    remove->rewind();
    remove->add(std::int64_t{source.number});
    if (const Result<Done> removed = remove->run(); !removed.ok()) return removed.error();
    insert->rewind();
    insert->add(std::int64_t{source.number});
    insert->add_text(encoded(source.name, arena));
    insert->add_key(source.bytes);
    insert->add_key(source.lines);
    insert->add_blob(source.identity);
    insert->add_blob(source.resume);
    if (const Result<Done> added = insert->run(); !added.ok()) return added.error();
  }
  return Done{};
}

Result<Done> StoreImpl::write_states(const std::vector<std::pair<std::string, std::string>>& states) {
  Result<Statement> remove = connection_.prepare("DELETE FROM state WHERE name = ?");
  if (!remove.ok()) return remove.error();
  Result<Statement> insert = connection_.prepare("INSERT INTO state VALUES (?, ?)");
  if (!insert.ok()) return insert.error();
  Arena arena;
  for (const auto& [name, value] : states) {
    remove->rewind();
    remove->add_text(encoded(name, arena));
    if (const Result<Done> removed = remove->run(); !removed.ok()) return removed.error();
    if (value.empty()) continue;
    insert->rewind();
    insert->add_text(encoded(name, arena));
    insert->add_blob(value);
    if (const Result<Done> added = insert->run(); !added.ok()) return added.error();
  }
  return Done{};
}

Result<Done> StoreImpl::read(const Selection& selection, model::FactSink& sink) const {
  const Result<ReadTransaction> transaction = ReadTransaction::begin(database_);
  if (!transaction.ok()) return transaction.error();
  return FactReader(transaction->connection(), selection, sink).run();
}

Result<std::vector<SeriesPoint>> StoreImpl::series(const SeriesQuery& query) const {
  if (query.bucket == Bucket::kMinute && query.dimension == Dimension::kDomain) {
    return Error{"domains are not counted by the minute", "", "ask by the hour or by the day"};
  }
  const Result<ReadTransaction> transaction = ReadTransaction::begin(database_);
  if (!transaction.ok()) return transaction.error();
  const Connection& connection = transaction->connection();
  const Result<std::set<std::string>> tables = table_names(connection);
  if (!tables.ok()) return tables.error();
  const Result<std::vector<Day>> days = settled_days(connection);
  if (!days.ok()) return days.error();
  std::vector<std::string> names;
  for (const Day& day : *days) {
    if ((day.number + 1) * kDay > query.since && day.number * kDay < query.until) {
      names.push_back(day_table("series", day.number));
    }
  }
  names.push_back(tail_table("series"));
  SeriesReader reader(connection, query);
  for (const std::string& name : names) {
    if (!tables->contains(name)) continue;
    if (const Result<Done> added = reader.add(name); !added.ok()) return added.error();
  }
  return reader.points();
}

std::set<std::string, std::less<>> StoreImpl::domains_of(Micros hour) const {
  std::set<std::string, std::less<>> domains;
  Arena arena;
  // On a connection of its own, while facts are written. A table that is not there yet has none; a failure shows itself
  // when the counts are written.
  const Result<Connection> connection = database_.connect();
  if (!connection.ok()) return domains;
  Result<Rows> rows =
      connection->rows("SELECT DISTINCT key FROM query_table('" + day_table("series", begin_of(hour, kDay) / kDay) +
                       "') WHERE level = 1 AND dimension = " + std::to_string(static_cast<int>(Dimension::kDomain)) +
                       " AND bucket = " + std::to_string(hour));
  if (!rows.ok()) return domains;
  while (Chunk chunk = rows->next()) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      const std::string_view key = decoded(chunk.text(0, row), arena);
      if (!key.empty() && key != kOtherDomains) domains.emplace(key);
    }
  }
  return domains;
}

Result<Summary> StoreImpl::summary() const {
  const Result<ReadTransaction> transaction = ReadTransaction::begin(database_);
  if (!transaction.ok()) return transaction.error();
  Result<Rows> rows = transaction->connection().rows(
      "SELECT coalesce(sum(journeys), 0)::BIGINT, coalesce(sum(deliveries), 0)::BIGINT, coalesce(sum(rejections), "
      "0)::BIGINT, coalesce(sum(logins), 0)::BIGINT, min(day) FILTER (has_time), max(day) FILTER (has_time) FROM "
      "day_count");
  if (!rows.ok()) return rows.error();
  const Chunk chunk = rows->next();
  Summary summary;
  const auto count = [&](std::size_t column) {
    return static_cast<std::uint64_t>(chunk.data<std::int64_t>(column)[0]);
  };
  summary.journeys = count(0);
  summary.deliveries = count(1);
  summary.rejections = count(2);
  summary.logins = count(3);
  if (!chunk.is_null(4, 0)) summary.first_day = chunk.data<std::int64_t>(4)[0] * kDay;
  if (!chunk.is_null(5, 0)) summary.last_day = chunk.data<std::int64_t>(5)[0] * kDay;
  Result<Rows> size =
      transaction->connection().rows("SELECT (block_size * total_blocks)::BIGINT FROM pragma_database_size()");
  if (!size.ok()) return size.error();
  if (const Chunk sizes = size->next()) summary.bytes = static_cast<std::uint64_t>(sizes.data<std::int64_t>(0)[0]);
  return summary;
}

Result<std::vector<Source>> StoreImpl::sources() const {
  const Result<ReadTransaction> transaction = ReadTransaction::begin(database_);
  if (!transaction.ok()) return transaction.error();
  Result<Rows> rows =
      transaction->connection().rows("SELECT number, name, bytes, lines, identity, resume FROM source ORDER BY number");
  if (!rows.ok()) return rows.error();
  std::vector<Source> sources;
  Arena arena;
  while (Chunk chunk = rows->next()) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      Source source;
      source.number = chunk.data<std::uint32_t>(0)[row];
      source.name = decoded(chunk.text(1, row), arena);
      source.bytes = chunk.data<std::uint64_t>(2)[row];
      source.lines = chunk.data<std::uint64_t>(3)[row];
      source.identity = chunk.text(4, row);
      source.resume = chunk.text(5, row);
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

Result<std::string> StoreImpl::state(std::string_view name) const {
  const Result<ReadTransaction> transaction = ReadTransaction::begin(database_);
  if (!transaction.ok()) return transaction.error();
  Result<Statement> select = transaction->connection().prepare("SELECT value FROM state WHERE name = ?");
  if (!select.ok()) return select.error();
  Arena arena;
  select->add_text(encoded(name, arena));
  Result<Rows> rows = select->rows();
  if (!rows.ok()) return rows.error();
  const Chunk chunk = rows->next();
  return chunk && chunk.rows() > 0 ? std::string(chunk.text(0, 0)) : std::string();
}

Result<std::unique_ptr<SqlRunner>> StoreImpl::sql() const {
  Result<Connection> connection = database_.connect();
  if (!connection.ok()) return connection.error();
  return make_sql_runner(std::move(*connection));
}

Result<Done> StoreImpl::expire(Micros day) {
  if (const Result<Done> written = queue_.wait(); !written.ok()) return written.error();
  const std::int64_t limit = begin_of(day, kDay) / kDay;
  const Result<std::vector<Day>> days = settled_days(connection_);
  if (!days.ok()) return days.error();
  if (const Result<Done> begun = begin(); !begun.ok()) return begun.error();
  Result<Done> done = Done{};
  std::vector<std::string> kinds(kTableNames.begin(), kTableNames.end());
  kinds.insert(kinds.end(), {"key", "series"});
  for (const Day& one : *days) {
    if (one.number >= limit) continue;
    for (const std::string& kind : kinds) {
      if (done.ok()) done = connection_.run("DROP TABLE IF EXISTS " + day_table(kind, one.number));
    }
  }
  const std::string before = " WHERE day < " + std::to_string(limit);
  if (done.ok()) done = connection_.run("DELETE FROM sorted_keys" + before);
  if (done.ok()) done = connection_.run("DELETE FROM day_count" + before + " AND NOT tail");
  if (done.ok()) done = connection_.run("COMMIT");
  if (!done.ok()) {
    roll_back();
    return done;
  }
  in_transaction_ = false;
  domains_.forget();
  return Done{};
}

Result<Done> StoreImpl::tidy() {
  const Result<std::set<std::string>> tables = table_names(connection_);
  if (!tables.ok()) return tables.error();
  const Result<std::vector<Day>> days = settled_days(connection_);
  if (!days.ok()) return days.error();
  for (const Day& day : *days) {
    if (!tables->contains(day_table("key", day.number))) continue;
    if (const Result<Done> sorted = sort_keys(day.number); !sorted.ok()) return sorted.error();
  }
  return connection_.run("CHECKPOINT");
}

// Sorts the keys of a day anew where they stand in many sorted runs, or a tenth of them, and more than a scan finds at
// once, in none.
Result<Done> StoreImpl::sort_keys(std::int64_t day) {
  constexpr std::int64_t kMostRuns = 12;
  const std::string name = day_table("key", day);
  Result<Rows> rows = connection_.rows(
      "SELECT (SELECT count(*) FROM " + name +
      "), coalesce(sum(keys), 0)::BIGINT, count(*) FROM sorted_keys WHERE day = " + std::to_string(day));
  if (!rows.ok()) return rows.error();
  const Chunk chunk = rows->next();
  const std::int64_t keys = chunk.data<std::int64_t>(0)[0], loose = keys - chunk.data<std::int64_t>(1)[0];
  const bool is_loose = loose >= static_cast<std::int64_t>(KeyRun::kNoted) && loose >= keys / 10;
  if (!is_loose && chunk.data<std::int64_t>(2)[0] <= kMostRuns) return Done{};
  if (const Result<Done> begun = begin(); !begun.ok()) return begun.error();
  const std::string text = std::to_string(day);
  Result<Done> done = Done{};
  for (const std::string& sql :
       {"CREATE TABLE new_" + name + " AS SELECT hash, no FROM " + name + " ORDER BY hash, no", "DROP TABLE " + name,
        "ALTER TABLE new_" + name + " RENAME TO " + name, "DELETE FROM sorted_keys WHERE day = " + text,
        "INSERT INTO sorted_keys VALUES (" + text + ", " + std::to_string(keys) + ")", std::string("COMMIT")}) {
    if (done.ok()) done = connection_.run(sql);
  }
  if (!done.ok()) roll_back();
  in_transaction_ = false;
  return done;
}

}  // namespace
}  // namespace duckdb

Result<std::unique_ptr<DuckDbStore>> DuckDbStore::open(const DuckDbOptions& options) {
  Result<duckdb::Database> database =
      duckdb::Database::open(options.path, {options.memory_limit, std::max(options.threads, 1u), options.read_only});
  if (!database.ok()) return database.error();
  Result<duckdb::Connection> connection = database->connect();
  if (!connection.ok()) return connection.error();
  auto store = std::make_unique<duckdb::StoreImpl>(std::move(*database), std::move(*connection));
  if (const Result<Done> loaded = store->load(options.read_only); !loaded.ok()) return loaded.error();
  return std::unique_ptr<DuckDbStore>(std::move(store));
}

}  // namespace mailtrail::store
