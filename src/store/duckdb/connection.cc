#include "store/duckdb/connection.h"

#include "base/text.h"

namespace mailtrail::store::duckdb {
namespace {

bool holds(std::string_view text, std::string_view part) {
  return find_ignoring_case(text, part) != std::string_view::npos;
}

// The first line of a message, without the stack and the advice that follow it.
std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  constexpr std::size_t kMost = 400;
  return printable(text.substr(0, kMost));
}

Error error_of_result(duckdb_result* result, const std::string& path, std::string_view doing) {
  return error_of(api().result_error_type(result), api().result_error(result), path, doing);
}

// What a statement gave, or why it did not. `result` MUST have been empty before it.
Result<Rows> rows_of(duckdb_state state, duckdb_result& result, const std::string& path) {
  if (state == DuckDBSuccess) return Rows(result);
  // A statement that was not even begun leaves the result as it was, and that has no words.
  if (result.internal_data == nullptr) {
    return Error{"the database did not begin a statement", path, "start mailtrail again"};
  }
  const Error error = error_of_result(&result, path, "used");
  api().destroy_result(&result);
  return error;
}

}  // namespace

Error error_of(duckdb_error_type type, const char* raw, const std::string& path, std::string_view doing) {
  const std::string_view text = raw == nullptr ? std::string_view("no reason given") : std::string_view(raw);
  const std::string says = ": " + first_line(text);
  const std::string what = "the database cannot be " + std::string(doing);
  if (holds(text, "Could not set lock") || holds(text, "Conflicting lock")) {
    return {"another process has the database open" + says, path,
            "stop it, or ask it: one process at a time works on a store"};
  }
  if (holds(text, "No space left") || holds(text, "not enough disk space") || holds(text, "disk quota")) {
    return {what + ": the disk is full", path, "free space on it; what was committed before is whole"};
  }
  if (holds(text, "Permission denied") || holds(text, "Read-only file system") ||
      holds(text, "Operation not permitted")) {
    return {what + ": permission denied", path, "run as a user who may write the store's folder"};
  }
  if (holds(text, "not a valid DuckDB database") || holds(text, "not a DuckDB database")) {
    return {
        "the file is no database of mailtrail", path,
        "mailtrail rebuild keeps it aside and makes ours anew from the archive; or name another store with --store"};
  }
  if (holds(text, "newer version of DuckDB") || holds(text, "newer DuckDB") || holds(text, "version number")) {
    return {"the database was written by another version of DuckDB" + says, path,
            "use the mailtrail that wrote it, or a newer one"};
  }
  if (holds(text, "corrupt") || holds(text, "checksum") || type == DUCKDB_ERROR_SERIALIZATION ||
      holds(text, "failure while replaying WAL")) {
    return {"the database is damaged" + says, path,
            "mailtrail rebuild keeps it aside and makes it anew from the archive"};
  }
  if (holds(text, "has been invalidated") || type == DUCKDB_ERROR_FATAL) {
    return {"the database stopped after a failure that it cannot mend" + says, path,
            "start mailtrail again; what was committed is kept"};
  }
  if (type == DUCKDB_ERROR_OUT_OF_MEMORY) {
    return {what + ": the memory that it was given does not do" + says, path, "raise the store's memory limit"};
  }
  if (type == DUCKDB_ERROR_IO) return {what + says, path, "see whether the disk is sound and its folder is there"};
  return {what + says, path, ""};
}

Chunk::~Chunk() {
  if (chunk_ != nullptr) api().destroy_data_chunk(&chunk_);
}

Chunk& Chunk::operator=(Chunk&& other) noexcept {
  std::swap(chunk_, other.chunk_);
  return *this;
}

std::size_t Chunk::rows() const {
  return api().data_chunk_get_size(chunk_);
}

duckdb_vector Chunk::column(std::size_t index) const {
  return api().data_chunk_get_vector(chunk_, index);
}

bool Chunk::is_null(std::size_t index, std::size_t row) const {
  const std::uint64_t* validity = api().vector_get_validity(column(index));
  return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0;
}

std::string_view Chunk::text(std::size_t index, std::size_t row) const {
  return is_null(index, row) ? std::string_view{} : text_of(data<duckdb_string_t>(index)[row]);
}

Rows::~Rows() {
  if (result_ != nullptr) api().destroy_result(result_.get());
}

std::vector<std::string> Rows::columns() const {
  std::vector<std::string> names;
  const idx_t count = api().column_count(result_.get());
  for (idx_t i = 0; i < count; ++i) names.emplace_back(api().column_name(result_.get(), i));
  return names;
}

Chunk Rows::next() {
  return Chunk(api().fetch_chunk(*result_));
}

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), path_(std::move(other.path_)), next_(other.next_) {}

Statement::~Statement() {
  if (statement_ != nullptr) api().destroy_prepare(&statement_);
}

void Statement::note(duckdb_state state) {
  bound_ = bound_ && state == DuckDBSuccess;
  ++next_;
}

void Statement::add(std::int64_t value) {
  note(api().bind_int64(statement_, next_, value));
}
void Statement::add_key(std::uint64_t value) {
  note(api().bind_uint64(statement_, next_, value));
}
void Statement::add_time(Micros value) {
  note(api().bind_timestamp_tz(statement_, next_, duckdb_timestamp{value}));
}
void Statement::add_double(double value) {
  note(api().bind_double(statement_, next_, value));
}
void Statement::add_text(std::string_view text) {
  note(api().bind_varchar_length(statement_, next_, text.data() == nullptr ? "" : text.data(), text.size()));
}
void Statement::add_blob(std::string_view bytes) {
  note(api().bind_blob(statement_, next_, bytes.data() == nullptr ? "" : bytes.data(), bytes.size()));
}
void Statement::add_null() {
  note(api().bind_null(statement_, next_));
}

Result<Rows> Statement::rows() {
  if (!bound_) return Error{"BUG: a statement was given a parameter that it does not have", path_, ""};
  duckdb_result result{};
  const duckdb_state state = api().execute_prepared(statement_, &result);
  return rows_of(state, result, path_);
}

Result<Done> Statement::run() {
  auto result = rows();
  if (!result.ok()) return result.error();
  return Done{};
}

Connection::~Connection() {
  if (connection_ != nullptr) api().disconnect(&connection_);
}

Result<Rows> Connection::rows(const std::string& sql) const {
  duckdb_result result{};
  const duckdb_state state = api().query(connection_, sql.c_str(), &result);
  return rows_of(state, result, path_);
}

Result<Done> Connection::run(const std::string& sql) const {
  auto result = rows(sql);
  if (!result.ok()) return result.error();
  return Done{};
}

Result<Statement> Connection::prepare(const std::string& sql) const {
  duckdb_prepared_statement statement = nullptr;
  if (api().prepare(connection_, sql.c_str(), &statement) == DuckDBSuccess) return Statement(statement, path_);
  const Error error = error_of(DUCKDB_ERROR_INVALID, api().prepare_error(statement), path_, "used");
  api().destroy_prepare(&statement);
  return error;
}

Result<Database> Database::open(const std::string& path, const DatabaseOptions& options) {
  if (auto loaded = load_api(); !loaded.ok()) return loaded.error();
  duckdb_config config = nullptr;
  api().create_config(&config);
  const auto set = [&](const char* name, const std::string& value) { api().set_config(config, name, value.c_str()); };
  if (options.memory_limit > 0) set("memory_limit", std::to_string(options.memory_limit) + "B");
  set("threads", std::to_string(options.threads));
  // The newer ways of compression: less time to write, and a smaller file, than with both of the older ones for texts.
  set("storage_compatibility_version", "v1.4.0");
  set("disabled_compression_methods", "fsst,dictionary");
  if (options.read_only) set("access_mode", "READ_ONLY");
  // Nothing is fetched from anywhere, and no file but this one is touched by a statement.
  set("autoinstall_known_extensions", "false");
  set("autoload_known_extensions", "false");
  duckdb_database database = nullptr;
  char* text = nullptr;
  const duckdb_state state = api().open_ext(path.c_str(), &database, config, &text);
  api().destroy_config(&config);
  if (state == DuckDBSuccess) return Database(database, path);
  const Error error = error_of(DUCKDB_ERROR_INVALID, text, path, "opened");
  api().free(text);
  return error;
}

Database::~Database() {
  if (database_ != nullptr) api().close(&database_);
}

Result<Connection> Database::connect() const {
  duckdb_connection connection = nullptr;
  if (api().connect(database_, &connection) == DuckDBSuccess) return Connection(connection, path_);
  return Error{"the database cannot be connected to", path_, "start mailtrail again"};
}

}  // namespace mailtrail::store::duckdb
