// FrameQueue: the writer's own thread, which packs and writes frames in the order in which they come.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "archive/segment_writer.h"

namespace mailtrail::archive {

// All functions are called by one thread. After an error every call gives it again.
class FrameQueue {
 public:
  static constexpr std::size_t kMost = 4;  // frames that wait

  explicit FrameQueue(std::unique_ptr<SegmentWriter> writer);
  // What waits is not written any more.
  ~FrameQueue();

  // Hands a frame over; waits while there are kMost.
  Result<Done> push(FrameHeader header, std::string raw);
  // Waits until everything that was pushed is on the disk.
  Result<Mark> sync();
  // The error that writing came to, as far as it is known.
  std::optional<Error> error();
  // An empty text of which the memory was used before.
  std::string spare();

 private:
  struct Job {
    bool is_sync = false;
    FrameHeader header;
    std::string raw;
  };
  void run();
  std::optional<Error> work(Job& job);

  std::unique_ptr<SegmentWriter> writer_;  // of the thread
  std::mutex mutex_;
  std::condition_variable for_work_, for_room_;
  std::deque<Job> jobs_;
  std::vector<std::string> spare_;
  std::optional<Error> error_;
  std::optional<Mark> synced_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace mailtrail::archive
