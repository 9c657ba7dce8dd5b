#include "store/duckdb/series_tally.h"

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

void SeriesTally::count(const model::fact::Journey& journey) {
  for_each_series_recipient(journey, [&](const SeriesRecipient& one) {
    const std::string_view domain = domains_.key_of(begin_of(one.time, kHour), one.domain, tail_);
    for (const Bucket level : {Bucket::kMinute, Bucket::kHour, Bucket::kDay}) {
      count_at(one, level, Dimension::kNone, {});
      count_at(one, level, Dimension::kOutcome, model::word(one.outcome));
      count_at(one, level, Dimension::kReason, one.reason);
      count_at(one, level, Dimension::kProvider, one.provider);
      count_at(one, level, Dimension::kHost, one.host);
      if (level != Bucket::kMinute) count_at(one, level, Dimension::kDomain, domain);
    }
  });
}

void SeriesTally::count_at(const SeriesRecipient& one, Bucket level, Dimension dimension, std::string_view key) {
  Counts& counts = counts_[{level, dimension, begin_of(one.time, width_of(level)), std::string(key)}];
  ++counts.recipients;
  counts.attempts += one.attempts;
  counts.delivered += one.delivered ? 1 : 0;
  if (!one.delay) return;
  ++counts.delays[DdSketch::bucket_of(*one.delay)];
  counts.longest = std::max(counts.longest, *one.delay);
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

void add_delays(std::string_view bytes, DdSketch& sketch) {
  if (bytes.empty()) return;
  ByteReader in(bytes);
  if (in.number() != kVersion) return;
  const double longest = in.real();
  while (in.ok() && !in.finished()) {
    const std::uint64_t bucket = in.number();
    const std::uint64_t count = in.number();
    if (in.ok() && bucket <= DdSketch::kMostBuckets) sketch.add_bucket(static_cast<int>(bucket) - 1, count, longest);
  }
}

}  // namespace mailtrail::store::duckdb
