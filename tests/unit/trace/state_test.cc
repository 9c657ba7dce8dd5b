// A run that is cut, saved and gone on with tells what one undisturbed run tells; bytes that are no state are refused.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <random>
#include <sstream>

#include "base/hash.h"
#include "cut_run.h"
#include "event_feed.h"
#include "random_events.h"

namespace mailtrail::trace {
namespace {

constexpr std::size_t kHead = 28;

TracerOptions options_of(bool details, int kind) {
  TracerOptions options;
  options.keep_details = details;
  if (kind == 1) options.memory_limit = 40u << 10;
  if (kind == 2) options.linger_count = 2;
  if (kind == 3) options.linger_on_one_host = options.linger = 10 * kDay;
  return options;
}

// `cuts`: one in so many events is cut before; 1: each.
void compare(const TracerOptions& options, std::uint32_t seed, int count, std::uint32_t cuts) {
  CutRun whole(options), pieces(options);
  RandomEvents first(seed), second(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < count; ++i) {
    first.next([&](const model::Event& event) { whole.take(event); });
    if (random() % cuts == 0) pieces.cut();
    if (testing::Test::HasFatalFailure()) return;
    second.next([&](const model::Event& event) { pieces.take(event); });
  }
  EXPECT_TRUE(whole.tracer().save() == pieces.tracer().save());
  pieces.cut();
  whole.tracer().finish();
  pieces.tracer().finish();
  expect_same_facts(whole.facts(), pieces.facts());
  expect_same_stats(whole.tracer().stats(), pieces.tracer().stats());
  EXPECT_GT(whole.facts().size(), static_cast<std::size_t>(count / 5));
  EXPECT_EQ(options.memory_limit < 1'000'000, whole.tracer().stats().evicted != 0);
}

TEST(TracerState, CutsAnywhereTellTheSame) {
  std::uint32_t seed = 1;
  for (const bool details : {false, true}) {
    for (int kind = 0; kind < 4; ++kind) {
      for (int round = 0; round < 3; ++round) {
        SCOPED_TRACE("seed " + std::to_string(seed) + (details ? ", details, kind " : ", kind ") +
                     std::to_string(kind));
        compare(options_of(details, kind), seed++, 3'000, 250);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(TracerState, CutsBeforeEveryEventTellTheSame) {
  for (int kind = 0; kind < 4; kind += 2) compare(options_of(true, kind), 77, 500, 1);
}

// What the last seconds of a log leave in doubt is decided by its end.
TEST(TracerState, CutsJustBeforeTheEndTellTheSame) {
  for (std::uint32_t seed = 1'000; seed < 1'300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    compare(options_of(false, 0), seed, 60, 30);
    if (HasFatalFailure()) return;
  }
}

TEST(TracerState, FarMoreRecipientsThanAreScanned) {
  const TracerOptions options = options_of(true, 0);
  CutRun whole(options), pieces(options);
  for (CutRun* run : {&whole, &pieces}) {
    for (int i = 0; i < 300; ++i) {
      EventFeed feed(run->tracer());
      feed.now += i * kSecond;
      if (i == 0) feed.arrive("AAAAA1", "list@example.com", "<list@example.com>");
      feed.attempt("AAAAA1", "member" + std::to_string(i % 70) + "@example.org", model::Status::kDeferred);
      if (run == &pieces && i % 7 == 0) run->cut();
    }
  }
  EXPECT_TRUE(whole.tracer().save() == pieces.tracer().save());
  for (CutRun* run : {&whole, &pieces}) run->tracer().finish();
  expect_same_stats(whole.tracer().stats(), pieces.tracer().stats());
  expect_same_facts(whole.facts(), pieces.facts());
  EXPECT_EQ(whole.tracer().stats().attempts, 300u);
}

TEST(TracerState, PlacesAfterAPeakAreUsedAgainInTheSameOrder) {
  const TracerOptions options = options_of(false, 3);
  CutRun whole(options), pieces(options);
  for (CutRun* run : {&whole, &pieces}) {
    std::mt19937 random(3);
    for (int i = 0; i < 4'000; ++i) {
      EventFeed feed(run->tracer());
      feed.now += i / 50 * kSecond + (i < 1'000 ? 0 : 11 * kDay);
      const std::string id = "AF" + std::to_string(random() % 900);
      feed.arrive(id, "a@example.com", "<" + id + "@example.com>");
      if (random() % 3 != 0) feed.remove(id);
      if (run == &pieces && i % 400 == 399) run->cut();
    }
    run->tracer().finish();
  }
  expect_same_facts(whole.facts(), pieces.facts());
}

// Steps that rely on what was remembered before: each is done by another tracer.
std::string told_with_cuts(const std::vector<std::function<void(EventFeed&)>>& steps) {
  const TracerOptions options = options_of(true, 0);
  CutRun whole(options), pieces(options);
  for (CutRun* run : {&whole, &pieces}) {
    Micros now = 1'000 * kDay;
    for (const auto& step : steps) {
      if (run == &pieces) run->cut();
      EventFeed feed(run->tracer());
      feed.now = now;
      step(feed);
      now = feed.now + kSecond;
    }
    run->tracer().finish();
  }
  expect_same_facts(whole.facts(), pieces.facts());
  std::string told;
  for (const std::string& line : pieces.facts()) told += line + '\n';
  return told;
}

void store(EventFeed& feed) {
  model::event::Mailbox body;
  body.user = "b@example.org", body.action = "stored", body.folder = "INBOX", body.message_id = "<one@example.com>";
  feed.give("dovecot", "", body);
}
void hand_to_pipe(EventFeed& feed, std::string_view queue_id) {
  model::event::Delivery body;
  body.recipient = "b@example.org", body.status = model::Status::kSent, body.mailer = "pipe";
  feed.give("postfix/pipe", queue_id, body);
}
void arrive(EventFeed& feed, std::string_view queue_id) {
  feed.arrive(queue_id, "a@example.com", "<one@example.com>");
}

TEST(TracerState, AMailStoreIsMatchedAcrossCuts) {
  const std::string_view step = "stored: INBOX of b@example.org";
  const auto first = [](EventFeed& feed) { arrive(feed, "AAAAA1"), hand_to_pipe(feed, "AAAAA1"); };
  EXPECT_NE(told_with_cuts({first, store}).find(step), std::string::npos);
  EXPECT_NE(told_with_cuts({store, first}).find(step), std::string::npos);
  // Long before, or long after: another's.
  const auto wait = [](EventFeed& feed) { feed.now += 20 * kSecond; };
  EXPECT_EQ(told_with_cuts({first, wait, store}).find(step), std::string::npos);
  EXPECT_EQ(told_with_cuts({store, wait, first}).find(step), std::string::npos);
  const auto store_before = [](EventFeed& feed) { feed.now -= 20 * kSecond, store(feed); };
  EXPECT_EQ(told_with_cuts({first, store_before}).find(step), std::string::npos);
  // Two fit, so that it is nobody's; nor a third one's.
  const auto second = [](EventFeed& feed) { arrive(feed, "AAAAA2"), hand_to_pipe(feed, "AAAAA2"); };
  const auto third = [](EventFeed& feed) { arrive(feed, "AAAAA3"), hand_to_pipe(feed, "AAAAA3"); };
  EXPECT_EQ(told_with_cuts({store, first, second}).find(step), std::string::npos);
  EXPECT_EQ(told_with_cuts({store, first, second, third}).find(step), std::string::npos);
}

TEST(TracerState, AnSpfResultIsTakenAcrossCuts) {
  const auto result = [](EventFeed& feed) {
    model::event::Auth body;
    body.method = "spf", body.result = "softfail", body.client_ip = "198.51.100.7", body.sender = "A@example.com";
    feed.give("policyd-spf", "", body);
  };
  const auto mail = [](EventFeed& feed) { arrive(feed, "AAAAA1"); };
  EXPECT_NE(told_with_cuts({result, mail}).find("spf=softfail"), std::string::npos);
  const auto wait = [](EventFeed& feed) { feed.now += 2 * kMinute; };
  EXPECT_EQ(told_with_cuts({result, wait, mail}).find("spf=softfail"), std::string::npos);
}

TEST(TracerState, SessionsBeyondTheMostAreForgottenInTheSameOrder) {
  const TracerOptions options = options_of(false, 0);
  CutRun whole(options), pieces(options);
  for (CutRun* run : {&whole, &pieces}) {
    for (std::int32_t pid = 0; pid < 20'400; ++pid) {
      EventFeed feed(run->tracer());
      model::event::Connect connect;
      connect.client_ip = "198.51.100.7";
      feed.give("postfix/smtpd", "", connect, pid);
      if (run == &pieces && pid == 20'200) run->cut();
    }
    run->tracer().finish();
  }
  expect_same_facts(whole.facts(), pieces.facts());
  EXPECT_EQ(whole.facts().size(), 20'000u);
}

TEST(TracerState, WhatIsOpenIsToldWithoutDisturbingTheSaved) {
  FactText facts, copied;
  Tracer tracer(facts, {});
  EventFeed feed(tracer);
  feed.arrive("AAAAA1", "a@example.com", "<one@example.com>");
  feed.attempt("AAAAA1", "b@example.org", model::Status::kDeferred, "451 later");
  const std::size_t told = facts.lines.size();
  {
    Tracer copy(copied, {});
    ASSERT_TRUE(copy.restore(tracer.save()).ok());
    copy.finish();
  }
  EXPECT_EQ(facts.lines.size(), told);
  ASSERT_FALSE(copied.lines.empty());
  EXPECT_NE(copied.lines.back().find("open=1"), std::string::npos);
  feed.attempt("AAAAA1", "b@example.org", model::Status::kSent);
  feed.remove("AAAAA1");
  tracer.finish();
  EXPECT_NE(facts.lines.back().find("open=0"), std::string::npos);
}

// State of a tracer with a little of everything.
std::string some_state(bool details = true, int events = 1'500) {
  FactText facts;
  Tracer tracer(facts, options_of(details, 3));
  RandomEvents random(5);
  for (int i = 0; i < events; ++i) random.next([&](const model::Event& event) { tracer.take(event); });
  return tracer.save();
}

// What is written now.
constexpr int kVersion = 2;

// Puts the right size and checksum before what was changed.
std::string sealed(std::string_view rest, std::uint32_t version = kVersion) {
  std::string state = "MTTRACE\n";
  const auto put = [&](std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) state += static_cast<char>(value >> (8 * i));
  };
  put(version, 4), put(rest.size(), 8), put(hash_bytes(rest), 8);
  return state.append(rest);
}

// Whether it was restored; if so, the tracer is used.
bool restores(std::string_view state, const TracerOptions& options = options_of(true, 3), std::string* why = nullptr) {
  FactText facts;
  Tracer tracer(facts, options);
  const Result<Done> done = tracer.restore(state);
  if (!done.ok()) {
    if (why != nullptr) *why = done.error().to_string();
    return false;
  }
  const std::string again = tracer.save();
  EXPECT_FALSE(again.empty());
  RandomEvents random(6);
  for (int i = 0; i < 60; ++i) random.next([&](const model::Event& event) { tracer.take(event); });
  tracer.finish();
  return true;
}

TEST(TracerState, WhatIsNoStateIsRefusedWithAReason) {
  const std::string state = some_state();
  const std::string_view rest = std::string_view(state).substr(kHead);
  ASSERT_TRUE(restores(state));
  ASSERT_EQ(sealed(rest), state);
  std::string why;
  EXPECT_FALSE(restores("", options_of(true, 3), &why));
  EXPECT_NE(why.find("does not begin"), std::string::npos);
  EXPECT_FALSE(restores(sealed(rest, kVersion + 1), options_of(true, 3), &why));
  EXPECT_NE(why.find("later version (" + std::to_string(kVersion + 1) + ")"), std::string::npos);
  EXPECT_FALSE(restores(sealed(rest, 0)));
  EXPECT_FALSE(restores(state, options_of(false, 3), &why));
  EXPECT_NE(why.find("details"), std::string::npos);
  EXPECT_FALSE(restores(state + "x"));
  EXPECT_FALSE(restores(sealed(std::string(rest) + "x"), options_of(true, 3), &why));
  EXPECT_NE(why.find("behind its end"), std::string::npos);
  for (std::size_t size = 0; size < state.size(); size += 1 + size / 8) {
    ASSERT_FALSE(restores(std::string_view(state).substr(0, size))) << size;
    ASSERT_TRUE(size >= rest.size() || !restores(sealed(rest.substr(0, size)))) << size;
  }
  FactText facts;
  Tracer used(facts, options_of(true, 3));
  RandomEvents(1).next([&](const model::Event& event) { used.take(event); });
  EXPECT_FALSE(used.restore(state).ok());
}

TEST(TracerState, ChangedBytesAreRefusedByTheChecksum) {
  const std::string state = some_state(true, 300);
  std::mt19937 random(8);
  for (int round = 0; round < 500; ++round) {
    std::string changed = state;
    changed[random() % changed.size()] ^= static_cast<char>(1u << random() % 8);
    ASSERT_FALSE(restores(changed));
  }
}

// Behind a checksum that fits: whatever is made of them, nothing crashes (the sanitizers look).
TEST(TracerState, BytesThatWereMadeUpDoNotCrash) {
  const std::string state = some_state(true, 250);
  std::mt19937 random(9);
  int taken = 0;
  for (int round = 0; round < 800; ++round) {
    std::string rest = state.substr(kHead);
    for (auto count = 1 + random() % 3; count > 0; --count) {
      const std::size_t at = random() % rest.size();
      if (random() % 3 == 0) {
        rest.insert(at, rest.substr(random() % rest.size(), random() % 40));
      } else if (random() % 3 == 0) {
        rest.erase(at, random() % 20);
      } else {
        rest[at] = static_cast<char>(random());
      }
    }
    taken += restores(sealed(rest));
  }
  EXPECT_GT(taken, 30);
  EXPECT_LT(taken, 770);
}

TEST(TracerState, MoreMemoryThanTheLimitAllowsIsNotTaken) {
  // A record: places (6), within the stays (6).
  std::string rest = some_state(true, 1).substr(kHead);
  const std::string many = {static_cast<char>(6 * 8 + 4), static_cast<char>(6 * 8), '\xFF', '\xFF', '\xFF', '\x7F', 0};
  const std::size_t at = rest.find(static_cast<char>(6 * 8 + 4));
  ASSERT_NE(at, std::string::npos);
  rest.replace(at, rest.size() - at, many + '\0');
  std::string why;
  EXPECT_FALSE(restores(sealed(rest), options_of(true, 3), &why));
  EXPECT_NE(why.find("more memory"), std::string::npos) << why;
}

// A field that a later reader no longer knows is skipped, whatever its form.
TEST(TracerState, FieldsThatAreNotKnownAreSkipped) {
  const std::string state = some_state();
  std::string rest = state.substr(kHead);
  rest.pop_back();
  const auto tag = [](unsigned number, unsigned form) {
    const unsigned value = number * 8 + form;
    return std::string{static_cast<char>(value | 0x80), static_cast<char>(value >> 7)};
  };
  rest += tag(100, 0) + "\x05";
  rest += tag(101, 1) + "12345678";
  rest += tag(102, 2) + "\x03" + "abc";
  rest += tag(103, 3) + "\x02" + std::string(1, '\0') + "\x08\x07" + std::string(2, '\0');
  rest += tag(104, 4) + "\x0A\x02hi" + std::string(1, '\0');
  rest += '\0';
  FactText facts;
  Tracer tracer(facts, options_of(true, 3));
  const Result<Done> done = tracer.restore(sealed(rest));
  ASSERT_TRUE(done.ok()) << done.error().to_string();
  EXPECT_TRUE(tracer.save() == state);
}

std::string data_path(const std::string& name) {
  return std::string(MAILTRAIL_SOURCE_DIR) + "/tests/data/states/" + name;
}
std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What a person asks of a journey, a line each: few words, for facts gain columns and the files stay.
class Summary : public model::FactSink {
 public:
  std::string text;
  void on_journey(const model::fact::Journey& journey) override {
    text += std::to_string(journey.id);
    for (const auto& one : journey.messages) {
      text.append(" ").append(one.host).append("/").append(one.queue_id).append(" from ").append(one.sender);
      text.append(" (").append(std::to_string(one.lines.size())).append(" lines, ");
      text.append(std::to_string(one.steps.size())).append(" steps)");
    }
    for (const auto& one : journey.recipients) {
      text.append(" ").append(one.recipient).append("=").append(model::word(one.outcome)).append("/");
      text.append(std::to_string(one.attempts));
    }
    text += '\n';
  }
  void on_session(const model::fact::Session& session) override {
    text.append("session ").append(session.program).append(" ").append(session.client_ip);
    text.append(" ").append(std::to_string(session.messages)).append("\n");
  }
};

// A state of each version that was ever written loads, and what was under way is told as it was then. The states of a
// new version are added (MAILTRAIL_WRITE_STATES=1 writes those of the present one where there are none); a state never
// changes.
TEST(TracerState, StatesOfEveryVersionLoad) {
  constexpr int kVersions = kVersion;
  const bool write = std::getenv("MAILTRAIL_WRITE_STATES") != nullptr;
  const auto missing = [&](const std::string& path) { return write && !std::ifstream(path).good(); };
  for (int version = 1; version <= kVersions; ++version) {
    const std::string path = data_path("tracer-" + std::to_string(version));
    if (version == kVersions && missing(path + ".state")) {
      std::ofstream(path + ".state", std::ios::binary) << some_state(true, 150);
    }
    Summary summary;
    Tracer tracer(summary, options_of(true, 3));
    const Result<Done> done = tracer.restore(file_text(path + ".state"));
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    tracer.finish();
    if (missing(path + ".txt")) std::ofstream(path + ".txt", std::ios::binary) << summary.text;
    EXPECT_EQ(summary.text, file_text(path + ".txt"));
  }
  EXPECT_EQ(some_state(true, 1)[8], kVersions) << "the version rose: keep a state of it";
}

}  // namespace
}  // namespace mailtrail::trace
