#include "app/archive_source.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

namespace mailtrail::app {
namespace {

// The archive tells a source's frames one after another; the reader asks for bytes. A thread of its own stands between
// them and is at most one frame ahead.
class ArchiveSource : public intake::Source {
 public:
  ArchiveSource(archive::Reader& reader, const archive::ArchivedSource& archived, std::optional<Micros> written)
      : Source(archived.name, intake::SourceKind::kPlain, written), reader_(reader), number_(archived.number) {}
  ~ArchiveSource() override { stop(); }

  Result<std::size_t> read(char* buffer, std::size_t capacity) override {
    if (!thread_.joinable()) start();
    std::unique_lock lock(mutex_);
    while (at_ == frame_.size()) {
      if (!faults_.empty()) {
        Error fault = std::move(faults_.back());
        faults_.pop_back();
        return fault;
      }
      if (done_) return std::size_t{0};
      frame_.clear();
      at_ = 0;
      wanted_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !frame_.empty() || done_; });
    }
    const std::size_t size = std::min(capacity, frame_.size() - at_);
    std::memcpy(buffer, frame_.data() + at_, size);
    at_ += size;
    return size;
  }

  Result<Done> reopen() override {
    stop();
    return Done{};
  }

 private:
  void start() {
    frame_.clear();
    at_ = 0;
    done_ = wanted_ = closing_ = false;
    thread_ = std::thread([this] {
      std::vector<Error> faults = reader_.read_source(number_, [this](const archive::Piece& piece) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return wanted_ || closing_; });
        if (closing_) return false;
        frame_ = piece.text;
        at_ = 0;
        wanted_ = false;
        changed_.notify_all();
        return true;
      });
      const std::lock_guard lock(mutex_);
      faults_ = std::move(faults);
      done_ = true;
      changed_.notify_all();
    });
  }
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    thread_ = {};
  }

  archive::Reader& reader_;
  const std::uint32_t number_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string frame_;
  std::size_t at_ = 0;
  std::vector<Error> faults_;
  bool done_ = false, wanted_ = false, closing_ = false;
};

}  // namespace

std::unique_ptr<intake::Source> open_archived(archive::Reader& reader, const archive::ArchivedSource& archived,
                                              std::optional<Micros> written) {
  return std::make_unique<ArchiveSource>(reader, archived, written);
}

}  // namespace mailtrail::app
