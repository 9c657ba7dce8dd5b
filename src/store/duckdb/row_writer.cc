#include "store/duckdb/row_writer.h"

#include <utility>

namespace mailtrail::store::duckdb {
namespace {

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

RowWriter::RowWriter(AppendQueue& queue, std::shared_ptr<RowLoad> load)
    : queue_(queue), load_(std::move(load)), blank_(load_->types().size()) {
  const std::vector<Column>* facts = load_->facts();
  for (std::size_t i = 0; facts != nullptr && i < facts->size(); ++i) blank_[i + 1] = (*facts)[i].blank;
  begin_chunk();
}

RowWriter::RowWriter(AppendQueue& queue, const Connection& connection, std::string table,
                     std::span<const ColumnType> types)
    : RowWriter(queue, std::make_shared<RowLoad>(connection, std::move(table),
                                                 std::vector<ColumnType>(types.begin(), types.end()))) {}

RowWriter::RowWriter(AppendQueue& queue, const Connection& connection, std::string table, Table kind)
    : RowWriter(queue, std::make_shared<RowLoad>(connection, std::move(table), kind)) {}

void RowWriter::begin_chunk() {
  chunk_ = load_->spare();
  data_ = chunk_->data.data();
  used_ = chunk_->used.data();
  row_ = 0;
}

void RowWriter::put_null() {
  std::uint64_t*& validity = chunk_->validity[column_];
  if (validity == nullptr) {
    api().vector_ensure_validity_writable(chunk_->vectors[column_]);
    validity = api().vector_get_validity(chunk_->vectors[column_]);
  }
  validity[row_ / 64] &= ~(std::uint64_t{1} << (row_ % 64));
  ++column_;
}

void RowWriter::put_text(std::string_view kept) {
  static_cast<duckdb_string_t*>(data_[column_])[row_] = string_of(kept);
  used_[column_] = true;
  ++column_;
}

// The entry of a list of `more` elements, with room for them in the child vector.
duckdb_list_entry* RowWriter::list_entry(std::size_t more) {
  std::size_t& size = chunk_->list_sizes[column_];
  auto* entry = static_cast<duckdb_list_entry*>(data_[column_]) + row_;
  entry->offset = size;
  entry->length = more;
  used_[column_] = true;
  size += more;
  api().list_vector_reserve(chunk_->vectors[column_], size);
  return entry;
}

void RowWriter::put(model::Texts texts) {
  if (texts.empty()) return put_null();
  const duckdb_list_entry* entry = list_entry(texts.size());
  const duckdb_vector child = api().list_vector_get_child(chunk_->vectors[column_]);
  auto* to = static_cast<duckdb_string_t*>(api().vector_get_data(child)) + entry->offset;
  for (const model::Text text : texts) {
    *to++ = string_of(is_plain(text) ? chunk_->arena.store(text) : encoded(text, chunk_->arena));
  }
  ++column_;
}

void RowWriter::put(std::span<const model::LineRef> lines) {
  if (lines.empty()) return put_null();
  const duckdb_list_entry* entry = list_entry(lines.size());
  const duckdb_vector child = api().list_vector_get_child(chunk_->vectors[column_]);
  auto* to = static_cast<std::uint64_t*>(api().vector_get_data(child)) + entry->offset;
  for (const model::LineRef& line : lines) *to++ = line_code(line);
  ++column_;
}

void RowWriter::append() {
  chunk_->rows = row_;
  chunk_->finish();
  // A std::function is copied: what it holds must be, too.
  auto chunk = std::make_shared<std::unique_ptr<RowChunk>>(std::move(chunk_));
  queue_.post([load = load_, chunk] { return load->take(std::move(*chunk)); });
  begin_chunk();
}

void RowWriter::close() {
  if (row_ != 0) append();
  queue_.post([load = std::move(load_)] { return load->finish(); });
}

}  // namespace mailtrail::store::duckdb
