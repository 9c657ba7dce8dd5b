#include "app/archive_source.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace mailtrail::app {
namespace {

constexpr std::size_t kMostFilling = 256 * 1024;

// From the archive's text to the bytes of the log: puts back the length of lines that were cut, and blank lines for
// what is missing.
class LogBytes {
 public:
  // `give` is called with the bytes in order; false: no more are wanted.
  using Give = std::function<bool(std::string_view)>;
  LogBytes(const ArchivedPart& part, Give give)
      : part_(part), give_(std::move(give)), at_(part.begin), place_(part.begin), next_line_(part.lines + 1) {
    for (; cut_ < part.cuts.size(); ++cut_) {
      const LineCut& cut = part.cuts[cut_];
      const std::uint64_t place = cut.archived + longer_;
      if (place + cut.length > part.begin) break;
      longer_ += cut.length - 1;
    }
    place_ = part.begin - longer_;
  }

  // Where in the archive's text the part begins.
  std::uint64_t archived_begin() const { return place_; }
  bool is_done() const { return part_.end && at_ >= *part_.end; }

  // The next piece. False: no more are wanted.
  bool take(const archive::Piece& piece) {
    if (is_done()) return false;
    std::string_view text = piece.text;
    if (piece.position < place_) {
      text.remove_prefix(std::min<std::uint64_t>(text.size(), place_ - piece.position));
    } else if (piece.position > place_ && !fill(piece)) {
      return false;
    }
    next_line_ = piece.first_line + piece.lines;
    in_line_ = !piece.text.ends_with('\n');
    while (!text.empty()) {
      if (!is_at_cut(text)) return give_text(text) && !is_done();
      const LineCut& cut = part_.cuts[cut_++];
      const std::size_t before = static_cast<std::size_t>(cut.archived - place_);
      if (!give_text(text.substr(0, before))) return false;
      text.remove_prefix(before + 1);
      ++place_;
      longer_ += cut.length - 1;
      if (cut.length != 0 && !(give_blank(cut.length - 1) && give_bytes("\n"))) return false;
    }
    return !is_done();
  }

 private:
  bool is_at_cut(std::string_view text) const {
    return cut_ < part_.cuts.size() && part_.cuts[cut_].archived >= place_ &&
           part_.cuts[cut_].archived - place_ < text.size();
  }
  bool give_text(std::string_view text) {
    place_ += text.size();
    return give_bytes(text);
  }
  bool give_bytes(std::string_view bytes) {
    if (part_.end)
      bytes = bytes.substr(0, static_cast<std::size_t>(std::min(*part_.end - at_, std::uint64_t{bytes.size()})));
    at_ += bytes.size();
    return bytes.empty() || give_(bytes);
  }
  bool give_blank(std::uint64_t size) {
    const std::string blank(static_cast<std::size_t>(std::min<std::uint64_t>(size, kMostFilling)), ' ');
    for (; size > 0 && !is_done(); size -= std::min<std::uint64_t>(size, blank.size())) {
      if (!give_bytes(
              std::string_view(blank).substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(size, blank.size())))))
        return false;
    }
    return true;
  }
  // What is missing before the piece: as many lines and bytes as it had, and no text.
  bool fill(const archive::Piece& piece) {
    std::uint64_t size = piece.position - place_;
    while (cut_ < part_.cuts.size() && part_.cuts[cut_].archived < piece.position) {
      size += part_.cuts[cut_].length - 1;
      longer_ += part_.cuts[cut_++].length - 1;
    }
    std::uint64_t ends = piece.first_line - std::min(next_line_, piece.first_line) + (in_line_ ? 1 : 0);
    if (piece.continues_line && ends > 0) --ends;
    ends = std::min(ends, size);
    size -= ends;
    place_ = piece.position;
    const std::string feeds(static_cast<std::size_t>(std::min<std::uint64_t>(ends, kMostFilling)), '\n');
    while (ends > 1 && !is_done()) {
      const std::uint64_t some = std::min<std::uint64_t>(ends - 1, feeds.size());
      if (!give_bytes(std::string_view(feeds).substr(0, static_cast<std::size_t>(some)))) return false;
      ends -= some;
    }
    return give_blank(size) && (ends == 0 || give_bytes("\n"));
  }

  const ArchivedPart& part_;
  const Give give_;
  std::uint64_t at_;          // in the log
  std::uint64_t place_;       // in the archive's text
  std::uint64_t longer_ = 0;  // by how much the log is longer up to there, modulo 2^64
  std::size_t cut_ = 0;       // the next
  std::uint64_t next_line_;
  bool in_line_ = false;
};

// The archive tells a source's frames one after another; the reader asks for bytes. A thread of its own stands between
// them and is at most one frame ahead.
class ArchiveSource : public intake::Source {
 public:
  ArchiveSource(archive::Reader& reader, const archive::ArchivedSource& archived, std::optional<Micros> written,
                ArchivedPart part)
      : Source(archived.name, intake::SourceKind::kPlain, written),
        reader_(reader),
        number_(archived.number),
        part_(std::move(part)) {}
  ~ArchiveSource() override { stop(); }

  Result<std::size_t> read(char* buffer, std::size_t capacity) override {
    if (!thread_.joinable()) start();
    std::unique_lock lock(mutex_);
    while (at_ == given_.size()) {
      if (done_ && !faults_.empty()) {
        Error fault = std::move(faults_.back());
        faults_.pop_back();
        return fault;
      }
      if (done_) return std::size_t{0};
      given_.clear();
      at_ = 0;
      wanted_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !given_.empty() || done_; });
    }
    const std::size_t size = std::min(capacity, given_.size() - at_);
    std::memcpy(buffer, given_.data() + at_, size);
    at_ += size;
    return size;
  }

  Result<Done> reopen() override {
    stop();
    return Done{};
  }

 private:
  void start() {
    given_.clear();
    at_ = 0;
    done_ = wanted_ = closing_ = false;
    thread_ = std::thread([this] {
      LogBytes bytes(part_, [this](std::string_view text) { return give(text); });
      std::vector<Error> faults;
      if (!bytes.is_done()) {
        faults = reader_.read_source(number_, bytes.archived_begin(),
                                     [&](const archive::Piece& piece) { return bytes.take(piece); });
      }
      const std::lock_guard lock(mutex_);
      faults_ = std::move(faults);
      done_ = true;
      changed_.notify_all();
    });
  }
  bool give(std::string_view text) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return wanted_ || closing_; });
    if (closing_) return false;
    given_ = text;
    at_ = 0;
    wanted_ = false;
    changed_.notify_all();
    return true;
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
  const ArchivedPart part_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string given_;
  std::size_t at_ = 0;
  std::vector<Error> faults_;
  bool done_ = false, wanted_ = false, closing_ = false;
};

}  // namespace

std::unique_ptr<intake::Source> open_archived(archive::Reader& reader, const archive::ArchivedSource& archived,
                                              std::optional<Micros> written) {
  return open_archived(reader, archived, written, {archived.first_position, archived.first_line - 1, std::nullopt, {}});
}

std::unique_ptr<intake::Source> open_archived(archive::Reader& reader, const archive::ArchivedSource& archived,
                                              std::optional<Micros> written, ArchivedPart part) {
  return std::make_unique<ArchiveSource>(reader, archived, written, std::move(part));
}

std::uint64_t place_in_log(const std::vector<LineCut>& cuts, std::uint64_t archived) {
  std::uint64_t longer = 0;
  for (const LineCut& cut : cuts) {
    if (cut.archived < archived) longer += cut.length - 1;
  }
  return archived + longer;
}

}  // namespace mailtrail::app
