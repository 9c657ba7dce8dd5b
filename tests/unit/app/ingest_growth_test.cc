// A log is taken in once, however it grows, is renamed, packed or cut, and whatever stops the run: the facts are those
// of one reading of the whole log.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <random>

#include "fact_rows.h"
#include "ingest_store.h"
#include "log_files.h"
#include "sys/clock.h"

namespace mailtrail::app {
namespace {

namespace fs = std::filesystem;

const std::string& log_text() {
  static const std::string text = real_log("mail.log.gz");
  return text;
}

TEST(Ingest, TheSameAgainAddsNothingWhateverItIsCalled) {
  const LogFiles files;
  const std::string log = files.write("mail.log", log_text());
  Store store;
  // Two copies in one command: the second is known when its turn comes.
  const std::string copy = files.write("copy.log", log_text());
  const IngestResult first = store.ingest({log, copy});
  EXPECT_EQ(first.lines, 8058u);
  EXPECT_EQ(first.files_known, 1u);
  const auto facts = store.facts();
  expect_same(facts_of_whole(log), facts);
  const std::string packed = std::string(MAILTRAIL_SOURCE_DIR) + "/tests/data/postfix-a/mail.log.gz";
  for (const std::string& again : {log, copy, packed, fs::path(log).parent_path().string()}) {
    const IngestResult result = store.ingest({again});
    EXPECT_EQ(result.lines, 0u) << again;
    EXPECT_GE(result.files_known, 1u) << again;
  }
  expect_same(facts, store.facts());
}

// It is known by its beginning, and must not be taken for another log because its end cannot be read.
TEST(Ingest, ADamagedCopyOfAKnownLogAddsNothing) {
  const LogFiles files;
  const std::string log = files.write("mail.log", log_text());
  Store store;
  store.ingest({log});
  const auto facts = store.facts();
  const std::string packed_text = packed(log_text(), archive_write_add_filter_gzip);
  std::string damaged = packed_text;
  for (std::size_t at = damaged.size() / 2; at < damaged.size() / 2 + 200; ++at)
    damaged[at] = static_cast<char>(~damaged[at]);
  for (const std::string& copy :
       {files.write("cut.gz", packed_text.substr(0, packed_text.size() / 2)), files.write("damaged.gz", damaged)}) {
    const IngestResult result = store.ingest({copy});
    EXPECT_EQ(result.lines, 0u) << copy;
    EXPECT_EQ(result.problems.size(), 1u) << copy;
  }
  expect_same(facts, store.facts());
}

TEST(Ingest, ALogThatGrowsByAnyNumberOfBytes) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const LogFiles files;
    const std::string log = files.write("mail.log", "");
    Store store;
    std::uint64_t lines = 0;
    for (std::size_t at = 0; at < log_text().size();) {
      const std::size_t step = std::min<std::size_t>(1 + random() % 300'000, log_text().size() - at);
      append(log, std::string_view(log_text()).substr(at, step));
      at += step;
      lines += store.ingest({log}).lines;
      // What the log says as it stands, its last half line included.
      expect_same(facts_of_whole(log), store.facts());
    }
    EXPECT_EQ(lines, 8058u);
  }
}

TEST(Ingest, ALogThatIsRotatedBetweenRuns) {
  const LogFiles files;
  const std::string_view text = log_text();
  const std::size_t first = text.find('\n', text.size() / 3) + 1, second = text.find('\n', text.size() / 2) + 1;
  const std::string log = files.write("mail.log", text.substr(0, first));
  Store store;
  store.ingest({log});
  append(log, text.substr(first, second - first));
  fs::rename(log, log + ".1");
  append(log, text.substr(second));
  const IngestResult result = store.ingest({log, log + ".1"});
  EXPECT_EQ(result.files_grown, 1u);
  EXPECT_EQ(result.files_new, 1u);
  const std::string whole = files.write("whole.log", text);
  FactRows rows({}, {"source", "line", "lines", "steps"});
  store.with_road([&](StoreRoad& road) { road.read_facts(rows, {}); });
  expect_same(facts_of({whole}, {.details = true}), rows.sorted());
  EXPECT_EQ(store.ingest({log, log + ".1"}).lines, 0u);
}

TEST(Ingest, ARunThatIsStoppedGoesOnWhereItWas) {
  const LogFiles files;
  const std::string log = files.write("mail.log", log_text());
  for (const int pauses : {3, 20, 61}) {
    Store store;
    std::uint64_t lines = 0;
    int runs = 0;
    for (bool stopped = true; stopped && runs < 1000; ++runs) {
      int left = pauses;
      const IngestResult result = store.ingest({log}, [&](IngestRequest& request) {
        request.block_size = 20'000;
        request.turn = 37;
        request.commit_bytes = 30'000;
        request.is_stopping = [&left] { return --left < 0; };
      });
      lines += result.lines;
      stopped = result.stopped;
    }
    EXPECT_GT(runs, 1);
    EXPECT_EQ(lines, 8058u);
    expect_same(facts_of_whole(log), store.facts());
  }
}

TEST(Ingest, EventsAndLinesComeFromTheArchiveAsFromTheLog) {
  const LogFiles files;
  const std::string log = files.write("mail.log", log_text());
  Store store;
  store.ingest({log});
  const auto row_of = [](const model::Event& event, const std::vector<std::string>& sources) {
    query::Row row;
    row.per = query::Per::kEvent;
    row.event = &event;
    std::string text;
    query::append_row_json(text, row, sources);
    return text;
  };
  std::vector<std::string> wanted, got;
  LogRoad whole(request_of({log}));
  whole.read_events([&](const model::Event& event) { wanted.push_back(row_of(event, whole.sources())); });
  store.with_road([&](StoreRoad& road) {
    road.read_events([&](const model::Event& event) { got.push_back(row_of(event, road.sources())); });
    const std::vector<std::string> lines = road.raw_lines({{0, 1, 0, 0}, {0, 8058, 0, 0}, {0, 9000, 0, 0}});
    EXPECT_EQ(lines[0], log_text().substr(0, log_text().find('\n')));
    const std::size_t last = log_text().rfind('\n', log_text().size() - 2) + 1;
    EXPECT_EQ(lines[1] + '\n', log_text().substr(last));
    EXPECT_EQ(lines[2], "");
  });
  EXPECT_EQ(wanted.size(), got.size());
  EXPECT_TRUE(wanted == got);
}

// Lines without a year are read from the archive in the year in which they were taken in, not in today's.
TEST(Ingest, OldLinesKeepTheirYearInTheArchive) {
  const LogFiles files;
  const std::string log = files.write("old.log",
                                      "Nov  3 10:00:00 mx1 postfix/qmgr[1]: 4F5C6: removed\n"
                                      "Jan  4 10:00:00 mx1 postfix/qmgr[1]: 4F5C7: removed\n");
  const Micros kWritten = micros_from_civil({2019, 1, 4, 11, 0, 0, 0});
  fs::last_write_time(log, fs::file_time_type::clock::now() - std::chrono::microseconds(sys::now() - kWritten));
  Store store;
  store.ingest({log});
  std::vector<int> years;
  store.with_road([&](StoreRoad& road) {
    road.read_events([&](const model::Event& event) { years.push_back(civil_from_micros(event.time).year); });
  });
  EXPECT_EQ(years, (std::vector<int>{2018, 2019}));
}

}  // namespace
}  // namespace mailtrail::app
