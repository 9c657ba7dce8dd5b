#include "base/time.h"

#include <gtest/gtest.h>

namespace mailtrail {
namespace {

constexpr Micros at(int year, int month, int day, int hour = 0, int minute = 0, int second = 0, int micro = 0) {
  return micros_from_civil({year, month, day, hour, minute, second, micro});
}

TEST(Time, CivilThereAndBack) {
  EXPECT_EQ(at(1970, 1, 1), 0);
  EXPECT_EQ(at(2026, 11, 24, 3, 0, 15, 101090), 1795489215101090);
  for (const std::int64_t day : {-719528, -719469, -719468, -1, 0, 59, 789, 11016, 20781, 2932896}) {
    const Micros time = day * kDay + 86399999999;
    EXPECT_EQ(micros_from_civil(civil_from_micros(time)), time) << day;
  }
  const CivilTime leap = civil_from_micros(at(2000, 2, 29, 23, 59, 59));
  EXPECT_EQ(leap.month, 2);
  EXPECT_EQ(leap.day, 29);
  EXPECT_EQ(civil_from_micros(-1).micro, 999999);
  EXPECT_EQ(civil_from_micros(-1).year, 1969);
}

TEST(Time, FormatsWithOffset) {
  EXPECT_EQ(format_rfc3339(at(2026, 11, 24, 3, 0, 15, 101090), 0), "2026-11-24T03:00:15.101090+00:00");
  EXPECT_EQ(format_rfc3339(at(2026, 12, 31, 23, 30), 60), "2027-01-01T00:30:00.000000+01:00");
  EXPECT_EQ(format_rfc3339(at(2026, 1, 1), -210), "2025-12-31T20:30:00.000000-03:30");
  EXPECT_EQ(format_rfc3339(INT64_MIN, 0), "0000-01-01T00:00:00.000000+00:00");
  EXPECT_EQ(format_rfc3339(INT64_MAX, 0), "9999-12-31T23:59:59.999999+00:00");
}

TEST(Time, ParsesTimestamps) {
  EXPECT_EQ(parse_timestamp("2026-11-20", 0), at(2026, 11, 20));
  EXPECT_EQ(parse_timestamp("2026-11-20", 60), at(2026, 11, 19, 23));
  EXPECT_EQ(parse_timestamp("2026-11-20T10:00", 0), at(2026, 11, 20, 10));
  EXPECT_EQ(parse_timestamp("2026-11-20 10:00:05.5", 0), at(2026, 11, 20, 10, 0, 5, 500000));
  EXPECT_EQ(parse_timestamp("2026-11-20T10:00Z", 120), at(2026, 11, 20, 10));
  EXPECT_EQ(parse_timestamp("2026-11-20T10:00:00-03:30", 0), at(2026, 11, 20, 13, 30));
  EXPECT_EQ(parse_timestamp("2026-11-20T10:00:00.1234567891Z", 0), at(2026, 11, 20, 10, 0, 0, 123456));
  EXPECT_EQ(parse_timestamp("2024-02-29", 0), at(2024, 2, 29));
}

TEST(Time, RefusesWhatIsNoTimestamp) {
  for (const char* text : {"", "2026", "2026-13-01", "2026-02-29", "2026-11-20T", "2026-11-20T24:00",
                           "2026-11-20T10:60", "2026-11-20T10:00:61", "2026-11-20T10:00:00.", "2026-11-20T10:00+0100",
                           "2026-11-20 ", "2026-11-20x", "20261120", "2026-11-20T10:00:00+24:00"}) {
    EXPECT_FALSE(parse_timestamp(text, 0)) << text;
  }
}

TEST(Time, ParsesSpans) {
  EXPECT_EQ(parse_span("90s"), 90 * kSecond);
  EXPECT_EQ(parse_span("90"), 90 * kSecond);
  EXPECT_EQ(parse_span("1h30m"), 90 * kMinute);
  EXPECT_EQ(parse_span("1w"), 7 * kDay);
  EXPECT_EQ(parse_span("0s"), 0);
  for (const char* text : {"", "m", "5x", "1h30", "-5m", "5 m", "99999999999999999999s", "9999999999999w"}) {
    EXPECT_FALSE(parse_span(text)) << text;
  }
}

TEST(Time, FormatsSpans) {
  EXPECT_EQ(format_span(0), "0.0 s");
  EXPECT_EQ(format_span(200'000), "0.2 s");
  EXPECT_EQ(format_span(9'960'000), "10 s");
  EXPECT_EQ(format_span(12'300'000), "12 s");
  EXPECT_EQ(format_span(59'700'000), "1 min");
  EXPECT_EQ(format_span(4 * kMinute + 5 * kSecond), "4 min");
  EXPECT_EQ(format_span(59 * kMinute + 40 * kSecond), "1 h");
  EXPECT_EQ(format_span(65 * kMinute), "1 h 5 min");
  EXPECT_EQ(format_span(28 * kHour), "1 d 4 h");
  EXPECT_EQ(format_span(kDay - kSecond), "1 d");
  EXPECT_EQ(format_span(-2 * kSecond), "-2.0 s");
}

}  // namespace
}  // namespace mailtrail
