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
#include <tuple>
#include <vector>

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
    std::map<int, std::uint64_t> delays;  // by bucket of DdSketch
    double longest = 0;
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
  const std::map<Place, Counts>& counts() const { return counts_; }

 private:
  void count_at(const SeriesRecipient& one, Bucket level, Dimension dimension, std::string_view key);

  HourDomains& domains_;
  const bool tail_;
  std::map<Place, Counts> counts_;
};

// The delays as they are kept, and added to a sketch. Bytes that make no sense add nothing.
std::string encoded_delays(const SeriesTally::Counts& counts);
void add_delays(std::string_view bytes, DdSketch& sketch);

constexpr Micros width_of(Bucket bucket) {
  return bucket == Bucket::kMinute ? kMinute : bucket == Bucket::kHour ? kHour : kDay;
}

}  // namespace mailtrail::store::duckdb
