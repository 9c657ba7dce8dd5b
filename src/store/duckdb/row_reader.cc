#include "store/duckdb/row_reader.h"

#include <algorithm>

namespace mailtrail::store::duckdb {

std::vector<int> column_places(Table table, const Rows& rows) {
  const std::vector<std::string> names = rows.columns();
  const auto place_of = [&](std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? -1 : static_cast<int>(found - names.begin());
  };
  std::vector<int> places = {place_of("no")};
  for (const Column& column : columns_of(table)) places.push_back(place_of(column.name));
  return places;
}

RowFiller::RowFiller(const Chunk& chunk, std::span<const int> places, Arena& arena) : arena_(arena) {
  for (const int place : places) {
    const bool there = place >= 0;
    vectors_.push_back(there ? chunk.column(static_cast<std::size_t>(place)) : nullptr);
    data_.push_back(there ? api().vector_get_data(vectors_.back()) : nullptr);
    validity_.push_back(there ? api().vector_get_validity(vectors_.back()) : nullptr);
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
