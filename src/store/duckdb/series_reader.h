// SeriesReader: the points of a series, from the tables that series_tally.h tells of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "store/duckdb/connection.h"
#include "store/store.h"

namespace mailtrail::store::duckdb {

// Reads in the transaction of `connection`, which MUST be open. The tables MUST be given in the order of their days;
// that of the tail, whose buckets may be any, last.
class SeriesReader {
 public:
  SeriesReader(const Connection& connection, const SeriesQuery& query);

  // Adds the counts of a table that exists.
  Result<Done> add(const std::string& table);
  // Points in the order of bucket and key. MUST be called once, last.
  std::vector<SeriesPoint> points() { return std::move(points_); }

 private:
  // A row of a table; its texts are in the arena.
  struct Row {
    Micros bucket = 0;
    std::string_view key;
    std::uint64_t recipients = 0, attempts = 0, delivered = 0;
    std::string_view delay;

    bool is_before(const Row& other) const { return bucket != other.bucket ? bucket < other.bucket : key < other.key; }
  };

  Result<Done> load(const std::string& table);
  void sort();
  void add_rows();

  const Connection& connection_;
  const std::string condition_;
  std::vector<Row> rows_;  // of one table
  Arena arena_;
  std::vector<SeriesPoint> points_;
};

}  // namespace mailtrail::store::duckdb
