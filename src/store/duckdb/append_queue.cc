#include "store/duckdb/append_queue.h"

#include <utility>

namespace mailtrail::store::duckdb {

AppendQueue::~AppendQueue() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for_work_.notify_one();
  thread_.join();
}

void AppendQueue::post(Work work) {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  std::unique_lock lock(mutex_);
  for_room_.wait(lock, [&] { return works_.size() < kMost; });
  works_.push_back(std::move(work));
  lock.unlock();
  for_work_.notify_one();
}

Result<Done> AppendQueue::wait() {
  std::unique_lock lock(mutex_);
  for_room_.wait(lock, [&] { return works_.empty() && !working_; });
  has_failed_ = false;
  const std::optional<Error> failure = std::exchange(failure_, std::nullopt);
  if (failure) return *failure;
  return Done{};
}

void AppendQueue::discard() {
  std::unique_lock lock(mutex_);
  works_.clear();
  for_room_.wait(lock, [&] { return !working_; });
  failure_.reset();
  has_failed_ = false;
}

void AppendQueue::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    for_work_.wait(lock, [&] { return !works_.empty() || stopping_; });
    if (stopping_) return;
    Work work = std::move(works_.front());
    works_.pop_front();
    working_ = true;
    const bool skipped = failure_.has_value();
    lock.unlock();
    std::optional<Error> error;
    if (!skipped) {
      if (const Result<Done> done = work(); !done.ok()) error = done.error();
    }
    work = nullptr;  // what it holds goes before `wait` returns
    lock.lock();
    working_ = false;
    if (error) {
      failure_ = std::move(error);
      has_failed_ = true;
    }
    for_room_.notify_all();
  }
}

}  // namespace mailtrail::store::duckdb
