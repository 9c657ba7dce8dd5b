#include "store/duckdb/row_load.h"

#include <algorithm>
#include <utility>

namespace mailtrail::store::duckdb {

struct RowSource {
  std::vector<ColumnType> types;     // of the table's columns
  std::vector<std::size_t> columns;  // the chunks' columns that are these
  std::vector<std::unique_ptr<RowChunk>> chunks;
  std::size_t next = 0;
};

namespace {

constexpr const char* kFunction = "mailtrail_rows";

// A statement costs as much as some hundred rows: so many chunks go into one.
constexpr std::size_t kChunks = 8;

// What an INSERT of this thread reads; a statement of anybody else finds nothing.
thread_local RowSource* t_source = nullptr;

void bind_rows(duckdb_bind_info info) {
  if (t_source == nullptr) return api().bind_set_error(info, "there are no rows to load");
  for (std::size_t i = 0; i < t_source->types.size(); ++i) {
    duckdb_logical_type type = make_type(t_source->types[i]);
    api().bind_add_result_column(info, ("c" + std::to_string(i)).c_str(), type);
    api().destroy_logical_type(&type);
  }
  api().bind_set_bind_data(info, t_source, nullptr);
}

void begin_rows(duckdb_init_info) {}

void next_rows(duckdb_function_info info, duckdb_data_chunk output) {
  RowSource& source = *static_cast<RowSource*>(api().function_get_bind_data(info));
  if (source.next == source.chunks.size()) return api().data_chunk_set_size(output, 0);
  const RowChunk& rows = *source.chunks[source.next++];
  for (std::size_t i = 0; i < source.columns.size(); ++i) {
    api().vector_reference_vector(api().data_chunk_get_vector(output, i), rows.vectors[source.columns[i]]);
  }
  api().data_chunk_set_size(output, rows.rows);
}

}  // namespace

Result<Done> RowLoad::prepare(const Connection& connection) {
  duckdb_table_function function = api().create_table_function();
  api().table_function_set_name(function, kFunction);
  api().table_function_set_bind(function, bind_rows);
  api().table_function_set_init(function, begin_rows);
  api().table_function_set_function(function, next_rows);
  const duckdb_state state = api().register_table_function(connection.handle(), function);
  api().destroy_table_function(&function);
  if (state == DuckDBSuccess) return Done{};
  return Error{"the database does not take rows from this program", connection.path(), "start mailtrail again"};
}

RowLoad::RowLoad(const Connection& connection, std::string table, std::vector<ColumnType> types)
    : connection_(connection),
      table_(std::move(table)),
      types_(std::move(types)),
      used_(types_.size()),
      source_(std::make_unique<RowSource>()) {
  for (std::size_t i = 0; i < types_.size(); ++i) there_.push_back(i);
}

RowLoad::RowLoad(const Connection& connection, std::string table, Table kind)
    : RowLoad(connection, std::move(table), [&] {
        std::vector<ColumnType> types = {ColumnType::kInt64};
        for (const Column& column : columns_of(kind)) types.push_back(column.type);
        return types;
      }()) {
  facts_ = &columns_of(kind);
}

RowLoad::~RowLoad() = default;

std::unique_ptr<RowChunk> RowLoad::spare() {
  {
    const std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      std::unique_ptr<RowChunk> chunk = std::move(spare_.back());
      spare_.pop_back();
      return chunk;
    }
  }
  return std::make_unique<RowChunk>(types_);
}

// Finds which columns the table has.
Result<Done> RowLoad::open_facts() {
  there_.clear();
  const Result<Done> made = connection_.run("CREATE TABLE IF NOT EXISTS " + table_ + " (no BIGINT NOT NULL)");
  if (!made.ok()) return made.error();
  Result<Rows> rows = connection_.rows("SELECT * FROM " + table_ + " LIMIT 0");
  if (!rows.ok()) return rows.error();
  for (const std::string& name : rows->columns()) {
    std::size_t at = 0;
    while (at < facts_->size() && (*facts_)[at].name != name) ++at;
    if (at < facts_->size()) {
      there_.push_back(at + 1);
    } else if (name == "no") {
      there_.push_back(0);
    } else {
      return Error{"the table " + table_ + " has a column that is not known: " + name, connection_.path(),
                   "use the mailtrail that wrote it"};
    }
  }
  return Done{};
}

// Adds the columns that the rows need and the table does not have.
Result<Done> RowLoad::widen() {
  std::vector<char> missing(used_);
  for (const std::size_t column : there_) missing[column] = false;
  for (std::size_t column = 1; column < missing.size(); ++column) {
    if (!missing[column]) continue;
    const Result<Done> added =
        connection_.run("ALTER TABLE " + table_ + " ADD COLUMN " + declaration((*facts_)[column - 1]));
    if (!added.ok()) return added.error();
    there_.push_back(column);
  }
  return Done{};
}

Result<Done> RowLoad::insert() {
  if (source_->chunks.empty()) return Done{};
  if (!is_open_ && facts_ != nullptr) {
    if (const Result<Done> opened = open_facts(); !opened.ok()) return opened;
  }
  is_open_ = true;
  if (facts_ != nullptr) {
    if (const Result<Done> widened = widen(); !widened.ok()) return widened;
  }
  t_source = source_.get();
  Result<Done> done = Done{};
  if (!insert_ || source_->columns.size() != there_.size()) {
    insert_.reset();
    source_->columns = there_;
    source_->types.clear();
    for (const std::size_t column : there_) source_->types.push_back(types_[column]);
    Result<Statement> prepared =
        connection_.prepare("INSERT INTO " + table_ + " SELECT * FROM " + std::string(kFunction) + "()");
    if (prepared.ok()) {
      insert_.emplace(std::move(*prepared));
    } else {
      done = prepared.error();
    }
  }
  source_->next = 0;
  if (done.ok()) done = insert_->run();
  t_source = nullptr;
  const std::lock_guard lock(mutex_);
  for (std::unique_ptr<RowChunk>& chunk : source_->chunks) {
    chunk->clear();
    spare_.push_back(std::move(chunk));
  }
  source_->chunks.clear();
  return done;
}

Result<Done> RowLoad::take(std::unique_ptr<RowChunk> chunk) {
  if (facts_ != nullptr) {
    for (std::size_t i = 0; i < used_.size(); ++i) used_[i] |= chunk->used[i];
  }
  source_->chunks.push_back(std::move(chunk));
  return source_->chunks.size() == kChunks ? insert() : Done{};
}

Result<Done> RowLoad::finish() {
  return insert();
}

}  // namespace mailtrail::store::duckdb
