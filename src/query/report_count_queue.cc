#include "query/report_count_queue.h"

#include <cstring>

#include "base/folded_key.h"

namespace mailtrail::query {

CountQueue::CountQueue(bool own_thread) : filling_(chunks_.data()) {
  for (Chunk& chunk : chunks_) {
    if (chunk.texts != nullptr) continue;
    chunk.texts = std::make_unique<char[]>(kTexts);
    chunk.counts.reserve(kCounts);
    if (!own_thread) break;  // one is filled and made in turn
  }
  if (own_thread) thread_ = std::thread([this] { work(); });
}

CountQueue::~CountQueue() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

std::string_view CountQueue::fold(std::string_view text) {
  if (filling_->used + FoldedKey::kMost > kTexts || filling_->counts.size() + 4 > kCounts) hand_over();
  char* const key = filling_->texts.get() + filling_->used;
  const std::size_t size = FoldedKey::fold(text, key);
  filling_->used += size;
  return {key, size};
}

void CountQueue::flush() {
  hand_over();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return made_ == given_; });
}

// What was filled is to be made; goes on with a chunk that is free.
void CountQueue::hand_over() {
  if (!thread_.joinable()) return make(*filling_);
  std::unique_lock lock(mutex_);
  ++given_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return given_ - made_ < kChunks; });
  filling_ = &chunks_[given_ % kChunks];
}

void CountQueue::make(Chunk& chunk) {
  // How many counts lie between the steps of one: long enough for memory, short enough for the nearest cache.
  constexpr std::size_t kStep = 6;
  std::vector<Count>& counts = chunk.counts;
  const std::size_t end = counts.size();
  for (std::size_t i = 0; i < end + 3 * kStep; ++i) {
    if (i < end) counts[i].key = counts[i].table->prepare(counts[i].key.text);
    if (i >= kStep && i - kStep < end) counts[i - kStep].table->approach(counts[i - kStep].key);
    if (i >= 2 * kStep && i - 2 * kStep < end) counts[i - 2 * kStep].table->reach(counts[i - 2 * kStep].key);
    if (i < 3 * kStep) continue;
    const Count& count = counts[i - 3 * kStep];
    if (count.always) {
      count.table->add(count.key, count.weight).add(count.split);
    } else if (Split* known = count.table->find(count.key)) {
      known->add(count.split);
    }
  }
  counts.clear();
  chunk.used = 0;
}

void CountQueue::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return closing_ || made_ != given_; });
    if (made_ == given_) return;
    Chunk& chunk = chunks_[made_ % kChunks];
    lock.unlock();
    make(chunk);
    lock.lock();
    ++made_;
    changed_.notify_all();
  }
}

}  // namespace mailtrail::query
