#include "store/duckdb/row_writer.h"

#include <algorithm>

namespace mailtrail::store::duckdb {
namespace {

duckdb_type type_number(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return DUCKDB_TYPE_VARCHAR;
    case ColumnType::kBool:
      return DUCKDB_TYPE_BOOLEAN;
    case ColumnType::kUint8:
      return DUCKDB_TYPE_UTINYINT;
    case ColumnType::kInt16:
      return DUCKDB_TYPE_SMALLINT;
    case ColumnType::kUint16:
      return DUCKDB_TYPE_USMALLINT;
    case ColumnType::kInt32:
      return DUCKDB_TYPE_INTEGER;
    case ColumnType::kUint32:
      return DUCKDB_TYPE_UINTEGER;
    case ColumnType::kInt64:
      return DUCKDB_TYPE_BIGINT;
    case ColumnType::kUint64:
      return DUCKDB_TYPE_UBIGINT;
    case ColumnType::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case ColumnType::kBlob:
      return DUCKDB_TYPE_BLOB;
    case ColumnType::kTexts:
    case ColumnType::kLines:
      return DUCKDB_TYPE_LIST;
  }
  return DUCKDB_TYPE_INVALID;
}

duckdb_logical_type make_type(ColumnType type) {
  if (type != ColumnType::kTexts && type != ColumnType::kLines) return api().create_logical_type(type_number(type));
  duckdb_logical_type element =
      api().create_logical_type(type == ColumnType::kTexts ? DUCKDB_TYPE_VARCHAR : DUCKDB_TYPE_UBIGINT);
  const duckdb_logical_type list = api().create_list_type(element);
  api().destroy_logical_type(&element);
  return list;
}

// A text whose bytes live elsewhere, as DuckDB has it: short ones inside.
duckdb_string_t string_of(std::string_view text) {
  constexpr std::size_t kMostInlined = 12, kPrefix = 4;
  duckdb_string_t string;
  std::memset(&string, 0, sizeof string);
  if (text.size() <= kMostInlined) {
    string.value.inlined.length = static_cast<std::uint32_t>(text.size());
    // An empty text may have no address, which memcpy must not be given.
    if (!text.empty()) std::memcpy(string.value.inlined.inlined, text.data(), text.size());
    return string;
  }
  string.value.pointer.length = static_cast<std::uint32_t>(text.size());
  std::memcpy(string.value.pointer.prefix, text.data(), kPrefix);
  string.value.pointer.ptr = const_cast<char*>(text.data());
  return string;
}

}  // namespace

RowWriter::RowWriter(const Connection& connection, std::string table, std::span<const ColumnType> types)
    : connection_(connection), table_(std::move(table)) {
  make_chunk(types);
  open_appender();
}

RowWriter::RowWriter(const Connection& connection, std::string table, Table kind)
    : connection_(connection), table_(std::move(table)), facts_(&columns_of(kind)) {
  std::vector<ColumnType> types = {ColumnType::kInt64};
  for (const Column& column : *facts_) types.push_back(column.type);
  make_chunk(types);
  for (std::size_t i = 0; i < facts_->size(); ++i) blank_[i + 1] = (*facts_)[i].blank;
  if (const Result<Done> opened = open_facts(); !opened.ok()) fail(opened.error());
}

RowWriter::~RowWriter() {
  if (appender_ != nullptr) api().appender_destroy(&appender_);
  if (kept_chunk_ != nullptr) api().destroy_data_chunk(&kept_chunk_);
  api().destroy_data_chunk(&chunk_);
}

void RowWriter::make_chunk(std::span<const ColumnType> types) {
  std::vector<duckdb_logical_type> logical;
  for (const ColumnType type : types) logical.push_back(make_type(type));
  chunk_ = api().create_data_chunk(logical.data(), logical.size());
  for (duckdb_logical_type& type : logical) api().destroy_logical_type(&type);
  vectors_.resize(types.size());
  data_.resize(types.size());
  validity_.resize(types.size());
  list_sizes_.resize(types.size());
  used_.resize(types.size());
  blank_.resize(types.size());
  begin_chunk();
}

// Finds which columns the table has.
Result<Done> RowWriter::open_facts() {
  const Result<Done> made = connection_.run("CREATE TABLE IF NOT EXISTS " + table_ + " (no BIGINT NOT NULL)");
  if (!made.ok()) return made.error();
  Result<Rows> rows = connection_.rows("SELECT * FROM " + table_ + " LIMIT 0");
  if (!rows.ok()) return rows.error();
  const std::vector<std::string> names = rows->columns();
  for (const std::string& name : names) {
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
  for (const std::size_t column : there_) used_[column] = true;
  return Done{};
}

// Adds the columns that this chunk needs and the table does not have.
Result<Done> RowWriter::widen() {
  std::vector<char> missing(used_);
  for (const std::size_t column : there_) missing[column] = false;
  const bool any = std::find(missing.begin(), missing.end(), true) != missing.end();
  if (!any && appender_ != nullptr) return Done{};
  close_appender();
  for (std::size_t column = 1; column < missing.size(); ++column) {
    if (!missing[column]) continue;
    const Result<Done> added =
        connection_.run("ALTER TABLE " + table_ + " ADD COLUMN " + declaration((*facts_)[column - 1]));
    if (!added.ok()) return added.error();
    there_.push_back(column);
  }
  if (kept_chunk_ != nullptr) api().destroy_data_chunk(&kept_chunk_);
  std::vector<duckdb_logical_type> logical;
  for (const std::size_t column : there_) {
    logical.push_back(make_type(column == 0 ? ColumnType::kInt64 : (*facts_)[column - 1].type));
  }
  kept_chunk_ = api().create_data_chunk(logical.data(), logical.size());
  for (duckdb_logical_type& type : logical) api().destroy_logical_type(&type);
  open_appender();
  return Done{};
}

void RowWriter::open_appender() {
  if (api().appender_create(connection_.handle(), nullptr, table_.c_str(), &appender_) != DuckDBSuccess) {
    fail(error_of(DUCKDB_ERROR_INVALID, api().appender_error(appender_), connection_.path(), "written"));
  }
}

void RowWriter::close_appender() {
  if (appender_ == nullptr) return;
  if (!failure_ && api().appender_close(appender_) != DuckDBSuccess) {
    fail(error_of(DUCKDB_ERROR_INVALID, api().appender_error(appender_), connection_.path(), "written"));
  }
  api().appender_destroy(&appender_);
  appender_ = nullptr;
}

void RowWriter::begin_chunk() {
  for (std::size_t i = 0; i < vectors_.size(); ++i) {
    vectors_[i] = api().data_chunk_get_vector(chunk_, i);
    data_[i] = api().vector_get_data(vectors_[i]);
    validity_[i] = nullptr;
    list_sizes_[i] = 0;
  }
  row_ = 0;
}

void RowWriter::put_null() {
  if (validity_[column_] == nullptr) {
    api().vector_ensure_validity_writable(vectors_[column_]);
    validity_[column_] = api().vector_get_validity(vectors_[column_]);
  }
  validity_[column_][row_ / 64] &= ~(std::uint64_t{1} << (row_ % 64));
  ++column_;
}

void RowWriter::put_text(std::string_view kept) {
  static_cast<duckdb_string_t*>(data_[column_])[row_] = string_of(kept);
  used_[column_] = true;
  ++column_;
}

// The entry of a list of `more` elements, with room for them in the child vector.
duckdb_list_entry* RowWriter::list_entry(std::size_t more) {
  auto* entry = static_cast<duckdb_list_entry*>(data_[column_]) + row_;
  entry->offset = list_sizes_[column_];
  entry->length = more;
  used_[column_] = true;
  list_sizes_[column_] += more;
  api().list_vector_reserve(vectors_[column_], list_sizes_[column_]);
  return entry;
}

void RowWriter::put(model::Texts texts) {
  if (texts.empty()) return put_null();
  const duckdb_list_entry* entry = list_entry(texts.size());
  auto* to = static_cast<duckdb_string_t*>(api().vector_get_data(api().list_vector_get_child(vectors_[column_]))) +
             entry->offset;
  for (const model::Text text : texts) {
    *to++ = string_of(is_plain(text) ? arena_.store(text) : encoded(text, arena_));
  }
  ++column_;
}

void RowWriter::put(std::span<const model::LineRef> lines) {
  if (lines.empty()) return put_null();
  const duckdb_list_entry* entry = list_entry(lines.size());
  auto* to = static_cast<std::uint64_t*>(api().vector_get_data(api().list_vector_get_child(vectors_[column_]))) +
             entry->offset;
  for (const model::LineRef& line : lines) *to++ = line_code(line);
  ++column_;
}

void RowWriter::append() {
  for (std::size_t i = 0; i < vectors_.size(); ++i) {
    if (list_sizes_[i] != 0) api().list_vector_set_size(vectors_[i], list_sizes_[i]);
  }
  if (facts_ != nullptr && !failure_) {
    if (const Result<Done> widened = widen(); !widened.ok()) fail(widened.error());
  }
  if (!failure_) {
    duckdb_data_chunk chunk = chunk_;
    if (facts_ != nullptr) {
      chunk = kept_chunk_;
      api().data_chunk_reset(chunk);
      for (std::size_t i = 0; i < there_.size(); ++i) {
        api().vector_reference_vector(api().data_chunk_get_vector(chunk, i), vectors_[there_[i]]);
      }
    }
    api().data_chunk_set_size(chunk, row_);
    if (api().append_data_chunk(appender_, chunk) != DuckDBSuccess) {
      fail(error_of(DUCKDB_ERROR_INVALID, api().appender_error(appender_), connection_.path(), "written"));
    }
  }
  api().data_chunk_reset(chunk_);
  arena_.clear();
  begin_chunk();
}

Result<Done> RowWriter::close() {
  if (row_ != 0) append();
  close_appender();
  if (failure_) return *failure_;
  return Done{};
}

}  // namespace mailtrail::store::duckdb
