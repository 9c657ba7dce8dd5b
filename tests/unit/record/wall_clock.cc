#include "record/wall_clock.h"

#include <gtest/gtest.h>

namespace mailtrail::record {
namespace {

constexpr Micros at(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return micros_from_civil({year, month, day, hour, minute, second, 0});
}
constexpr Micros wall(int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return at(kYearlessYear, month, day, hour, minute, second);
}

TimeZone berlin() {
  return TimeZone::load("Europe/Berlin").value();
}

int year_of(WallClock& clock, Micros time) {
  return civil_from_micros(clock.settle(time, 0, 0, true, true).time).year;
}

TEST(InferFirstYear, TakesTheLatestYearThatIsNotInTheFuture) {
  // Last written in November 2026.
  EXPECT_EQ(infer_first_year({wall(11, 1), wall(11, 24), 0, at(2026, 11, 24, 1), {}}), 2026);
  // A file of December that was last changed in January is of the year before.
  EXPECT_EQ(infer_first_year({wall(12, 1), wall(12, 31), 0, at(2026, 1, 3), {}}), 2025);
  // It was copied much later: the latest year that fits is all that can be said.
  EXPECT_EQ(infer_first_year({wall(3, 1), wall(3, 31), 0, at(2026, 11, 24), {}}), 2026);
}

TEST(InferFirstYear, AllowsForZonesAndClocksThatDiffer) {
  EXPECT_EQ(infer_first_year({wall(11, 24), wall(11, 25, 13), 0, at(2026, 11, 24), {}}), 2026);
  EXPECT_EQ(infer_first_year({wall(11, 24), wall(11, 27), 0, at(2026, 11, 24), {}}), 2025);
  // The wall is ahead of UTC at New Year.
  EXPECT_EQ(infer_first_year({wall(12, 31), wall(1, 1, 1), 1, at(2025, 12, 31, 23), {}}), 2025);
}

TEST(InferFirstYear, CountsNewYearsBack) {
  EXPECT_EQ(infer_first_year({wall(12, 20), wall(1, 10), 1, at(2026, 1, 10), {}}), 2025);
  EXPECT_EQ(infer_first_year({wall(6, 1), wall(3, 1), 3, at(2026, 3, 1), {}}), 2023);
}

TEST(InferFirstYear, WithoutTheLastLineTakesTheFirst) {
  EXPECT_EQ(infer_first_year({wall(11, 1), {}, 0, at(2026, 11, 24), {}}), 2026);
  EXPECT_EQ(infer_first_year({wall(12, 1), {}, 0, at(2026, 11, 24), {}}), 2025);
}

TEST(InferFirstYear, ALeapDayNeedsALeapYear) {
  EXPECT_EQ(infer_first_year({wall(2, 28), wall(3, 1), 0, at(2026, 11, 24), 0}), 2024);
  // The leap day came after one new year: the file begins in the year before a leap year.
  EXPECT_EQ(infer_first_year({wall(12, 1), wall(3, 1), 1, at(2026, 11, 24), 1}), 2023);
  // 1900 was none.
  EXPECT_EQ(infer_first_year({wall(2, 29), wall(2, 29), 0, at(1903, 6, 1), 0}), 1896);
}

TEST(InferFirstYear, HostileCountsStayInRange) {
  EXPECT_EQ(infer_first_year({wall(1, 1), wall(1, 1), 2'000'000'000, at(2026, 1, 1), 2'000'000'000}), 0);
  EXPECT_EQ(infer_first_year({wall(1, 1), wall(1, 1), -5, at(2026, 6, 1), -5}), 2024);
}

TEST(NewYearCount, TellsNewYearsLateLinesAndSilences) {
  NewYearCount count;
  EXPECT_EQ(count.see(wall(12, 31, 23, 59, 59)), 0);
  EXPECT_EQ(count.see(wall(1, 1)), 1);
  EXPECT_EQ(count.see(wall(12, 31, 23, 59, 59)), 0);  // late
  EXPECT_EQ(count.see(wall(1, 1, 0, 0, 1)), 1);
  EXPECT_EQ(count.last(), wall(1, 1, 0, 0, 1));
  EXPECT_EQ(count.see(wall(10, 1)), 1);  // a silence
  EXPECT_EQ(count.see(wall(8, 1)), 1);   // late within the year
  EXPECT_EQ(count.see(wall(1, 15)), 2);  // the next year
  EXPECT_EQ(count.years(), 2);
}

TEST(NewYearCount, ALateFirstLineBeforeTheFirstYear) {
  NewYearCount count;
  EXPECT_EQ(count.see(wall(1, 1)), 0);
  EXPECT_EQ(count.see(wall(12, 31)), -1);
}

TEST(WallClock, MovesOverSeveralYears) {
  WallClock clock(TimeZone(), 2020);
  for (int year = 2020; year < 2030; ++year) {
    for (int month = 1; month <= 12; ++month) ASSERT_EQ(year_of(clock, wall(month, 28)), year) << month;
  }
}

TEST(WallClock, LeapDayInALeapYear) {
  WallClock clock(TimeZone(), 2024);
  EXPECT_EQ(clock.settle(wall(2, 29, 12), 0, 0, true, true).time, at(2024, 2, 29, 12));
}

TEST(WallClock, NotesWhatIsInferred) {
  WallClock clock(berlin(), 2026);
  const auto yearless = clock.settle(wall(11, 24, 3), 0, 0, true, true);
  EXPECT_EQ(yearless.time, at(2026, 11, 24, 2));
  EXPECT_EQ(yearless.offset_minutes, 60);
  EXPECT_EQ(yearless.notes, kYearInferred | kZoneAssumed);
  // The same hour again, which comes from memory.
  const auto again = clock.settle(wall(11, 24, 3, 59, 59), 0, kReceived, true, true);
  EXPECT_EQ(again.time, at(2026, 11, 24, 2, 59, 59));
  EXPECT_EQ(again.notes, kYearInferred | kZoneAssumed | kReceived);
  // A stated year in the same hour of the clock must not be answered from the memory of yearless ones, nor back.
  const auto stated = clock.settle(wall(11, 24, 3), 0, 0, true, false);
  EXPECT_EQ(stated.time, at(kYearlessYear, 11, 24, 2));
  EXPECT_EQ(stated.notes, kZoneAssumed);
}

TEST(WallClock, WhatStatesItsZoneIsGivenBack) {
  WallClock clock(berlin(), 2026);
  const auto settled = clock.settle(at(2026, 11, 24, 3), -210, kReceived, false, false);
  EXPECT_EQ(settled.time, at(2026, 11, 24, 3));
  EXPECT_EQ(settled.offset_minutes, -210);
  EXPECT_EQ(settled.notes, kReceived);
}

TEST(WallClock, AStatedYearMovesTheYear) {
  WallClock clock(TimeZone(), 2020);
  EXPECT_EQ(year_of(clock, wall(11, 24)), 2020);
  clock.settle(at(2026, 11, 24, 3), 0, 0, false, false);
  EXPECT_EQ(year_of(clock, wall(11, 24)), 2026);
  clock.settle(at(2029, 12, 31, 23), 0, 0, true, false);
  EXPECT_EQ(year_of(clock, wall(1, 1)), 2030);
}

TEST(WallClock, HostileStepsStayInRange) {
  WallClock clock(TimeZone(), 9990);
  for (int i = 0; i < 100; ++i) {
    EXPECT_LE(year_of(clock, wall(1, 1)), 9999);
    EXPECT_LE(year_of(clock, wall(9, 1)), 9999);
  }
}

// A half-hour step in the middle of an hour: what holds for an hour's beginning does not hold for its end.
TEST(WallClock, HalfHourZones) {
  WallClock clock(TimeZone::load("Australia/Lord_Howe").value(), 2026);
  EXPECT_EQ(clock.settle(wall(4, 5, 1, 10), 0, 0, true, true).notes & kDstAmbiguous, 0);
  EXPECT_EQ(clock.settle(wall(4, 5, 1, 40), 0, 0, true, true).notes & kDstAmbiguous, kDstAmbiguous);
  EXPECT_EQ(clock.settle(wall(4, 5, 1, 40), 0, 0, true, true).offset_minutes, 660);
  EXPECT_EQ(clock.settle(wall(4, 5, 2, 10), 0, 0, true, true).offset_minutes, 630);
}

}  // namespace
}  // namespace mailtrail::record
