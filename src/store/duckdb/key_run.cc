#include "store/duckdb/key_run.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "store/duckdb/fact_table.h"
#include "store/duckdb/row_load.h"

namespace mailtrail::store::duckdb {

// By the hash; keys of one hash stay in the order of their numbers, in which they came.
void KeyRun::sort() {
  constexpr int kBits = 11, kHashBits = 32;
  constexpr std::size_t kBuckets = std::size_t{1} << kBits;
  std::vector<std::uint64_t> other(keys_.size());
  for (int shift = kHashBits; shift < 64; shift += kBits) {
    std::array<std::uint32_t, kBuckets> places{};
    for (const std::uint64_t key : keys_) ++places[key >> shift & (kBuckets - 1)];
    std::uint32_t next = 0;
    for (std::uint32_t& place : places) next += std::exchange(place, next);
    for (const std::uint64_t key : keys_) other[places[key >> shift & (kBuckets - 1)]++] = key;
    keys_.swap(other);
  }
}

Result<Done> KeyRun::write(const Connection& connection, const std::string& table, std::optional<std::int64_t> day) {
  sort();
  const Result<Done> made =
      connection.run("CREATE TABLE IF NOT EXISTS " + table + " (hash UINTEGER NOT NULL, no BIGINT NOT NULL)");
  if (!made.ok()) return made;
  RowLoad load(connection, table, {ColumnType::kUint32, ColumnType::kInt64});
  for (std::size_t at = 0; at < keys_.size();) {
    std::unique_ptr<RowChunk> chunk = load.spare();
    auto* const hashes = static_cast<std::uint32_t*>(chunk->data[0]);
    auto* const numbers = static_cast<std::int64_t*>(chunk->data[1]);
    std::size_t& row = chunk->rows;
    for (; row < RowChunk::kRows && at < keys_.size(); ++row, ++at) {
      hashes[row] = static_cast<std::uint32_t>(keys_[at] >> 32);
      numbers[row] = first_ + static_cast<std::uint32_t>(keys_[at]);
    }
    chunk->finish();
    if (const Result<Done> taken = load.take(std::move(chunk)); !taken.ok()) return taken;
  }
  const std::size_t count = keys_.size();
  keys_ = {};
  if (const Result<Done> finished = load.finish(); !finished.ok() || !day || count < kNoted) return finished;
  return connection.run("INSERT INTO sorted_keys VALUES (" + std::to_string(*day) + ", " + std::to_string(count) + ")");
}

}  // namespace mailtrail::store::duckdb
