#include "store/duckdb/sql.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/text.h"
#include "model/field_meanings.h"
#include "store/duckdb/sql_cell.h"
#include "store/duckdb/sql_guard.h"
#include "store/duckdb/views.h"

namespace mailtrail::store {
namespace duckdb {
namespace {

// Interrupts what a connection does when the time is over, until it goes.
class Watch {
 public:
  Watch(duckdb_connection connection, std::chrono::milliseconds time)
      : end_(std::chrono::steady_clock::now() + time), thread_([this, connection] { run(connection); }) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  bool is_over() const { return std::chrono::steady_clock::now() >= end_; }

 private:
  void run(duckdb_connection connection) {
    constexpr std::chrono::milliseconds kAgain{20};  // it may have been between two statements
    std::unique_lock lock(mutex_);
    if (wake_.wait_until(lock, end_, [this] { return done_; })) return;
    do {
      api().interrupt(connection);
    } while (!wake_.wait_for(lock, kAgain, [this] { return done_; }));
  }

  const std::chrono::steady_clock::time_point end_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

// A result that comes while it is made.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    if (is_open_) api().destroy_result(&result_);
    if (statement_ != nullptr) api().destroy_prepare(&statement_);
  }

  // Error: what DuckDB says, with its kind.
  std::optional<std::pair<duckdb_error_type, std::string>> open(duckdb_connection connection, const std::string& sql) {
    if (api().prepare(connection, sql.c_str(), &statement_) != DuckDBSuccess) {
      return std::pair{DUCKDB_ERROR_BINDER, std::string(api().prepare_error(statement_))};
    }
    if (api().prepared_statement_type(statement_) != DUCKDB_STATEMENT_TYPE_SELECT) {
      return std::pair{DUCKDB_ERROR_INVALID, std::string("only a SELECT can be run")};
    }
    is_open_ = true;
    if (api().execute_prepared_streaming(statement_, &result_) != DuckDBSuccess) return failure();
    return std::nullopt;
  }
  duckdb_result& result() { return result_; }
  Chunk next() { return Chunk(api().fetch_chunk(result_)); }
  // Of the result, where it ended by one.
  std::optional<std::pair<duckdb_error_type, std::string>> failure() {
    const char* text = api().result_error(&result_);
    if (text == nullptr || *text == '\0') return std::nullopt;
    return std::pair{api().result_error_type(&result_), std::string(text)};
  }

 private:
  duckdb_prepared_statement statement_ = nullptr;
  duckdb_result result_{};
  bool is_open_ = false;
};

// The name that DuckDB knows the zone by.
std::string zone_name(const TimeZone& zone) {
  const std::string name = zone.name();
  if (name.size() != 6 || (name[0] != '+' && name[0] != '-') || name.substr(3) != ":00") return name;
  const int hours = to_number<int>(name.substr(1, 2)).value_or(0);
  // POSIX counts west of Greenwich.
  return hours == 0 ? "UTC" : std::string("Etc/GMT") + (name[0] == '+' ? '-' : '+') + std::to_string(hours);
}

class Runner : public SqlRunner {
 public:
  explicit Runner(Connection connection) : connection_(std::move(connection)) {}

  Result<SqlOutcome> run(std::string_view statement, const TimeZone& zone, const SqlLimits& limits,
                         const Sink& sink) override {
    if (const Result<Done> set = set_zone(zone); !set.ok()) return set.error();
    const Result<SqlReach> reach = examine(connection_, statement);
    if (!reach.ok()) return reach.error();
    Result<SqlOutcome> outcome = attempt(statement, zone, limits, sink, *reach, !reach->all_columns);
    // The view had only the columns that are named: what DuckDB says of a wrong one is of use where it has all.
    if (!outcome.ok() && mistaken_ && !reach->all_columns) {
      outcome = attempt(statement, zone, limits, sink, *reach, false);
    }
    return outcome;
  }

 private:
  Result<Done> set_zone(const TimeZone& zone) {
    std::string name;
    for (const char c : zone_name(zone)) name += c == '\'' ? std::string("''") : std::string(1, c);
    if (connection_.run("SET SESSION TimeZone = '" + name + "'").ok()) return Done{};
    return Error{"the database does not know the time zone `" + printable(zone.name()) + "`", "",
                 "name another with --timezone, such as Europe/Berlin or UTC"};
  }

  // In the state of one commit.
  Result<SqlOutcome> attempt(std::string_view statement, const TimeZone& zone, const SqlLimits& limits,
                             const Sink& sink, const SqlReach& reach, bool narrow) {
    mistaken_ = false;
    if (const Result<Done> begun = connection_.run("BEGIN TRANSACTION READ ONLY"); !begun.ok()) return begun.error();
    Result<SqlOutcome> outcome = SqlOutcome{};
    {
      const Watch watch(connection_.handle(), limits.time);
      const Result<Done> made = make_views(connection_, reach.views, narrow ? &reach.names : nullptr, !reach.describes);
      if (made.ok()) {
        outcome = tell(statement, zone, limits, sink, watch);
      } else {
        outcome = watch.is_over() ? too_long(limits) : made.error();
      }
    }
    const Result<Done> ended = connection_.run("ROLLBACK");
    if (outcome.ok() && !ended.ok()) return ended.error();
    return outcome;
  }

  static Error too_long(const SqlLimits& limits) {
    return {"the statement takes longer than " + std::to_string(limits.time.count() / 1000) + " s", "",
            "name fewer columns, or allow more with --timeout"};
  }

  Error error_of(const std::pair<duckdb_error_type, std::string>& failure, const SqlLimits& limits,
                 const Watch& watch) {
    const auto& [type, text] = failure;
    if (watch.is_over()) return too_long(limits);
    if (type == DUCKDB_ERROR_OUT_OF_MEMORY || text.substr(0, 13) == "Out of Memory") {
      return {"the statement needs more memory than the store has", "",
              "name fewer columns, or give it more with --memory"};
    }
    mistaken_ = type == DUCKDB_ERROR_BINDER;
    return error_of_statement(text);
  }

  Result<SqlOutcome> tell(std::string_view statement, const TimeZone& zone, const SqlLimits& limits, const Sink& sink,
                          const Watch& watch) {
    Stream stream;
    if (const auto failure = stream.open(connection_.handle(), std::string(statement))) {
      return error_of(*failure, limits, watch);
    }
    std::vector<SqlColumn> columns;
    std::vector<CellType> types;
    for (idx_t i = 0; i < api().column_count(&stream.result()); ++i) {
      columns.push_back({api().column_name(&stream.result(), i), "", ""});
      duckdb_logical_type logical = api().column_logical_type(&stream.result(), i);
      Result<CellType> type = cell_type(logical, columns.back().name);
      api().destroy_logical_type(&logical);
      if (!type.ok()) return type.error();
      types.push_back(std::move(*type));
    }
    sink.columns(columns);
    SqlOutcome outcome;
    std::vector<SqlCell> cells(types.size());
    while (const Chunk chunk = stream.next()) {
      const std::size_t rows = chunk.rows();
      if (rows == 0) break;
      for (std::size_t row = 0; row < rows; ++row) {
        outcome.more = outcome.rows == limits.rows;
        if (outcome.more) return outcome;
        for (std::size_t i = 0; i < types.size(); ++i) CellReader(types[i], chunk.column(i), zone).read(row, cells[i]);
        sink.row(cells);
        ++outcome.rows;
      }
    }
    if (const auto failure = stream.failure()) return error_of(*failure, limits, watch);
    return outcome;
  }

  Connection connection_;
  bool mistaken_ = false;
};

}  // namespace

Result<std::unique_ptr<SqlRunner>> make_sql_runner(Connection connection) {
  const Result<Done> closed = connection.run("SET GLOBAL enable_external_access = false");
  if (!closed.ok()) return closed.error();
  return std::unique_ptr<SqlRunner>(std::make_unique<Runner>(std::move(connection)));
}

}  // namespace duckdb

const std::vector<SqlView>& sql_views() {
  static const auto kViews = [] {
    std::vector<SqlView> views;
    for (std::size_t i = 0; i < duckdb::kTables; ++i) {
      SqlView& view = views.emplace_back();
      view.name = duckdb::kTableNames[i];
      view.meaning = model::table_meaning_of(view.name);
      for (const duckdb::ViewColumn& column : duckdb::view_columns(static_cast<duckdb::Table>(i))) {
        view.columns.push_back({column.name, column.type, column.meaning});
      }
    }
    return views;
  }();
  return kViews;
}

}  // namespace mailtrail::store
