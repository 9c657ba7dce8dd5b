#include "store/parquet.h"

#include <filesystem>
#include <utility>

#include "base/arena.h"
#include "base/text.h"
#include "store/duckdb/connection.h"
#include "store/duckdb/row_writer.h"
#include "store/duckdb/text_code.h"

namespace mailtrail::store {
namespace duckdb {
namespace {

constexpr std::uint64_t kMemory = 400ull << 20;
constexpr const char* kRowGroup = "122880";  // rows: what DuckDB reads at once

std::string in_quotes(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += c;
    out += c;
  }
  return out + quote;
}

ColumnType kept_as(ParquetType type) {
  switch (type) {
    case ParquetType::kText:
      return ColumnType::kText;
    case ParquetType::kTexts:
      return ColumnType::kTexts;
    case ParquetType::kInteger:
    case ParquetType::kTime:
      return ColumnType::kInt64;
    case ParquetType::kDouble:
      return ColumnType::kDouble;
    case ParquetType::kBool:
      return ColumnType::kBool;
  }
  return ColumnType::kText;
}

// The bytes of one character at the beginning of `text`, 0 where there is none.
std::size_t character_at(std::string_view text) {
  for (std::size_t size = 1; size <= 4 && size <= text.size(); ++size) {
    if (is_utf8(text.substr(0, size))) return size;
  }
  return 0;
}

// The text as UTF-8 without what text_code.h would encode; made in `arena` where it differs.
std::string_view cleaned(std::string_view text, Arena& arena) {
  if (is_plain(text)) return text;
  std::string clean;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character_at(text.substr(at));
    const std::string_view character = text.substr(at, size);
    clean += size == 0 || !is_plain(character) ? std::string_view("\xEF\xBF\xBD") : character;
    at += size == 0 ? 1 : size;
  }
  return arena.store(clean);
}

class Writer : public ParquetWriter {
 public:
  Writer(std::string path, std::span<const ParquetColumn> columns, Database database, Connection connection)
      : path_(std::move(path)), database_(std::move(database)), connection_(std::move(connection)) {
    for (const ParquetColumn& column : columns) {
      columns_.push_back(column);
      types_.push_back(kept_as(column.type));
    }
  }
  ~Writer() override { queue_.discard(); }

  Result<Done> begin() {
    const std::string folder = path_ + ".rows";
    std::string sql = "CREATE TABLE row (";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      sql += (i == 0 ? "c" : ", c") + std::to_string(i) + ' ' + std::string(sql_type(types_[i]));
    }
    for (const std::string& each : {"SET temp_directory = " + in_quotes(folder, '\''), sql + ")"}) {
      if (const Result<Done> done = connection_.run(each); !done.ok()) return done.error();
    }
    if (const Result<Done> prepared = RowLoad::prepare(connection_); !prepared.ok()) return prepared.error();
    rows_ = std::make_unique<RowWriter>(queue_, connection_, "row", types_);
    return Done{};
  }

  void text(std::string_view value) override {
    next();
    // An empty text is NULL to the writer of rows: so it is here.
    rows_->put(model::Text(cleaned(value, arena_)));
  }
  void texts(std::span<const std::string_view> values) override {
    next();
    list_.clear();
    for (const std::string_view value : values) list_.push_back(cleaned(value, arena_));
    rows_->put(model::Texts(list_));
  }
  void integer(std::int64_t value) override {
    next();
    rows_->put(value);
  }
  void number(double value) override {
    next();
    rows_->put(value);
  }
  void flag(bool value) override {
    next();
    rows_->put(value);
  }
  void time(Micros value) override {
    next();
    rows_->put(value);
  }
  void null() override {
    next();
    rows_->put_null();
  }
  void end_row() override {
    rows_->end();
    at_beginning_ = true;
    arena_.clear();
  }

  Result<Done> finish() override {
    rows_->close();
    if (const Result<Done> written = queue_.wait(); !written.ok()) return written.error();
    std::string list;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string column = 'c' + std::to_string(i);
      list += (i == 0 ? "" : ", ") +
              (columns_[i].type == ParquetType::kTime ? "make_timestamptz(" + column + ')' : column) + " AS " +
              in_quotes(columns_[i].name, '"');
    }
    // In place: whoever holds the file open brings it to the disk.
    return connection_.run("COPY (SELECT " + list + " FROM row) TO " + in_quotes(path_, '\'') +
                           " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, ROW_GROUP_SIZE " + kRowGroup + ")");
  }

 private:
  void next() {
    if (at_beginning_) rows_->begin();
    at_beginning_ = false;
  }

  const std::string path_;
  std::vector<ParquetColumn> columns_;
  std::vector<ColumnType> types_;
  Database database_;
  Connection connection_;
  AppendQueue queue_;
  std::unique_ptr<RowWriter> rows_;
  std::vector<std::string_view> list_;
  Arena arena_;
  bool at_beginning_ = true;
};

}  // namespace
}  // namespace duckdb

std::string_view parquet_type_name(ParquetType type) {
  if (type == ParquetType::kTime) return "TIMESTAMP WITH TIME ZONE";
  return duckdb::sql_type(duckdb::kept_as(type));
}

Result<std::unique_ptr<ParquetWriter>> ParquetWriter::create(const std::string& path,
                                                             std::span<const ParquetColumn> columns) {
  Result<duckdb::Database> database = duckdb::Database::open(":memory:", {duckdb::kMemory, 1, false});
  if (!database.ok()) return database.error();
  Result<duckdb::Connection> connection = database->connect();
  if (!connection.ok()) return connection.error();
  // As the file system sees it: DuckDB would take `~`, or a name such as `s3:x`, for more than a name.
  std::error_code failure;
  const std::string absolute = std::filesystem::absolute(path, failure).string();
  auto writer = std::make_unique<duckdb::Writer>(failure ? path : absolute, columns, std::move(*database),
                                                 std::move(*connection));
  if (const Result<Done> begun = writer->begin(); !begun.ok()) return begun.error();
  return std::unique_ptr<ParquetWriter>(std::move(writer));
}

}  // namespace mailtrail::store
