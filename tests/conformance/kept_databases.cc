// Databases of every schema there has been, kept in tests/data/databases: each MUST be read as it is, and be brought
// forward with nothing lost.
//
// `schema-N.duckdb.zst` holds what `tell` says and `schema-N.txt` what it answered on the day it was made. Before a new
// schema comes, the program that still has the old one makes both:
//   MAILTRAIL_KEEP_DATABASE=tests/data/databases/schema-N conformance --gtest_filter='KeptDatabases.*'
//   zstd -19 --rm tests/data/databases/schema-N.duckdb
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "intake/source.h"
#include "store/duckdb/duckdb_store.h"
#include "tests/conformance/question.h"
#include "tests/conformance/scratch_folder.h"
#include "tests/conformance/simple_facts.h"

namespace mailtrail::conformance {
namespace {

namespace fact = model::fact;
namespace fs = std::filesystem;

constexpr std::string_view kFolder = MAILTRAIL_SOURCE_DIR "/tests/data/databases";

// Two commits: days that are settled, and a tail of two days.
void tell(store::Store& store) {
  Arena arena;
  const auto mail = [&](model::FactSink& sink, Micros received, std::uint64_t key, std::string recipient) {
    sink.on_journey(journey_of({.received = received, .key = key, .recipient = std::move(recipient)}, arena));
  };
  mail(store.settled(), kFirstDay, 1, "bob@example.net");
  mail(store.settled(), kFirstDay + kHour, 2, "carol@example.net");
  mail(store.tail(), kFirstDay + kDay, 3, "gone@example.net");
  ASSERT_TRUE(store.commit({.sources = {{0, "mail.log", 1000, 10, "identity", "resume"}}, .states = {}}).ok());
  mail(store.settled(), kFirstDay + kDay, 4, "bob@example.net");
  mail(store.tail(), kFirstDay + 2 * kDay, 5, "bob@example.net");
  mail(store.tail(), kFirstDay + kDay, 6, "dave@example.org");
  fact::Rejection rejection;
  rejection.time = kFirstDay + kDay + kMinute;
  rejection.pid = 7;
  rejection.event.recipient = "bob@example.net";
  rejection.event.client_ip = "2001:db8::1";
  store.tail().on_rejection(rejection);
  fact::Login login;
  login.time = kFirstDay + kMinute;
  login.pid = 8;
  login.event.user = "bob@example.net";
  store.settled().on_login(login);
  ASSERT_TRUE(
      store.commit({.sources = {{0, "mail.log", 2000, 20, "identity", "further"}}, .states = {{"tracer", "x"}}}).ok());
}

std::string answers(const store::Store& store) {
  std::string text;
  Question question;
  const auto ask = [&] { text += question.text() + "\n" + answer(store, question) + "\n"; };
  ask();
  question.sort = Question::Sort::kRows;
  for (const char* search :
       {"to:bob@example.net", "dave@example.org", "queue:4F5C6KzL9z", "client:2001:db8:0::1", "to:gone@example.net"}) {
    for (const query::Per per : {query::Per::kAttempt, query::Per::kRejection, query::Per::kLogin}) {
      const auto plan = query::parse_search(search, {});
      EXPECT_TRUE(plan.ok());
      question.plan = *plan;
      question.per = per;
      ask();
    }
  }
  question.sort = Question::Sort::kSeries;
  question.series = {store::Bucket::kHour, store::Dimension::kDomain, kFirstDay, kFirstDay + 3 * kDay};
  ask();
  for (const auto sort : {Question::Sort::kSummary, Question::Sort::kSources}) {
    question.sort = sort;
    ask();
  }
  return text;
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

void unpack(const fs::path& from, const std::string& to) {
  auto source = intake::open_source(from.string());
  ASSERT_TRUE(source.ok()) << source.error().to_string();
  std::ofstream file(to, std::ios::binary);
  std::vector<char> buffer(1 << 16);
  for (;;) {
    const Result<std::size_t> read = (*source)->read(buffer.data(), buffer.size());
    ASSERT_TRUE(read.ok()) << read.error().to_string();
    if (*read == 0) break;
    file.write(buffer.data(), static_cast<std::streamsize>(*read));
  }
  ASSERT_TRUE(file.flush().good());
}

std::unique_ptr<store::DuckDbStore> open(const std::string& path, bool read_only) {
  Result<std::unique_ptr<store::DuckDbStore>> store = store::DuckDbStore::open({.path = path, .read_only = read_only});
  EXPECT_TRUE(store.ok()) << store.error().to_string();
  return store.ok() ? std::move(*store) : nullptr;
}

void keep(const std::string& name) {
  const auto store = open(name + ".duckdb", false);
  ASSERT_NE(store, nullptr);
  tell(*store);
  std::ofstream text(name + ".txt", std::ios::binary);
  text << answers(*store);
  ASSERT_TRUE(text.flush().good());
}

TEST(KeptDatabases, AreReadAndBroughtForwardWithNothingLost) {
  if (const char* name = std::getenv("MAILTRAIL_KEEP_DATABASE")) return keep(name);
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".zst") continue;
    ++seen;
    SCOPED_TRACE(entry.path().string());
    const std::string expected = content_of(entry.path().parent_path() / entry.path().stem().stem() += ".txt");
    const ScratchFolder folder;
    const std::string path = folder.path() + "/mailtrail.duckdb";
    unpack(entry.path(), path);
    {
      const auto store = open(path, true);
      ASSERT_NE(store, nullptr);
      EXPECT_EQ(answers(*store), expected);
    }
    {
      const auto store = open(path, false);
      ASSERT_NE(store, nullptr);
      EXPECT_EQ(answers(*store), expected);
    }
    // It is one of this schema from now on, and takes what comes: here the same facts once more.
    const auto store = open(path, false);
    ASSERT_NE(store, nullptr);
    ASSERT_TRUE(store->expire(kFirstDay + 10 * kDay).ok());
    tell(*store);
    EXPECT_EQ(answers(*store), expected);
  }
  EXPECT_GE(seen, 1);
}

}  // namespace
}  // namespace mailtrail::conformance
