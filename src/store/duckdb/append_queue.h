// AppendQueue: a thread that writes rows, one piece of work after another, while others make the next.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"

namespace mailtrail::store::duckdb {

// `post`, `wait` and `discard` are called by one thread. Whoever shares a connection with posted work MUST NOT use it
// before `wait` or `discard` has returned.
class AppendQueue {
 public:
  using Work = std::function<Result<Done>()>;
  static constexpr std::size_t kMost = 6;  // pieces that wait

  AppendQueue() = default;
  // What waits is not done any more.
  ~AppendQueue();
  AppendQueue(const AppendQueue&) = delete;
  AppendQueue& operator=(const AppendQueue&) = delete;

  // Has the work done behind all that was posted before; waits while there are kMost. After a failure nothing is done
  // until that was told.
  void post(Work work);
  // Waits until all is done. Gives the first failure since the last `wait` or `discard`.
  Result<Done> wait();
  // Drops what is not begun, and failures.
  void discard();
  bool has_failed() const { return has_failed_.load(std::memory_order_relaxed); }

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable for_work_, for_room_;
  std::deque<Work> works_;
  bool working_ = false, stopping_ = false;
  std::optional<Error> failure_;
  std::atomic<bool> has_failed_ = false;
  std::thread thread_;  // begun by the first `post`
};

}  // namespace mailtrail::store::duckdb
