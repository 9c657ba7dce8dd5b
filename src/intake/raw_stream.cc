#include "intake/raw_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mailtrail::intake {

RawStream::RawStream(sys::File file, bool regular, std::uint64_t start, std::string name)
    : file_(std::move(file)), regular_(regular), start_(start), name_(std::move(name)) {}

Result<std::string_view> RawStream::peek(std::size_t wanted) {
  while (head_.size() < wanted) {
    const std::size_t have = head_.size();
    head_.resize(wanted);
    const Result<std::size_t> got = regular_ ? file_.read_at(start_ + have, head_.data() + have, wanted - have)
                                             : file_.read(head_.data() + have, wanted - have);
    head_.resize(have + (got.ok() ? *got : 0));
    if (!got.ok()) return got.error();
    if (*got == 0) break;
  }
  taken_ = head_.size();
  return std::string_view(head_);
}

Result<std::size_t> RawStream::read(char* buffer, std::size_t capacity) {
  if (regular_) {
    const Result<std::size_t> got = file_.read_at(start_ + position_, buffer, capacity);
    if (got.ok()) position_ += *got;
    return got;
  }
  if (position_ < head_.size()) {
    const std::size_t size = std::min<std::size_t>(capacity, head_.size() - static_cast<std::size_t>(position_));
    std::memcpy(buffer, head_.data() + position_, size);
    position_ += size;
    return size;
  }
  if (position_ < taken_) {
    // Only after a rewind, which is refused where nothing was kept.
    const std::uint64_t left = taken_ - position_;
    const Result<std::size_t> got =
        kept_.read_at(position_ - head_.size(), buffer, std::min<std::uint64_t>(capacity, left));
    if (got.ok()) position_ += *got;
    return got;
  }
  const Result<std::size_t> got = file_.read(buffer, capacity);
  if (!got.ok()) return got;
  if (kept_.is_open()) {
    const Result<Done> written = kept_.write_at(kept_size_, {buffer, *got});
    if (!written.ok()) return written.error();
    kept_size_ += *got;
  }
  taken_ += *got;
  position_ += *got;
  return got;
}

Result<Done> RawStream::spool() {
  if (regular_ || kept_.is_open()) return Done{};
  Result<sys::File> made = sys::File::temporary();
  if (!made.ok()) return made.error();
  kept_ = std::move(made).value();
  return Done{};
}

Result<Done> RawStream::rewind() {
  if (!regular_ && !kept_.is_open() && taken_ > head_.size()) {
    return Error{"can be read only once", name_, "write it into a file first, and name that"};
  }
  position_ = 0;
  return Done{};
}

}  // namespace mailtrail::intake
