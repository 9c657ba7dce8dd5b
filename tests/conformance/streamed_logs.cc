// The two roads to an answer: facts as they stream by, and the same facts out of a store, on every real log.
#include <gtest/gtest.h>

#include <filesystem>

#include "app/road.h"
#include "tests/conformance/fact_text.h"
#include "tests/conformance/question.h"
#include "tests/conformance/scratch_folder.h"
#include "tests/conformance/stores.h"

namespace mailtrail::conformance {
namespace {

std::vector<std::string> real_logs() {
  std::vector<std::string> logs;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(MAILTRAIL_SOURCE_DIR "/tests/data")) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && name.find(".log") != std::string::npos) logs.push_back(entry.path().string());
  }
  std::sort(logs.begin(), logs.end());
  return logs;
}

// Tells all facts of the log.
void stream(const std::string& log, bool details, model::FactSink& sink) {
  app::RoadRequest request;
  request.logs = {log};
  request.threads = 1;
  app::LogRoad road(request);
  trace::TracerOptions options;
  options.keep_details = details;
  road.read_facts(sink, options);
  ASSERT_TRUE(road.problems().empty()) << road.problems().front().to_string();
}

// The lines of a text, sorted: a store tells facts day by day, the road as they come to an end.
std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

void expect_same_lines(const std::string& streamed, const std::string& stored, const std::string& what) {
  const auto expected = sorted_lines(streamed), got = sorted_lines(stored);
  if (expected == got) return;
  const auto at = std::mismatch(expected.begin(), expected.end(), got.begin(), got.end());
  ADD_FAILURE() << what << ": " << expected.size() << " lines streamed, " << got.size()
                << " stored\nstreamed: " << (at.first != expected.end() ? *at.first : "-")
                << "\nstored:   " << (at.second != got.end() ? *at.second : "-");
}

using StoreAndLog = std::tuple<StoreKind, std::string>;
class StreamedLogs : public testing::TestWithParam<StoreAndLog> {};

TEST_P(StreamedLogs, AnswerAsTheStoreDoes) {
  const StoreKind& kind = std::get<0>(GetParam());
  const std::string& log = std::get<1>(GetParam());
  ScratchFolder folder;
  auto opened = kind.open(folder.path());
  ASSERT_TRUE(opened.ok()) << opened.error().to_string();
  store::Store& store = **opened;
  stream(log, true, store.settled());
  ASSERT_TRUE(store.commit({}).ok());

  const TellFacts streamed = [&](model::FactSink& sink) { stream(log, true, sink); };
  for (const query::Per per : {query::Per::kAttempt, query::Per::kRecipient, query::Per::kMessage, query::Per::kJourney,
                               query::Per::kRejection, query::Per::kLogin}) {
    Question rows;
    rows.sort = Question::Sort::kRows;
    rows.per = per;
    for (const char* search : {"", "status:bounced OR status:deferred", "-status:sent size:>1K"}) {
      const auto plan = query::parse_search(search, {});
      ASSERT_TRUE(plan.ok());
      rows.plan = *plan;
      expect_same_lines(rows_text(*plan, per, streamed), answer(store, rows), rows.text());
    }
  }
  // As `report` reads a log: without details.
  Question report;
  report.sort = Question::Sort::kReport;
  const TellFacts briefly = [&](model::FactSink& sink) { stream(log, false, sink); };
  EXPECT_EQ(report_text({}, {}, briefly), answer(store, report));
}

INSTANTIATE_TEST_SUITE_P(Stores, StreamedLogs,
                         testing::Combine(testing::ValuesIn(store_kinds()), testing::ValuesIn(real_logs())),
                         [](const auto& one) {
                           std::string name = std::get<0>(one.param).name + '_';
                           const std::filesystem::path log = std::get<1>(one.param);
                           const std::string place = (log.parent_path().filename() / log.filename()).string();
                           for (const char c : place)
                             name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
                           return name;
                         });

TEST(StreamedLogsThemselves, AreThere) {
  EXPECT_GE(real_logs().size(), 3U);
}

}  // namespace
}  // namespace mailtrail::conformance
