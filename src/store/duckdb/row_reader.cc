#include "store/duckdb/row_reader.h"

namespace mailtrail::store::duckdb {

std::string column_list(Table table) {
  std::string list = "no";
  for (const Column& column : columns_of(table)) list += ", \"" + std::string(column.name) + "\"";
  return list;
}

RowFiller::RowFiller(const Chunk& chunk, Arena& arena) : arena_(arena) {
  const std::size_t columns = chunk.columns();
  for (std::size_t i = 0; i < columns; ++i) {
    vectors_.push_back(chunk.column(i));
    data_.push_back(api().vector_get_data(vectors_[i]));
    validity_.push_back(api().vector_get_validity(vectors_[i]));
  }
}

void RowFiller::get(model::Texts& texts) {
  const duckdb_list_entry entry = static_cast<const duckdb_list_entry*>(data_[column_])[row_];
  const void* data = api().vector_get_data(api().list_vector_get_child(vectors_[column_]));
  auto* list = static_cast<model::Text*>(arena_.allocate(sizeof(model::Text) * entry.length, alignof(model::Text)));
  for (std::size_t i = 0; i < entry.length; ++i) {
    new (list + i) model::Text(decoded(text_at(data, entry.offset + i), arena_));
  }
  texts = {list, static_cast<std::size_t>(entry.length)};
}

void RowFiller::get(std::span<const model::LineRef>& lines) {
  const duckdb_list_entry entry = static_cast<const duckdb_list_entry*>(data_[column_])[row_];
  const auto* codes =
      static_cast<const std::uint64_t*>(api().vector_get_data(api().list_vector_get_child(vectors_[column_])));
  auto* list =
      static_cast<model::LineRef*>(arena_.allocate(sizeof(model::LineRef) * entry.length, alignof(model::LineRef)));
  for (std::size_t i = 0; i < entry.length; ++i) new (list + i) model::LineRef(line_of(codes[entry.offset + i]));
  lines = {list, static_cast<std::size_t>(entry.length)};
}

}  // namespace mailtrail::store::duckdb
