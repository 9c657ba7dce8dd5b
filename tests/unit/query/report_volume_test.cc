#include "query/report_volume.h"

#include <gtest/gtest.h>

#include <limits>

namespace mailtrail::query {
namespace {

const Micros kStart = *parse_timestamp("2026-11-23T10:00:00Z", 0);

std::uint64_t sum(const Volume& volume, Measure measure) {
  std::uint64_t sum = 0;
  for (const Measures& bucket : volume.buckets) sum += bucket[static_cast<std::size_t>(measure)];
  return sum;
}

TEST(VolumeSeries, IsEmptyAtFirst) {
  EXPECT_TRUE(VolumeSeries().volume(TimeZone(), 100).buckets.empty());
}

TEST(VolumeSeries, CountsByMinuteWhileTheSpanIsShort) {
  VolumeSeries series;
  series.add(kStart + 10 * kSecond, Measure::kJourneys);
  series.add(kStart + 59 * kSecond, Measure::kJourneys);
  series.add(kStart + 5 * kMinute, Measure::kRefused, 7);
  const Volume volume = series.volume(TimeZone(), 100);
  EXPECT_EQ(volume.unit, kMinute);
  EXPECT_EQ(volume.first_wall, kStart);
  ASSERT_EQ(volume.buckets.size(), 6u);
  EXPECT_EQ(volume.buckets[0][0], 2u);
  EXPECT_EQ(volume.buckets[5][static_cast<std::size_t>(Measure::kRefused)], 7u);
}

TEST(VolumeSeries, ChoosesTheWidthByTheSpan) {
  struct Case {
    Micros span, unit;
  };
  for (const Case& one : {Case{60 * kMinute, kMinute}, Case{9 * kHour, 10 * kMinute}, Case{2 * kDay, kHour},
                          Case{60 * kDay, kDay}, Case{400 * kDay, 7 * kDay}}) {
    VolumeSeries series;
    series.add(kStart, Measure::kJourneys);
    series.add(kStart + one.span, Measure::kJourneys);
    const Volume volume = series.volume(TimeZone(), 70);
    EXPECT_EQ(volume.unit, one.unit) << one.span / kHour << " h";
    EXPECT_LE(volume.buckets.size(), 70u);
    EXPECT_EQ(sum(volume, Measure::kJourneys), 2u);
  }
}

TEST(VolumeSeries, CoarsensInPlaceAndLosesNothing) {
  VolumeSeries series;
  for (int i = 0; i < 200; ++i) series.add(kStart + i * kDay, Measure::kDelivered);
  EXPECT_EQ(series.unit(), 15 * kMinute);
  for (int i = 0; i < 50; ++i) series.add(kStart - i * 365 * kDay, Measure::kDelivered);
  EXPECT_EQ(series.unit(), kDay);
  EXPECT_EQ(sum(series.volume(TimeZone(), 100), Measure::kDelivered), 250u);
}

TEST(VolumeSeries, HoldsAnyTime) {
  VolumeSeries series;
  series.add(kStart, Measure::kJourneys);
  series.add(*parse_timestamp("0001-01-01T00:00:00Z", 0), Measure::kJourneys);
  series.add(*parse_timestamp("9999-12-31T23:59:59Z", 0), Measure::kJourneys);
  const Volume volume = series.volume(TimeZone(), 60);
  EXPECT_LE(volume.buckets.size(), 60u);
  EXPECT_EQ(sum(volume, Measure::kJourneys), 3u);
}

TEST(VolumeSeries, DaysBeginAtMidnightOfTheZoneAlsoWhereClocksChange) {
  const TimeZone berlin = TimeZone::load("Europe/Berlin").value();
  VolumeSeries series;
  // The clocks went back on 25 October 2026.
  series.add(*parse_timestamp("2026-10-24T23:59:00+02:00", 0), Measure::kJourneys);
  series.add(*parse_timestamp("2026-10-25T00:00:00+02:00", 0), Measure::kJourneys);
  series.add(*parse_timestamp("2026-10-25T23:59:00+01:00", 0), Measure::kJourneys);
  series.add(*parse_timestamp("2026-10-26T00:00:00+01:00", 0), Measure::kJourneys);
  const Volume volume = series.volume(berlin, 3);
  EXPECT_EQ(volume.unit, kDay);
  ASSERT_EQ(volume.buckets.size(), 3u);
  EXPECT_EQ(volume.buckets[0][0], 1u);
  EXPECT_EQ(volume.buckets[1][0], 2u);
  EXPECT_EQ(volume.buckets[2][0], 1u);
}

TEST(Volume, CoarsenedJoinsNeighbours) {
  VolumeSeries series;
  for (int i = 0; i < 120; ++i) series.add(kStart + i * kMinute, Measure::kFailed);
  const Volume fine = series.volume(TimeZone(), 400);
  EXPECT_EQ(fine.buckets.size(), 120u);
  const Volume coarse = fine.coarsened(20);
  EXPECT_EQ(coarse.unit, 10 * kMinute);
  EXPECT_EQ(coarse.buckets.size(), 12u);
  EXPECT_EQ(sum(coarse, Measure::kFailed), 120u);
}

}  // namespace
}  // namespace mailtrail::query
