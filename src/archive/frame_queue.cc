#include "archive/frame_queue.h"

#include <utility>

namespace mailtrail::archive {

FrameQueue::FrameQueue(std::unique_ptr<SegmentWriter> writer)
    : writer_(std::move(writer)), thread_([this] { run(); }) {}

FrameQueue::~FrameQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for_work_.notify_one();
  thread_.join();
}

Result<Done> FrameQueue::push(FrameHeader header, std::string raw) {
  std::unique_lock lock(mutex_);
  for_room_.wait(lock, [&] { return jobs_.size() < kMost || error_; });
  if (error_) return *error_;
  jobs_.push_back({false, std::move(header), std::move(raw)});
  lock.unlock();
  for_work_.notify_one();
  return Done{};
}

Result<Mark> FrameQueue::sync() {
  std::unique_lock lock(mutex_);
  if (error_) return *error_;
  synced_.reset();
  jobs_.push_back({true, {}, {}});
  for_work_.notify_one();
  for_room_.wait(lock, [&] { return synced_ || error_; });
  if (error_) return *error_;
  return *synced_;
}

std::optional<Error> FrameQueue::error() {
  const std::lock_guard lock(mutex_);
  return error_;
}

std::string FrameQueue::spare() {
  const std::lock_guard lock(mutex_);
  std::string text;
  if (!spare_.empty()) {
    text = std::move(spare_.back());
    spare_.pop_back();
    text.clear();
  }
  return text;
}

std::optional<Error> FrameQueue::work(Job& job) {
  if (!job.is_sync) {
    const Result<Done> written = writer_->write(job.header, job.raw);
    return written.ok() ? std::nullopt : std::optional(written.error());
  }
  Result<Mark> mark = writer_->sync();
  if (!mark.ok()) return mark.error();
  const std::lock_guard lock(mutex_);
  synced_ = *mark;
  return std::nullopt;
}

void FrameQueue::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    for_work_.wait(lock, [&] { return !jobs_.empty() || stopping_; });
    if (stopping_ || error_) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    std::optional<Error> error = work(job);
    lock.lock();
    error_ = std::move(error);
    if (spare_.size() < kMost && job.raw.capacity() != 0) spare_.push_back(std::move(job.raw));
    for_room_.notify_one();
    if (error_) return;
  }
}

}  // namespace mailtrail::archive
