#include "app/store_lock.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sys/process.h"
#include "tests/unit/app/store_folder.h"

namespace mailtrail::app {
namespace {

using std::chrono::milliseconds;

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

StoreHolder sample_holder() {
  StoreHolder holder;
  holder.use = StoreUse::kWrite;
  holder.process = 4711;
  holder.birth = 99;
  holder.command = "ingest";
  holder.user = "root";
  holder.host = "mx1";
  holder.since = *parse_timestamp("2026-11-24T09:41:07Z", 0);
  return holder;
}

// A process that holds the lock until it is killed or told to end.
class HoldingProcess {
 public:
  HoldingProcess(const StoreDirectory& store, StoreUse use, const std::string& command)
      : child_([&, use] {
          const Result<StoreLock> lock = StoreLock::take(store, use, command, milliseconds(0));
          if (!lock.ok()) return 1;
          held_.give();
          end_.wait();
          return 0;
        }) {
    held_.wait();
  }
  pid_t id() const { return child_.id(); }
  void kill() { child_.kill(); }
  void end() const { end_.give(); }

 private:
  Signal held_, end_;
  ChildProcess child_;
};

TEST(StoreLock, SecondProcessIsToldWhoHasIt) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  HoldingProcess other(store, StoreUse::kWrite, "ingest");
  for (const StoreUse use : {StoreUse::kRead, StoreUse::kWrite}) {
    const Result<std::optional<StoreLock>> tried = StoreLock::try_take(store, use, "report");
    ASSERT_TRUE(tried.ok());
    EXPECT_FALSE(*tried);
    const Result<StoreLock> refused = StoreLock::take(store, use, "report", milliseconds(0));
    ASSERT_FALSE(refused.ok());
    const std::string head = "store in use by mailtrail ingest, process " + std::to_string(other.id()) + ", since ";
    EXPECT_TRUE(refused.error().what.starts_with(head)) << refused.error().what;
    EXPECT_EQ(refused.error().what.size(), head.size() + 8) << refused.error().what;
    EXPECT_EQ(refused.error().remedy, "wait for it with --wait SECONDS");
  }
  const std::vector<StoreHolder> holders = StoreLock::holders(store);
  ASSERT_EQ(holders.size(), 1u);
  EXPECT_EQ(holders[0].process, other.id());
  EXPECT_EQ(holders[0].user, sys::user_name(sys::user_id()));
}

TEST(StoreLock, KilledProcessKeepsNobodyOut) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  HoldingProcess other(store, StoreUse::kWrite, "ingest");
  other.kill();
  EXPECT_NE(content_of(store.lock()), "") << "a process that is killed says nothing any more";
  EXPECT_TRUE(StoreLock::holders(store).empty());
  const Result<StoreLock> lock = StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(0));
  ASSERT_TRUE(lock.ok()) << lock.error().to_string();
  EXPECT_EQ(parse_holders(content_of(store.lock())).at(0).process, ::getpid());
}

TEST(StoreLock, OneThatEndsSaysSo) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  { const StoreLock lock = StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(0)).value(); }
  EXPECT_EQ(content_of(store.lock()), "");
}

TEST(StoreLock, ReadersShareAndKeepWritersOut) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  HoldingProcess first(store, StoreUse::kRead, "report");
  HoldingProcess second(store, StoreUse::kRead, "trace");
  const Result<StoreLock> writer = StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(0));
  ASSERT_FALSE(writer.ok());
  EXPECT_NE(writer.error().what.find("mailtrail report"), std::string::npos) << writer.error().what;
  EXPECT_TRUE(writer.error().what.ends_with(" and 1 more")) << writer.error().what;
  first.kill();
  const Result<StoreLock> again = StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(0));
  ASSERT_FALSE(again.ok());
  EXPECT_NE(again.error().what.find("mailtrail trace"), std::string::npos) << "named one that is gone";
  second.kill();
  EXPECT_TRUE(StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(0)).ok());
}

TEST(StoreLock, WaitingEndsWhenTheLockIsFreeOrTheTimeIsOver) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  HoldingProcess other(store, StoreUse::kWrite, "ingest");
  const auto began = std::chrono::steady_clock::now();
  const Result<StoreLock> refused = StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(300));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().remedy, "waited for 0.3 s");
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(300));
  other.end();
  EXPECT_TRUE(StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(60'000)).ok());
  EXPECT_LT(std::chrono::steady_clock::now() - began, milliseconds(30'000));
}

TEST(StoreLock, FileThatWasRemovedKeepsNobodyOutTwice) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  const StoreLock old = StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(0)).value();
  std::filesystem::remove(store.lock());
  // A new file is a new lock: who removes the file takes the lock from its holder.
  EXPECT_TRUE(StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(0)).ok());
}

TEST(StoreLock, LinkIsNotFollowed) {
  const StoreFolder folder;
  const StoreDirectory store = folder.store();
  std::ofstream(folder.path("precious")) << "text";
  std::filesystem::create_symlink(folder.path("precious"), store.lock());
  EXPECT_FALSE(StoreLock::take(store, StoreUse::kWrite, "ingest", milliseconds(0)).ok());
  EXPECT_EQ(content_of(folder.path("precious")), "text");
}

TEST(StoreHolder, LineIsReadAsItWasWritten) {
  const StoreHolder holder = sample_holder();
  const std::string line = holder_line(holder);
  EXPECT_EQ(
      line,
      "use=write process=4711 born=99 command=ingest user=root host=mx1 since=2026-11-24T09:41:07.000000+00:00\n");
  const std::vector<StoreHolder> read = parse_holders(line);
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(holder_line(read[0]), line);
}

TEST(StoreHolder, TextsOfOthersAreTakenForWhatTheyAre) {
  for (const std::string text : {"", "\n\n", "use=write", "process=1", "use=steal process=1", "use=write process=x",
                                 "use=write process=-1", "use=write process=99999999999999999999", "4711\n"}) {
    EXPECT_TRUE(parse_holders(text).empty()) << text;
  }
  StoreHolder hostile = sample_holder();
  hostile.command = "ingest use=read\nuse=read process=1";
  hostile.user = "\x1b[2J";
  hostile.host = std::string(1000, 'x');
  const std::vector<StoreHolder> read = parse_holders(holder_line(hostile));
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].process, 4711);
  EXPECT_EQ(read[0].command, "ingest_use=read_use=read_process=1");
  EXPECT_EQ(read[0].host.size(), 64u);
}

TEST(StoreHolder, IsToldInWallTimeWithDateAndHostWhereTheyAreOthers) {
  const StoreHolder holder = sample_holder();
  const TimeZone zone = TimeZone::load("+01:00").value();
  const Micros same_day = *parse_timestamp("2026-11-24T12:00:00Z", 0);
  EXPECT_EQ(holder_text(holder, "mx1", zone, same_day), "mailtrail ingest, process 4711, since 10:41:07");
  EXPECT_EQ(holder_text(holder, "mx1", zone, same_day + kDay),
            "mailtrail ingest, process 4711, since 2026-11-24 10:41:07");
  EXPECT_EQ(holder_text(holder, "mx2", zone, same_day), "mailtrail ingest, process 4711 on mx1, since 10:41:07");
}

TEST(StoreHolder, WriterOfAnotherHostIsReckonedWithOnANetworkOnly) {
  const std::string line = holder_line(sample_holder());
  EXPECT_TRUE(unseen_holder(line, "mx2", true));
  EXPECT_FALSE(unseen_holder(line, "mx2", false)) << "on a local disk the lock is all there is to know";
  EXPECT_FALSE(unseen_holder(line, "mx1", true)) << "of this host the kernel knows";
  EXPECT_FALSE(unseen_holder("", "mx2", true));
  StoreHolder reader = sample_holder();
  reader.use = StoreUse::kRead;
  EXPECT_FALSE(unseen_holder(holder_line(reader), "mx2", true));
}

}  // namespace
}  // namespace mailtrail::app
