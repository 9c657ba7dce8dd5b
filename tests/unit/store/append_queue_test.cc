#include "store/duckdb/append_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace mailtrail::store::duckdb {
namespace {

TEST(AppendQueue, WorkIsDoneInTheOrderOfPostingWhileItsMakerGoesOn) {
  AppendQueue queue;
  std::vector<int> done;
  for (int i = 0; i < 100; ++i) {
    queue.post([&done, i]() -> Result<Done> {
      done.push_back(i);
      return Done{};
    });
  }
  ASSERT_TRUE(queue.wait().ok());
  ASSERT_EQ(done.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
}

TEST(AppendQueue, AFailureIsToldOnceAndNothingIsDoneBehindIt) {
  AppendQueue queue;
  bool behind = false;
  queue.post([]() -> Result<Done> { return Error{"the disk is full", "", ""}; });
  queue.post([&behind]() -> Result<Done> {
    behind = true;
    return Done{};
  });
  const Result<Done> waited = queue.wait();
  ASSERT_FALSE(waited.ok());
  EXPECT_EQ(waited.error().what, "the disk is full");
  EXPECT_FALSE(behind);
  EXPECT_FALSE(queue.has_failed());
  queue.post([&behind]() -> Result<Done> {
    behind = true;
    return Done{};
  });
  EXPECT_TRUE(queue.wait().ok());
  EXPECT_TRUE(behind);
}

TEST(AppendQueue, DiscardDropsWhatIsNotBegunAndTheFailure) {
  AppendQueue queue;
  int done = 0;
  std::mutex gate;
  {
    const std::lock_guard closed(gate);
    queue.post([&]() -> Result<Done> {
      const std::lock_guard opened(gate);
      return Error{"failed", "", ""};
    });
    for (int i = 0; i < 3; ++i) {
      queue.post([&]() -> Result<Done> {
        ++done;
        return Done{};
      });
    }
  }
  queue.discard();
  EXPECT_EQ(done, 0);
  EXPECT_FALSE(queue.has_failed());
  EXPECT_TRUE(queue.wait().ok());
}

TEST(AppendQueue, ItsEndDoesNotWaitForWhatIsNotBegun) {
  int done = 0;
  {
    AppendQueue queue;
    for (int i = 0; i < 5; ++i) {
      queue.post([&]() -> Result<Done> {
        ++done;
        return Done{};
      });
    }
  }
  EXPECT_LE(done, 5);
}

}  // namespace
}  // namespace mailtrail::store::duckdb
