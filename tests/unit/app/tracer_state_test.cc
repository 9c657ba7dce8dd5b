// Facts of real logs do not depend on where a run was cut, saved and gone on with.
#include <gtest/gtest.h>

#include <random>

#include "fact_rows.h"
#include "log_files.h"
#include "tests/unit/trace/cut_run.h"

namespace mailtrail::app {
namespace {

using trace::CutRun;
using trace::TracerOptions;

// Gives the events of the log, `before(n)` called before the n-th.
template <class Before>
std::size_t run(const std::string& path, CutRun& cut_run, Before&& before) {
  LogRoad road(request_of({path}));
  std::size_t number = 0;
  road.read_events([&](const model::Event& event) {
    before(number++);
    cut_run.take(event);
  });
  EXPECT_TRUE(road.problems().empty());
  return number;
}

void compare(const std::string& path, const TracerOptions& options, std::uint32_t seed, double cuts) {
  CutRun whole(options), pieces(options);
  const std::size_t count = run(path, whole, [](std::size_t) {});
  std::mt19937 random(seed);
  std::bernoulli_distribution here(std::min(1.0, cuts / static_cast<double>(count)));
  std::size_t made = 0;
  run(path, pieces, [&](std::size_t number) {
    if (testing::Test::HasFatalFailure() || (number != count / 2 && !here(random))) return;
    ++made;
    pieces.cut();
  });
  EXPECT_GE(made, 1u);
  EXPECT_TRUE(whole.tracer().save() == pieces.tracer().save());
  whole.tracer().finish();
  pieces.tracer().finish();
  EXPECT_GT(whole.facts().size(), 50u);
  const bool memory_is_short = options.memory_limit < 1'000'000;
  EXPECT_EQ(whole.tracer().stats().evicted != 0, memory_is_short);
  trace::expect_same_facts(whole.facts(), pieces.facts());
  trace::expect_same_stats(whole.tracer().stats(), pieces.tracer().stats());
}

TEST(TracerState, RealLogsCutAnywhere) {
  const LogFiles files;
  std::uint32_t seed = 1;
  for (const char* name : {"mail.log.gz", "mail.iso.log.gz", "mail.rfc5424.log.gz"}) {
    const std::string path = files.write(name, real_log(name));
    for (const bool details : {false, true}) {
      for (int kind = 0; kind < 4; ++kind) {
        SCOPED_TRACE(std::string(name) + (details ? " with details, kind " : ", kind ") + std::to_string(kind));
        TracerOptions options;
        options.keep_details = details;
        if (kind == 1) options.memory_limit = 60u << 10;
        if (kind == 2) options.linger_count = 3;
        if (kind == 3) options.linger_on_one_host = kDay;
        compare(path, options, seed++, 5);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(TracerState, AShortLogCutBeforeEveryEvent) {
  const std::string text = real_log("mail.log.gz");
  std::string piece;
  for (const std::string_view line : lines_of(text)) {
    if (piece.size() > 60'000) break;
    piece += line;
  }
  const LogFiles files;
  TracerOptions options;
  options.keep_details = true;
  compare(files.write("piece.log", piece), options, 99, 1e9);
}

}  // namespace
}  // namespace mailtrail::app
