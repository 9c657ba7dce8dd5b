#include "store/duckdb/row_chunk.h"

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

}  // namespace

duckdb_logical_type make_type(ColumnType type) {
  if (type != ColumnType::kTexts && type != ColumnType::kLines) return api().create_logical_type(type_number(type));
  duckdb_logical_type element =
      api().create_logical_type(type == ColumnType::kTexts ? DUCKDB_TYPE_VARCHAR : DUCKDB_TYPE_UBIGINT);
  const duckdb_logical_type list = api().create_list_type(element);
  api().destroy_logical_type(&element);
  return list;
}

RowChunk::RowChunk(std::span<const ColumnType> types)
    : vectors(types.size()), data(types.size()), validity(types.size()), list_sizes(types.size()), used(types.size()) {
  std::vector<duckdb_logical_type> logical;
  for (const ColumnType type : types) logical.push_back(make_type(type));
  chunk = api().create_data_chunk(logical.data(), logical.size());
  for (duckdb_logical_type& type : logical) api().destroy_logical_type(&type);
  clear();
}

RowChunk::~RowChunk() {
  api().destroy_data_chunk(&chunk);
}

void RowChunk::clear() {
  api().data_chunk_reset(chunk);
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    vectors[i] = api().data_chunk_get_vector(chunk, i);
    data[i] = api().vector_get_data(vectors[i]);
    validity[i] = nullptr;
    list_sizes[i] = 0;
    used[i] = false;
  }
  arena.clear();
  rows = 0;
}

void RowChunk::finish() {
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    if (list_sizes[i] != 0) api().list_vector_set_size(vectors[i], list_sizes[i]);
  }
  api().data_chunk_set_size(chunk, rows);
}

}  // namespace mailtrail::store::duckdb
