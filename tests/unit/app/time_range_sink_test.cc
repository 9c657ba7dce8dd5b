#include "app/time_range_sink.h"

#include <gtest/gtest.h>

namespace mailtrail::app {
namespace {

namespace fact = model::fact;

class Counter : public model::FactSink {
 public:
  void on_journey(const fact::Journey&) override { ++journeys; }
  void on_login(const fact::Login&) override { ++logins; }
  void on_session(const fact::Session&) override { ++sessions; }
  int journeys = 0, logins = 0, sessions = 0;
};

int logins_at(Micros time, std::optional<Micros> since, std::optional<Micros> until) {
  Counter counter;
  fact::Login login;
  login.time = time;
  TimeRangeSink(counter, since, until).on_login(login);
  return counter.logins;
}

TEST(TimeRangeSink, IsHalfOpen) {
  EXPECT_EQ(logins_at(9, 10, 20), 0);
  EXPECT_EQ(logins_at(10, 10, 20), 1);
  EXPECT_EQ(logins_at(19, 10, 20), 1);
  EXPECT_EQ(logins_at(20, 10, 20), 0);
  EXPECT_EQ(logins_at(20, 10, {}), 1);
  EXPECT_EQ(logins_at(9, {}, 20), 1);
}

TEST(TimeRangeSink, WhatHasNoTimeLiesInNoRange) {
  EXPECT_EQ(logins_at(0, 10, {}), 0);
  EXPECT_EQ(logins_at(0, {}, 20), 0);
  EXPECT_EQ(logins_at(0, {}, {}), 1);
}

TEST(TimeRangeSink, AJourneyLiesWhereItWasReceived) {
  Counter counter;
  TimeRangeSink sink(counter, 10, 20);
  fact::Journey journey;
  journey.received = 5;
  journey.last_seen = 15;
  sink.on_journey(journey);
  EXPECT_EQ(counter.journeys, 0);
  journey.received = 15;
  journey.last_seen = 25;
  sink.on_journey(journey);
  EXPECT_EQ(counter.journeys, 1);
}

TEST(TimeRangeSink, ASessionWithoutABeginningLiesWhereItEnded) {
  Counter counter;
  TimeRangeSink sink(counter, 10, 20);
  fact::Session session;
  session.ended = 15;
  sink.on_session(session);
  EXPECT_EQ(counter.sessions, 1);
  session.began = 5;
  sink.on_session(session);
  EXPECT_EQ(counter.sessions, 1);
}

}  // namespace
}  // namespace mailtrail::app
