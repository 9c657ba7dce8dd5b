#include "query/report_volume.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace mailtrail::query {
namespace {

constexpr std::size_t kMostSlots = 65'536;
// Each a multiple of the one before. All zones in use stand at a multiple of 15 minutes from UTC.
constexpr std::array<Micros, 6> kKept = {kMinute, 15 * kMinute, kHour, kDay, 7 * kDay, 16 * 7 * kDay};
constexpr std::array<Micros, 13> kShown = {kMinute,      5 * kMinute,   10 * kMinute, 30 * kMinute, kHour,
                                           3 * kHour,    6 * kHour,     12 * kHour,   kDay,         7 * kDay,
                                           4 * 7 * kDay, 16 * 7 * kDay, 52 * 7 * kDay};
// 1970-01-01 was a Thursday; weeks begin on Monday.
constexpr Micros kMonday = 4 * kDay;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

Micros begin_of(Micros wall, Micros unit) {
  const Micros origin = unit >= 7 * kDay ? kMonday : 0;
  return floor_div(wall - origin, unit) * unit + origin;
}

// How many buckets of `unit` the span from `first` to `last` (both included) touches.
std::size_t bucket_count(Micros first, Micros last, Micros unit) {
  return static_cast<std::size_t>((begin_of(last, unit) - begin_of(first, unit)) / unit) + 1;
}

// The least width of kShown, `least` or wider, that makes at most `limit` buckets; else the widest times a power of
// two.
Micros width_for(Micros first, Micros last, Micros least, std::size_t limit) {
  for (const Micros unit : kShown) {
    if (unit >= least && bucket_count(first, last, unit) <= limit) return unit;
  }
  Micros unit = kShown.back();
  while (unit < std::numeric_limits<Micros>::max() / 4 && bucket_count(first, last, unit) > limit) unit *= 2;
  return unit;
}

void add_to(Measures& sum, const Measures& part) {
  for (std::size_t i = 0; i < kMeasureCount; ++i) sum[i] += part[i];
}

}  // namespace

Volume Volume::coarsened(std::size_t limit) const {
  if (buckets.size() <= std::max<std::size_t>(limit, 1)) return *this;
  const Micros last = first_wall + static_cast<Micros>(buckets.size() - 1) * unit;
  Volume coarse;
  coarse.unit = width_for(first_wall, last, unit, std::max<std::size_t>(limit, 1));
  coarse.first_wall = begin_of(first_wall, coarse.unit);
  coarse.buckets.resize(bucket_count(first_wall, last, coarse.unit));
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const Micros at = begin_of(first_wall + static_cast<Micros>(i) * unit, coarse.unit);
    add_to(coarse.buckets[static_cast<std::size_t>((at - coarse.first_wall) / coarse.unit)], buckets[i]);
  }
  return coarse;
}

Micros VolumeSeries::unit() const {
  return kKept[step_];
}

void VolumeSeries::add(Micros time, Measure measure, std::uint64_t weight) {
  // Most counts fall into the bucket of the one before.
  if (static_cast<std::uint64_t>(time) - last_.begin >= last_.size) {
    Measures& found = slot(floor_div(time, kKept[step_]));
    last_.slot = static_cast<std::size_t>(&found - slots_.data());
    last_.size = static_cast<std::uint64_t>(kKept[step_]);
    last_.begin = (static_cast<std::uint64_t>(first_) + last_.slot) * last_.size;
  }
  slots_[last_.slot][static_cast<std::size_t>(measure)] += weight;
}

Measures& VolumeSeries::slot(std::int64_t index) {
  if (slots_.empty()) first_ = index;
  // The last width takes any time that Micros can hold.
  while (index < first_ || index >= first_ + static_cast<std::int64_t>(slots_.size())) {
    const std::int64_t first = std::min(index, first_);
    const std::int64_t end = std::max(index + 1, first_ + static_cast<std::int64_t>(slots_.size()));
    if (static_cast<std::uint64_t>(end - first) > kMostSlots && step_ + 1 < kKept.size()) {
      const Micros factor = kKept[step_ + 1] / kKept[step_];
      coarsen();
      index = floor_div(index, factor);
      continue;
    }
    if (first < first_) slots_.insert(slots_.begin(), static_cast<std::size_t>(first_ - first), Measures{});
    first_ = first;
    slots_.resize(static_cast<std::size_t>(end - first));
  }
  return slots_[static_cast<std::size_t>(index - first_)];
}

void VolumeSeries::coarsen() {
  const Micros factor = kKept[step_ + 1] / kKept[step_];
  const std::int64_t first = floor_div(first_, factor);
  std::size_t used = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto to = static_cast<std::size_t>(floor_div(first_ + static_cast<std::int64_t>(i), factor) - first);
    if (to != i) {
      const Measures part = std::exchange(slots_[i], Measures{});
      add_to(slots_[to], part);
    }
    used = to + 1;
  }
  slots_.resize(used);
  first_ = first;
  ++step_;
}

Volume VolumeSeries::volume(const TimeZone& zone, std::size_t limit) const {
  Volume fine;
  if (slots_.empty()) return fine;
  const auto wall_at = [&](std::size_t i) {
    const Micros time = (first_ + static_cast<std::int64_t>(i)) * unit();
    return time + zone.offset_at(time) * kMinute;
  };
  Micros first = std::numeric_limits<Micros>::max();
  Micros last = std::numeric_limits<Micros>::min();
  const auto is_empty = [](const Measures& slot) {
    return std::all_of(slot.begin(), slot.end(), [](std::uint64_t n) { return n == 0; });
  };
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (is_empty(slots_[i])) continue;
    first = std::min(first, wall_at(i));
    last = std::max(last, wall_at(i));
  }
  if (first > last) return fine;
  fine.unit = width_for(first, last, unit(), std::max<std::size_t>(limit, 1));
  fine.first_wall = begin_of(first, fine.unit);
  fine.buckets.resize(bucket_count(first, last, fine.unit));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (is_empty(slots_[i])) continue;
    add_to(fine.buckets[static_cast<std::size_t>((begin_of(wall_at(i), fine.unit) - fine.first_wall) / fine.unit)],
           slots_[i]);
  }
  return fine;
}

}  // namespace mailtrail::query
