#include "store/duckdb/series_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/duckdb/series_tally.h"
#include "store/duckdb/text_code.h"

namespace mailtrail::store::duckdb {
namespace {

std::string condition_of(const SeriesQuery& query) {
  return " WHERE level = " + std::to_string(static_cast<int>(query.bucket)) +
         " AND dimension = " + std::to_string(static_cast<int>(query.dimension)) +
         " AND bucket >= " + std::to_string(query.since) + " AND bucket < " + std::to_string(query.until);
}

bool comes_before(const SeriesPoint& a, const SeriesPoint& b) {
  return a.bucket != b.bucket ? a.bucket < b.bucket : a.key < b.key;
}

}  // namespace

SeriesReader::SeriesReader(const Connection& connection, const SeriesQuery& query)
    : connection_(connection), condition_(condition_of(query)) {}

Result<Done> SeriesReader::load(const std::string& table) {
  rows_.clear();
  arena_.clear();
  Result<Rows> found =
      connection_.rows("SELECT bucket, key, recipients, attempts, delivered, delay FROM " + table + condition_);
  if (!found.ok()) return found.error();
  while (Chunk chunk = found->next()) {
    const auto count = [&](std::size_t column, std::size_t row) {
      return static_cast<std::uint64_t>(chunk.data<std::int64_t>(column)[row]);
    };
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      const std::string_view kept = chunk.text(1, row);
      const std::string_view key = decoded(kept, arena_);
      // What had to be decoded is in the arena by now.
      rows_.push_back({chunk.data<std::int64_t>(0)[row], key.data() == kept.data() ? arena_.store(key) : key,
                       count(2, row), count(3, row), count(4, row), arena_.store(chunk.text(5, row))});
    }
  }
  return Done{};
}

// Each commit wrote its rows in order: they are runs, which are merged two by two.
void SeriesReader::sort() {
  const auto before = [](const Row& a, const Row& b) { return a.is_before(b); };
  std::vector<std::size_t> begins = {0};
  for (std::size_t i = 1; i < rows_.size(); ++i) {
    if (before(rows_[i], rows_[i - 1])) begins.push_back(i);
  }
  std::vector<Row> merged;
  while (begins.size() > 1) {
    merged.clear();
    merged.reserve(rows_.size());
    std::vector<std::size_t> next;
    begins.push_back(rows_.size());
    const auto at = [&](std::size_t run) { return rows_.begin() + static_cast<std::ptrdiff_t>(begins[run]); };
    for (std::size_t run = 0; run + 1 < begins.size(); run += 2) {
      next.push_back(merged.size());
      const std::size_t last = std::min(run + 2, begins.size() - 1);
      std::merge(at(run), at(run + 1), at(run + 1), at(last), std::back_inserter(merged), before);
    }
    rows_.swap(merged);
    begins = std::move(next);
  }
}

void SeriesReader::add_rows() {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    if (i == 0 || rows_[i - 1].is_before(row)) {
      points_.emplace_back();
      points_.back().bucket = row.bucket;
      points_.back().key = row.key;
    }
    SeriesPoint& point = points_.back();
    point.recipients += row.recipients;
    point.attempts += row.attempts;
    point.delivered += row.delivered;
    add_delays(row.delay, point.delay);
  }
}

Result<Done> SeriesReader::add(const std::string& table) {
  if (const Result<Done> loaded = load(table); !loaded.ok()) return loaded;
  if (rows_.empty()) return Done{};
  sort();
  std::vector<SeriesPoint> before;
  const bool overlap = !points_.empty() && points_.back().bucket >= rows_.front().bucket;
  if (overlap) before.swap(points_);
  add_rows();
  if (!overlap) return Done{};
  const std::vector<SeriesPoint> added = std::exchange(points_, {});
  auto next = added.begin();
  for (SeriesPoint& point : before) {
    for (; next != added.end() && comes_before(*next, point); ++next) points_.push_back(*next);
    if (next != added.end() && !comes_before(point, *next)) {
      point.recipients += next->recipients;
      point.attempts += next->attempts;
      point.delivered += next->delivered;
      point.delay.add(next->delay);
      ++next;
    }
    points_.push_back(std::move(point));
  }
  points_.insert(points_.end(), next, added.end());
  return Done{};
}

}  // namespace mailtrail::store::duckdb
