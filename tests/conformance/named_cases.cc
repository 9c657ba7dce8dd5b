// Traps that have a name, with what every store must say of them.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "app/time_range_sink.h"
#include "tests/conformance/question.h"
#include "tests/conformance/scratch_folder.h"
#include "tests/conformance/simple_facts.h"
#include "tests/conformance/stores.h"
#include "tests/conformance/told_facts.h"

namespace mailtrail::conformance {
namespace {

namespace fact = model::fact;

// Notes what it is told, in few words.
class Notes : public model::FactSink {
 public:
  void on_journey(const fact::Journey& journey) override {
    text += " j" + std::to_string(journey.id);
    journeys.push_back(journey.id);
    if (look) look(journey);
  }
  void on_delivery(const fact::Delivery& delivery) override { text += " d" + std::to_string(delivery.journey); }
  void on_rejection(const fact::Rejection& rejection) override { text += " r" + std::to_string(rejection.pid); }
  void on_login(const fact::Login& login) override { text += " l" + std::to_string(login.pid); }
  void on_session(const fact::Session& session) override { text += " s" + std::to_string(session.pid); }
  void on_gap(const fact::Gap&) override { text += " gap"; }

  std::string text;
  std::vector<std::uint64_t> journeys;
  std::function<void(const fact::Journey&)> look;
};

class NamedCases : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override { open(); }
  void open() {
    store_.reset();
    auto opened = GetParam().open(folder_.path());
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    store_ = std::move(*opened);
  }
  void commit(const store::Commit& commit = {}) {
    const auto done = store_->commit(commit);
    ASSERT_TRUE(done.ok()) << done.error().to_string();
  }
  fact::Journey journey(const Mail& mail) { return journey_of(mail, arena_); }
  void settle(const Mail& mail) { store_->settled().on_journey(journey(mail)); }
  std::string notes(const store::Selection& selection = {}) const {
    Notes notes;
    const auto done = store_->read(selection, notes);
    EXPECT_TRUE(done.ok()) << done.error().to_string();
    return notes.text;
  }
  std::string journeys() const {
    store::Selection selection;
    selection.deliveries = selection.others = false;
    return notes(selection);
  }
  std::string series(store::Bucket bucket, store::Dimension dimension) const {
    Question question;
    question.sort = Question::Sort::kSeries;
    question.series = {bucket, dimension, kFirstDay - 40'000 * kDay, kFirstDay + 10 * kDay};
    return answer(*store_, question);
  }
  std::string summary() const {
    Question question;
    question.sort = Question::Sort::kSummary;
    return answer(*store_, question);
  }

  ScratchFolder folder_;
  Arena arena_;
  std::unique_ptr<store::Store> store_;
};

TEST_P(NamedCases, WhatWasNotCommittedIsNotThere) {
  settle({});
  EXPECT_EQ(notes(), "");
  commit();
  EXPECT_EQ(notes(), " d1 j1");
}

TEST_P(NamedCases, EveryCommitReplacesTheWholeTail) {
  settle({.key = 1});
  store_->tail().on_journey(journey({.key = 2}));
  store_->tail().on_journey(journey({.key = 3}));
  commit();
  EXPECT_EQ(journeys(), " j1 j2 j3");
  store_->tail().on_journey(journey({.key = 3}));
  commit();
  EXPECT_EQ(journeys(), " j1 j3");
  settle({.key = 3});
  commit();
  EXPECT_EQ(journeys(), " j1 j3");
}

TEST_P(NamedCases, RollingBackLeavesTheTailOfTheLastCommit) {
  store_->tail().on_journey(journey({.key = 2}));
  commit();
  settle({.key = 4});
  store_->tail().on_journey(journey({.key = 5}));
  store_->roll_back();
  EXPECT_EQ(journeys(), " j2");
  commit();
  EXPECT_EQ(journeys(), "");
}

TEST_P(NamedCases, DaysFollowEachOtherAndWithinADayTheTelling) {
  const Micros day = kFirstDay;
  settle({.received = day + kDay, .key = 1});
  settle({.received = day + kDay - 1, .key = 2});
  settle({.received = day + 5, .key = 3});
  store_->tail().on_journey(journey({.received = day - kDay, .key = 7}));
  commit();
  settle({.received = day, .key = 4});
  settle({.received = -1, .key = 5});
  settle({.received = 1, .key = 6});
  store_->tail().on_journey(journey({.received = day - kDay, .key = 7}));
  commit();
  EXPECT_EQ(journeys(), " j5 j6 j2 j3 j4 j1 j7");
}

TEST_P(NamedCases, ExpiryTakesWholeDaysOfWhatIsSettled) {
  settle({.received = kFirstDay - 1, .key = 1});
  settle({.received = kFirstDay, .key = 2});
  store_->tail().on_journey(journey({.received = kFirstDay - 1, .key = 3}));
  fact::Session session;
  session.pid = 1;
  session.ended = kFirstDay - 1;  // its beginning is not in the log
  store_->settled().on_session(session);
  session.pid = 2;
  session.ended = kFirstDay;
  store_->settled().on_session(session);
  session.pid = 3;
  session.began = kFirstDay - 1;
  store_->settled().on_session(session);
  commit();
  ASSERT_TRUE(store_->expire(kFirstDay).ok());
  store::Selection others;
  others.journeys = others.deliveries = false;
  EXPECT_EQ(notes(others), " s2");
  EXPECT_EQ(journeys(), " j2 j3");
  EXPECT_EQ(summary(), "2 journeys, 2 deliveries, 0 rejections, 0 logins, days " + std::to_string(kFirstDay - kDay) +
                           " to " + std::to_string(kFirstDay));
  const std::string counted = series(store::Bucket::kDay, store::Dimension::kNone);
  EXPECT_EQ(std::count(counted.begin(), counted.end(), '\n'), 2);
}

TEST_P(NamedCases, AnAttemptLiesWhereItHappenedNotWhereItsMailCame) {
  settle({.received = kFirstDay - kSecond, .key = 1});  // tried four seconds after midnight
  settle({.received = kFirstDay, .key = 2});
  commit();
  store::Selection selection;
  selection.since = kFirstDay;
  selection.until = kFirstDay + kDay;
  // A store may tell more than lies in the range.
  Notes notes;
  app::TimeRangeSink sink(notes, selection.since, selection.until);
  ASSERT_TRUE(store_->read(selection, sink).ok());
  EXPECT_EQ(notes.text, " d1 d2 j2");
}

TEST_P(NamedCases, AFactWithoutATimeLiesInNoRange) {
  fact::Login login;
  login.pid = 7;
  store_->settled().on_login(login);
  commit();
  EXPECT_EQ(notes(), " l7");
  store::Selection selection;
  selection.since = -kDay;
  Notes notes_in_range;
  app::TimeRangeSink sink(notes_in_range, selection.since, selection.until);
  ASSERT_TRUE(store_->read(selection, sink).ok());
  EXPECT_EQ(notes_in_range.text, "");
  EXPECT_EQ(summary(), "0 journeys, 0 deliveries, 0 rejections, 1 logins, days - to -");
}

TEST_P(NamedCases, OfALineItsSourceAndNumberAreKept) {
  fact::Journey told = journey({});
  const model::LineRef at{123, 4, 56, 7};
  const_cast<fact::Delivery&>(told.deliveries[0]).at = at;
  const_cast<fact::Message&>(told.messages[0]).lines = {&at, 1};
  store_->settled().on_journey(told);
  commit();
  Notes notes;
  int looked = 0;
  notes.look = [&](const fact::Journey& journey) {
    for (const model::LineRef& line : {journey.deliveries[0].at, journey.messages[0].lines[0]}) {
      ++looked;
      EXPECT_EQ(line.position, 0U);
      EXPECT_EQ(line.length, 0U);
      EXPECT_EQ(line.line, 4U);
      EXPECT_EQ(line.source, 7U);
    }
  };
  ASSERT_TRUE(store_->read({}, notes).ok());
  EXPECT_EQ(looked, 2);
}

TEST_P(NamedCases, TwoJourneysOfOneKeyStayTwo) {
  settle({.key = 1, .recipient = "a@example.net"});
  settle({.key = 1, .recipient = "b@example.net"});
  commit();
  settle({.key = 1, .recipient = "c@example.net"});
  commit();
  std::string recipients;
  Notes notes;
  notes.look = [&](const fact::Journey& journey) {
    EXPECT_EQ(journey.messages.size(), 1U);
    EXPECT_EQ(journey.deliveries.size(), 1U);
    for (const fact::Recipient& one : journey.recipients) recipients += ' ' + std::string(one.recipient);
  };
  ASSERT_TRUE(store_->read({}, notes).ok());
  EXPECT_EQ(recipients, " a@example.net b@example.net c@example.net");
}

TEST_P(NamedCases, ASenderThatOnlyAHeaderNamesIsTheMessagesNotTheAttempts) {
  fact::Journey told = journey({});
  const_cast<fact::Message&>(told.messages[0]).sender_hinted = true;
  const_cast<fact::Delivery&>(told.deliveries[0]).sender = {};
  store_->settled().on_journey(told);
  commit();
  Notes notes;
  notes.look = [&](const fact::Journey& journey) {
    EXPECT_EQ(journey.messages[0].sender, "alice@example.com");
    EXPECT_EQ(journey.deliveries[0].sender, "");
  };
  ASSERT_TRUE(store_->read({}, notes).ok());
  EXPECT_EQ(notes.journeys.size(), 1U);
}

TEST_P(NamedCases, ASeriesCountsMailAlone) {
  settle({.received = kFirstDay + kHour - 1});
  settle({.received = kFirstDay + kHour});
  settle({.received = kFirstDay + kHour + 1, .outcome = model::Outcome::kDeferred, .host = "mx2"});
  fact::Journey notification = journey({.received = kFirstDay});
  notification.notification = true;
  store_->settled().on_journey(notification);
  fact::Journey probe = journey({.received = kFirstDay});
  probe.probe = true;
  store_->settled().on_journey(probe);
  fact::Journey late = journey({.received = kFirstDay});
  late.begin_missing = true;  // nobody knows how long it took
  store_->settled().on_journey(late);
  store_->tail().on_journey(journey({.received = -1}));
  settle({.received = 0});
  commit();
  const std::string five = " delays=1 max=5.000000 5.000000 5.000000 5.000000 5.000000 5.000000 5.000000\n";
  const std::string none = " delays=0 max=0.000000 0.000000 0.000000 0.000000 0.000000 0.000000 0.000000\n";
  const std::string first = std::to_string(kFirstDay), second = std::to_string(kFirstDay + kHour);
  EXPECT_EQ(series(store::Bucket::kHour, store::Dimension::kOutcome),
            "-3600000000 'delivered' recipients=1 attempts=1 delivered=1" + five +   //
                first + " 'delivered' recipients=2 attempts=2 delivered=2" + five +  //
                second + " 'deferred' recipients=1 attempts=1 delivered=0" + none +  //
                second + " 'delivered' recipients=1 attempts=1 delivered=1" + five);
  const std::string by_host = series(store::Bucket::kMinute, store::Dimension::kHost);
  EXPECT_NE(by_host.find(second + " 'mx2' recipients=1 attempts=1 delivered=0" + none), std::string::npos) << by_host;
}

TEST_P(NamedCases, OfAnHourTheFirstDomainsThatComeAreToldApart) {
  for (int i = 0; i < 1'002; ++i) settle({.recipient = "a@d" + std::to_string(10'000 + i) + ".example"});
  settle({.recipient = "A@D10000.EXAMPLE"});
  settle({.recipient = "postmaster"});
  settle({.received = kFirstDay + kHour, .recipient = "a@d11001.example"});
  store_->tail().on_journey(journey({.recipient = "tail@new.example"}));
  commit();
  const std::string hours = series(store::Bucket::kHour, store::Dimension::kDomain);
  const std::string first = std::to_string(kFirstDay), second = std::to_string(kFirstDay + kHour);
  EXPECT_EQ(std::count(hours.begin(), hours.end(), '\n'), 1 + 1 + 1'000 + 1);
  EXPECT_NE(hours.find(first + " '' recipients=1 "), std::string::npos);
  EXPECT_NE(hours.find(first + " '(other)' recipients=3 "), std::string::npos);
  EXPECT_NE(hours.find(first + " 'd10000.example' recipients=2 "), std::string::npos);
  EXPECT_NE(hours.find(first + " 'd10999.example' recipients=1 "), std::string::npos);
  EXPECT_NE(hours.find(second + " 'd11001.example' recipients=1 "), std::string::npos);
  const std::string days = series(store::Bucket::kDay, store::Dimension::kDomain);
  EXPECT_NE(days.find(first + " 'd11001.example' recipients=1 "), std::string::npos);
  EXPECT_NE(days.find(first + " '(other)' recipients=3 "), std::string::npos);
}

TEST_P(NamedCases, ByTheMinuteThereAreNoDomains) {
  settle({});
  commit();
  EXPECT_EQ(series(store::Bucket::kMinute, store::Dimension::kDomain), "error");
}

TEST_P(NamedCases, StatesAreBytesAndAnEmptyOneIsNone) {
  std::string bytes(3'000'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); i += 3) bytes[i] = static_cast<char>(i);
  store::Commit one;
  one.states = {{"tracer", bytes}, {"archive", "end"}};
  one.sources = {{1, "b.log", 5, 2, std::string("\0id", 3), "resume"}, {0, "a.log", 1, 1, "", ""}};
  commit(one);
  ASSERT_TRUE(store_->state("tracer").ok());
  EXPECT_TRUE(*store_->state("tracer") == bytes);
  EXPECT_EQ(*store_->state("none of that name"), "");
  one.states = {{"tracer", ""}};
  one.sources = {{1, "b.log", 9, 3, "", "further"}};
  commit(one);
  EXPECT_EQ(*store_->state("tracer"), "");
  EXPECT_EQ(*store_->state("archive"), "end");
  const auto sources = store_->sources();
  ASSERT_TRUE(sources.ok());
  ASSERT_EQ(sources->size(), 2U);
  EXPECT_EQ((*sources)[0].name, "a.log");
  EXPECT_EQ((*sources)[1].bytes, 9U);
  EXPECT_EQ((*sources)[1].identity, "");
  EXPECT_EQ((*sources)[1].resume, "further");
}

TEST_P(NamedCases, APlanIsToldFewOfManyFacts) {
  for (std::uint64_t i = 1; i <= 1'000; ++i) settle({.key = i, .recipient = "r" + std::to_string(i) + "@example.net"});
  commit();
  const auto plan = query::parse_search("to:R77@example.net", {});
  ASSERT_TRUE(plan.ok());
  store::Selection selection;
  selection.plan = &*plan;
  Notes notes;
  ASSERT_TRUE(store_->read(selection, notes).ok());
  EXPECT_TRUE(std::count(notes.journeys.begin(), notes.journeys.end(), 77U) == 1);
  EXPECT_LE(notes.journeys.size(), 50U);
}

// Every commit numbers the tail anew, and its days come in any order: keys of the tail before would find others.
TEST_P(NamedCases, APlanIsToldFewOfALongTailAndNothingOfTheTailBefore) {
  const auto found = [&](const std::string& search) {
    const auto plan = query::parse_search(search, {});
    EXPECT_TRUE(plan.ok());
    store::Selection selection;
    selection.plan = &*plan;
    Notes notes;
    EXPECT_TRUE(store_->read(selection, notes).ok());
    return notes;
  };
  const auto count = [](const Notes& notes, std::uint64_t key) {
    return std::count(notes.journeys.begin(), notes.journeys.end(), key);
  };
  const auto name = [](std::uint64_t key) { return "r" + std::to_string(key) + "@example.net"; };
  for (std::uint64_t key = 1; key <= 1'000; ++key) {
    const Micros received = kFirstDay + static_cast<Micros>((key * 7) % 3) * kDay - kDay;
    store_->tail().on_journey(journey({.received = received, .key = key, .recipient = name(key)}));
  }
  settle({.key = 2'000, .recipient = name(77)});
  commit();
  const Notes both = found("to:R77@example.net");
  EXPECT_EQ(count(both, 77), 1);
  EXPECT_EQ(count(both, 2'000), 1);
  EXPECT_LE(both.journeys.size(), 50U);
  for (std::uint64_t key = 1'000; key > 500; --key) {
    store_->tail().on_journey(journey({.received = kFirstDay, .key = key, .recipient = name(key)}));
  }
  fact::Rejection rejection;
  rejection.time = kFirstDay - kDay;
  rejection.pid = 9;
  rejection.event.recipient = "r77@example.net";
  store_->tail().on_rejection(rejection);
  commit();
  const Notes later = found("to:r77@example.net");
  EXPECT_EQ(count(later, 77), 0);
  EXPECT_EQ(count(later, 2'000), 1);
  EXPECT_NE(later.text.find(" r9"), std::string::npos);
  EXPECT_EQ(count(found("to:r900@example.net"), 900), 1);
  commit();
  EXPECT_EQ(found("to:r900@example.net").text, "");
}

TEST_P(NamedCases, AnAddressOfAClientIsFoundInAnySpelling) {
  Arena arena;
  const std::string_view spellings[] = {"2001:db8::1",         "2001:DB8:0:0:0:0:0:1", "2001:db8::1%eth0",
                                        "::ffff:198.51.100.7", "198.51.100.7",         "198.51.100.70"};
  std::uint64_t key = 0;
  for (const std::string_view spelling : spellings) {
    fact::Journey journey = journey_of({.key = ++key}, arena);
    std::vector<fact::Message> messages(journey.messages.begin(), journey.messages.end());
    messages[0].client_ip = spelling;
    journey.messages = messages;
    store_->settled().on_journey(journey);
  }
  // A client without a name has its address for one.
  fact::Login login;
  login.time = kFirstDay;
  login.pid = 7;
  login.event.client_name = "2001:db8:0::1";
  store_->settled().on_login(login);
  commit();
  const auto found = [&](std::string_view search) {
    const auto plan = query::parse_search(search, {});
    EXPECT_TRUE(plan.ok());
    Notes notes;
    store::Selection selection;
    selection.plan = &*plan;
    selection.deliveries = false;
    EXPECT_TRUE(store_->read(selection, notes).ok());
    return notes.text;
  };
  for (const char* search : {"client:2001:0db8::1", "client:2001:db8:0:0::1"}) {
    const std::string text = found(search);
    for (const char* one : {" j1", " j2", " j3", " l7"}) EXPECT_NE(text.find(one), text.npos) << search << ": " << text;
  }
  for (const char* search : {"client:198.51.100.7", "client:::ffff:c633:6407"}) {
    const std::string text = found(search);
    for (const char* one : {" j4", " j5"}) EXPECT_NE(text.find(one), text.npos) << search << ": " << text;
  }
}

TEST_P(NamedCases, ManyFactsInOneCommitKeepTheirOrder) {
  constexpr std::uint64_t kMany = 5'000;
  for (std::uint64_t i = 1; i <= kMany; ++i) settle({.received = kFirstDay + Micros(i % 3) * kDay, .key = i});
  commit();
  Notes notes;
  ASSERT_TRUE(store_->read({}, notes).ok());
  std::vector<std::uint64_t> expected;
  for (std::uint64_t day : {0U, 1U, 2U}) {
    for (std::uint64_t i = 1; i <= kMany; ++i) {
      if (i % 3 == day) expected.push_back(i);
    }
  }
  EXPECT_EQ(notes.journeys, expected);
}

TEST_P(NamedCases, WhatIsOpenedAgainIsTheLastCommit) {
  if (!GetParam().persists) return;  // nothing is left of such a store
  settle({.key = 1});
  store_->tail().on_journey(journey({.key = 2}));
  commit();
  const std::string before = series(store::Bucket::kHour, store::Dimension::kDomain);
  settle({.key = 3});
  store_->tail().on_journey(journey({.key = 4}));
  open();
  EXPECT_EQ(journeys(), " j1 j2");
  EXPECT_EQ(series(store::Bucket::kHour, store::Dimension::kDomain), before);
  settle({.key = 5});
  commit();
  EXPECT_EQ(journeys(), " j1 j5");
}

TEST_P(NamedCases, AReaderSeesEachCommitAsAWhole) {
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0, reads = 0;
  std::thread reader([&] {
    store::Selection selection;
    selection.deliveries = false;
    while (!done) {
      Notes notes;
      if (!store_->read(selection, notes).ok() || notes.journeys.size() % 10 != 0) ++torn;
      ++reads;
    }
  });
  std::uint64_t key = 0;
  for (int commits = 0; commits < 20 || reads < 3; ++commits) {
    for (int i = 0; i < 10; ++i) {
      const Mail mail{.received = kFirstDay + Micros(i) * kDay, .key = ++key};
      // The tail of one commit is settled by the next, so that both layers change at once.
      (i < 7 ? store_->settled() : store_->tail()).on_journey(journey(mail));
    }
    if (commits > 0) {
      for (int i = 0; i < 3; ++i) settle({.key = ++key});
    }
    commit();
  }
  done = true;
  reader.join();
  EXPECT_EQ(torn, 0);
}

INSTANTIATE_TEST_SUITE_P(Stores, NamedCases, testing::ValuesIn(store_kinds()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace mailtrail::conformance
