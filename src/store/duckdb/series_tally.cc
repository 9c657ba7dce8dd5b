#include "store/duckdb/series_tally.h"

#include <algorithm>

#include "base/byte_stream.h"
#include "model/vocabulary.h"

namespace mailtrail::store::duckdb {
namespace {

constexpr std::uint64_t kVersion = 1;

}  // namespace

std::string_view HourDomains::key_of(Micros hour, std::string_view domain, bool tail) {
  if (domain.empty()) return {};
  auto found = settled_.find(hour);
  if (found == settled_.end()) found = settled_.emplace(hour, load_(hour)).first;
  auto& settled = found->second;
  if (const auto known = settled.find(domain); known != settled.end()) return *known;
  auto& own = tail ? tail_[hour] : settled;
  if (const auto known = own.find(domain); known != own.end()) return *known;
  const std::size_t apart = settled.size() + (tail ? own.size() : 0);
  if (apart >= kMostDomains) return kOtherDomains;
  return *own.emplace(domain).first;
}

void SeriesTally::Counts::add_delay(int bucket, std::uint64_t count) {
  const auto place = std::lower_bound(delays.begin(), delays.end(), bucket,
                                      [](const auto& one, int wanted) { return one.first < wanted; });
  if (place != delays.end() && place->first == bucket) {
    place->second += count;
  } else {
    delays.insert(place, {bucket, count});
  }
}

void SeriesTally::Counts::add(const Counts& other) {
  recipients += other.recipients;
  attempts += other.attempts;
  delivered += other.delivered;
  for (const auto& [bucket, count] : other.delays) add_delay(bucket, count);
  longest = std::max(longest, other.longest);
}

void SeriesTally::count(const model::fact::Journey& journey) {
  for_each_series_recipient(journey, [&](const SeriesRecipient& one) {
    const Micros minute = begin_of(one.time, kMinute), hour = begin_of(one.time, kHour);
    count_at(one, {Dimension::kNone, minute, {}});
    count_at(one, {Dimension::kOutcome, minute, model::word(one.outcome)});
    count_at(one, {Dimension::kReason, minute, one.reason});
    count_at(one, {Dimension::kProvider, minute, one.provider});
    count_at(one, {Dimension::kHost, minute, one.host});
    count_at(one, {Dimension::kDomain, hour, domains_.key_of(hour, one.domain, tail_)});
  });
}

void SeriesTally::count_at(const SeriesRecipient& one, const CellView& cell) {
  auto found = counts_.find(cell);
  if (found == counts_.end()) {
    found = counts_.try_emplace(Cell{cell.dimension, cell.bucket, std::string(cell.key)}).first;
  }
  Counts& counts = found->second;
  ++counts.recipients;
  counts.attempts += one.attempts;
  counts.delivered += one.delivered ? 1 : 0;
  if (!one.delay) return;
  counts.add_delay(DdSketch::bucket_of(*one.delay), 1);
  counts.longest = std::max(counts.longest, *one.delay);
}

std::map<SeriesTally::Place, SeriesTally::Counts> SeriesTally::counts() const {
  std::map<Place, Counts> all;
  for (const auto& [cell, counts] : counts_) {
    for (const Bucket level : {Bucket::kMinute, Bucket::kHour, Bucket::kDay}) {
      if (level == Bucket::kMinute && cell.dimension == Dimension::kDomain) continue;
      all[{level, cell.dimension, begin_of(cell.bucket, width_of(level)), cell.key}].add(counts);
    }
  }
  return all;
}

std::string encoded_delays(const SeriesTally::Counts& counts) {
  std::string bytes;
  if (counts.delays.empty()) return bytes;
  ByteWriter out(bytes);
  out.number(kVersion);
  out.real(counts.longest);
  for (const auto& [bucket, count] : counts.delays) {
    out.number(static_cast<std::uint64_t>(bucket + 1));
    out.number(count);
  }
  return bytes;
}

void add_delays(std::string_view bytes, DelayCounts& delays) {
  if (bytes.empty()) return;
  ByteReader in(bytes);
  if (in.number() != kVersion) return;
  const double longest = in.real();
  while (in.ok() && !in.finished()) {
    const std::uint64_t bucket = in.number();
    const std::uint64_t count = in.number();
    if (in.ok() && bucket <= DdSketch::kMostBuckets) delays.add_bucket(static_cast<int>(bucket) - 1, count, longest);
  }
}

}  // namespace mailtrail::store::duckdb
