#include "base/time_zone.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>

namespace mailtrail {
namespace {

constexpr Micros at(int year, int month, int day, int hour = 0, int minute = 0, int second = 0, int micro = 0) {
  return micros_from_civil({year, month, day, hour, minute, second, micro});
}

TimeZone berlin() {
  auto zone = TimeZone::load("Europe/Berlin");
  if (!zone) throw std::runtime_error(zone.error().to_string());
  return *zone;
}

TEST(TimeZone, DefaultIsUtc) {
  const TimeZone utc;
  EXPECT_EQ(utc.name(), "UTC");
  EXPECT_EQ(utc.at_wall(at(2026, 11, 24, 3)).time, at(2026, 11, 24, 3));
}

TEST(TimeZone, SummerAndWinter) {
  const TimeZone zone = berlin();
  const auto winter = zone.at_wall(at(2026, 11, 24, 3, 0, 15, 5));
  EXPECT_EQ(winter.time, at(2026, 11, 24, 2, 0, 15, 5));
  EXPECT_EQ(winter.offset_minutes, 60);
  EXPECT_FALSE(winter.ambiguous || winter.skipped);
  EXPECT_EQ(zone.at_wall(at(2026, 7, 1, 12)).offset_minutes, 120);
  EXPECT_EQ(zone.offset_at(at(2026, 7, 1)), 120);
  EXPECT_EQ(zone.offset_at(at(2026, 1, 1)), 60);
}

TEST(TimeZone, ClocksBackGivesTheFirst) {
  const auto fold = berlin().at_wall(at(2026, 10, 25, 2, 30));
  EXPECT_TRUE(fold.ambiguous);
  EXPECT_EQ(fold.time, at(2026, 10, 25, 0, 30));
  EXPECT_EQ(fold.offset_minutes, 120);
  EXPECT_FALSE(berlin().at_wall(at(2026, 10, 25, 3)).ambiguous);
  EXPECT_FALSE(berlin().at_wall(at(2026, 10, 25, 1, 59, 59)).ambiguous);
}

TEST(TimeZone, ClocksForwardIsAsIfTheyHadNot) {
  const auto gap = berlin().at_wall(at(2026, 3, 29, 2, 30));
  EXPECT_TRUE(gap.skipped);
  EXPECT_EQ(gap.time, at(2026, 3, 29, 1, 30));
  EXPECT_EQ(gap.offset_minutes, 60);
}

TEST(TimeZone, FixedOffsets) {
  const auto zone = TimeZone::load("-03:30");
  ASSERT_TRUE(zone.ok());
  EXPECT_EQ(zone->at_wall(at(2026, 1, 1)).time, at(2026, 1, 1, 3, 30));
  EXPECT_EQ(zone->name(), "-03:30");
}

TEST(TimeZone, UnknownNamesAreErrors) {
  for (const char* name : {"", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "localtime", "+25:00", "+2:00"}) {
    const auto zone = TimeZone::load(name);
    ASSERT_FALSE(zone.ok()) << name;
    EXPECT_FALSE(zone.error().remedy.empty());
  }
}

TEST(TimeZone, SystemFollowsTheEnvironment) {
  ASSERT_EQ(setenv("TZ", ":Asia/Tokyo", 1), 0);
  EXPECT_EQ(TimeZone::system().name(), "Asia/Tokyo");
  ASSERT_EQ(setenv("TZ", "", 1), 0);
  EXPECT_EQ(TimeZone::system().name(), "UTC");
  ASSERT_EQ(unsetenv("TZ"), 0);
  EXPECT_FALSE(TimeZone::system().name().empty());
}

}  // namespace
}  // namespace mailtrail
