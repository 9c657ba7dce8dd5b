// SeriesTally: what a series counts, of the facts of one commit; and how it is kept.
//
// `series_DAY` and `tail_series` have a row for each bucket, dimension and key of each commit that counted there; rows
// of one place add up:
//   level UTINYINT      0 minute, 1 hour, 2 day (store::Bucket)
//   dimension UTINYINT  store::Dimension
//   bucket BIGINT       its beginning, microseconds UTC
//   key VARCHAR         NULL where the fact states none
//   recipients, attempts, delivered BIGINT
//   delay BLOB          NULL where there is none: version 1, maximum (8 bytes), then bucket of DdSketch + 1 and count
//   of
//                       each that is not empty (base/byte_stream.h)
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "model/fact.h"
#include "store/series_recipients.h"
#include "store/store.h"

namespace mailtrail::store::duckdb {

// The domains that are told apart in each hour: the first that came. `load` gives those of an hour that are kept.
class HourDomains {
 public:
  using Load = std::function<std::set<std::string, std::less<>>(Micros hour)>;
  explicit HourDomains(Load load) : load_(std::move(load)) {}

  // The key under which the domain is counted. `tail`: noted apart, until `forget_tail`.
  std::string_view key_of(Micros hour, std::string_view domain, bool tail);
  void forget_tail() { tail_.clear(); }
  // What was noted is kept by now, or never will be: it is loaded anew.
  void forget() {
    settled_.clear();
    tail_.clear();
  }

 private:
  using Domains = std::map<Micros, std::set<std::string, std::less<>>>;
  Load load_;
  Domains settled_, tail_;
};

class SeriesTally {
 public:
  SeriesTally(HourDomains& domains, bool tail) : domains_(domains), tail_(tail) {}

  struct Counts {
    std::uint64_t recipients = 0, attempts = 0, delivered = 0;
    std::vector<std::pair<int, std::uint64_t>> delays;  // by bucket of DdSketch, in their order
    double longest = 0;

    void add_delay(int bucket, std::uint64_t count);
    void add(const Counts& other);
  };
  struct Place {
    Bucket level;
    Dimension dimension;
    Micros bucket;
    std::string key;
    auto operator<=>(const Place&) const = default;
  };

  void count(const model::fact::Journey& journey);
  void clear() { counts_.clear(); }
  // All places of all levels, in their order.
  std::map<Place, Counts> counts() const;

 private:
  // By the minute; domains by the hour. The other levels are sums of these.
  struct Cell {
    Dimension dimension;
    Micros bucket;
    std::string key;
  };
  struct CellView {
    Dimension dimension;
    Micros bucket;
    std::string_view key;
    CellView(Dimension of, Micros at, std::string_view text) : dimension(of), bucket(at), key(text) {}
    CellView(const Cell& cell) : dimension(cell.dimension), bucket(cell.bucket), key(cell.key) {}
    bool operator==(const CellView&) const = default;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const CellView& cell) const {
      return hash_bytes(cell.key, static_cast<std::uint64_t>(cell.bucket) + static_cast<std::uint64_t>(cell.dimension));
    }
  };
  struct Same {
    using is_transparent = void;
    bool operator()(const CellView& a, const CellView& b) const { return a == b; }
  };

  void count_at(const SeriesRecipient& one, const CellView& cell);

  HourDomains& domains_;
  const bool tail_;
  std::unordered_map<Cell, Counts, Hash, Same> counts_;
};

// The delays as they are kept, and added to others. Bytes that make no sense add nothing.
std::string encoded_delays(const SeriesTally::Counts& counts);
void add_delays(std::string_view bytes, DelayCounts& delays);

constexpr Micros width_of(Bucket bucket) {
  return bucket == Bucket::kMinute ? kMinute : bucket == Bucket::kHour ? kHour : kDay;
}

}  // namespace mailtrail::store::duckdb
