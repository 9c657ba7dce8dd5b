// The C API of DuckDB as objects that close themselves, and its errors as ours.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/duckdb/api.h"

namespace mailtrail::store::duckdb {

// What DuckDB says of a failure, as an Error: `path` is the database file, `doing` what was attempted (`written`).
// `text` may be null.
Error error_of(duckdb_error_type type, const char* text, const std::string& path, std::string_view doing);

// A chunk of a result: at most 2,048 rows. Its texts live as long as it does.
class Chunk {
 public:
  Chunk() = default;
  explicit Chunk(duckdb_data_chunk chunk) : chunk_(chunk) {}
  ~Chunk();
  Chunk(Chunk&& other) noexcept : chunk_(std::exchange(other.chunk_, nullptr)) {}
  Chunk& operator=(Chunk&& other) noexcept;

  explicit operator bool() const { return chunk_ != nullptr; }
  std::size_t rows() const;
  std::size_t columns() const { return api().data_chunk_get_column_count(chunk_); }
  duckdb_vector column(std::size_t index) const;
  template <class T>
  const T* data(std::size_t index) const {
    return static_cast<const T*>(api().vector_get_data(column(index)));
  }
  bool is_null(std::size_t index, std::size_t row) const;
  // The value of a VARCHAR or BLOB column; empty where it is NULL.
  std::string_view text(std::size_t index, std::size_t row) const;

 private:
  duckdb_data_chunk chunk_ = nullptr;
};

inline std::string_view text_of(const duckdb_string_t& text) {
  constexpr std::uint32_t kMostInlined = 12;
  if (text.value.inlined.length <= kMostInlined) return {text.value.inlined.inlined, text.value.inlined.length};
  return {text.value.pointer.ptr, text.value.pointer.length};
}

// The rows that a query gave, chunk by chunk, in its order.
class Rows {
 public:
  explicit Rows(duckdb_result result) : result_(std::make_unique<duckdb_result>(result)) {}
  ~Rows();
  Rows(Rows&&) noexcept = default;
  Rows& operator=(Rows&&) = delete;

  // The names of the columns.
  std::vector<std::string> columns() const;
  // The next chunk; one that is false at the end. A materialised result cannot fail half-way.
  Chunk next();

 private:
  std::unique_ptr<duckdb_result> result_;
};

class Connection;

// A statement with parameters, numbered from 1 in the order of the `?`. Values are never part of its text.
class Statement {
 public:
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;

  // Each binds the next parameter.
  void add(std::int64_t value);
  void add_key(std::uint64_t value);
  void add_time(Micros value);
  void add_double(double value);
  void add_text(std::string_view text);  // MUST be UTF-8: see text_code.h
  void add_blob(std::string_view bytes);
  void add_null();

  Result<Rows> rows();
  Result<Done> run();
  // Begins again with the first parameter.
  void rewind() { next_ = 1; }

 private:
  friend class Connection;
  Statement(duckdb_prepared_statement statement, std::string path) : statement_(statement), path_(std::move(path)) {}
  void note(duckdb_state state);

  duckdb_prepared_statement statement_;
  std::string path_;
  idx_t next_ = 1;
  bool bound_ = true;
};

// One connection: one transaction at a time, used by one thread at a time.
class Connection {
 public:
  ~Connection();
  Connection(Connection&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)), path_(std::move(other.path_)) {}
  Connection& operator=(Connection&&) = delete;

  Result<Done> run(const std::string& sql) const;
  Result<Rows> rows(const std::string& sql) const;
  Result<Statement> prepare(const std::string& sql) const;
  duckdb_connection handle() const { return connection_; }
  const std::string& path() const { return path_; }

 private:
  friend class Database;
  Connection(duckdb_connection connection, std::string path) : connection_(connection), path_(std::move(path)) {}

  duckdb_connection connection_;
  std::string path_;
};

struct DatabaseOptions {
  std::uint64_t memory_limit = 0;  // bytes
  unsigned threads = 1;
  bool read_only = false;
};

// An open database file. Thread-safe.
class Database {
 public:
  // Opens or makes the file. One process at a time has it.
  static Result<Database> open(const std::string& path, const DatabaseOptions& options);
  ~Database();
  Database(Database&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)), path_(std::move(other.path_)) {}
  Database& operator=(Database&&) = delete;

  Result<Connection> connect() const;
  const std::string& path() const { return path_; }

 private:
  Database(duckdb_database database, std::string path) : database_(database), path_(std::move(path)) {}

  duckdb_database database_;
  std::string path_;
};

}  // namespace mailtrail::store::duckdb
