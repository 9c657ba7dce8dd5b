#include "app/log_identity.h"

#include <algorithm>

#include "base/byte_stream.h"
#include "base/hash.h"

namespace mailtrail::app {
namespace {

// 1 had no marks.
constexpr std::uint64_t kIdentityVersion = 2;

}  // namespace

void LogIdentity::take(std::uint64_t position, std::string_view text) {
  if (text.empty()) return;
  const std::uint64_t begin = position, end = position + text.size();
  if (begin != end_) last_.clear();
  if (head_.size() < kCompared && begin == head_.size()) head_ += text.substr(0, kCompared - head_.size());
  std::string window;
  for (std::uint64_t mark = (begin / spacing_ + 1) * spacing_; mark <= end; mark = (mark / spacing_ + 1) * spacing_) {
    const std::size_t own = static_cast<std::size_t>(mark - begin);
    if (own >= kCompared) {
      set_mark(mark, text.substr(own - kCompared, kCompared));
    } else if (own + last_.size() >= kCompared) {
      window.assign(last_, last_.size() - (kCompared - own));
      set_mark(mark, window.append(text, 0, own));
    }
  }
  if (text.size() >= kCompared) {
    last_ = text.substr(text.size() - kCompared);
  } else {
    last_ += text;
    if (last_.size() > kCompared) last_.erase(0, last_.size() - kCompared);
  }
  end_ = end;
}

void LogIdentity::set_mark(std::uint64_t mark, std::string_view window) {
  marks_[mark] = hash_bytes(window);
  if (marks_.size() <= kMostMarks) return;
  spacing_ *= 2;
  std::erase_if(marks_, [this](const auto& one) { return one.first % spacing_ != 0; });
}

bool LogIdentity::may_be(std::string_view beginning) const {
  const std::size_t both = std::min(head_.size(), beginning.size());
  return both != 0 && beginning.substr(0, both) == std::string_view(head_).substr(0, both);
}

bool LogIdentity::agrees(const LogIdentity& other) const {
  return std::all_of(marks_.begin(), marks_.end(), [&](const auto& mark) {
    const auto found = other.marks_.find(mark.first);
    return found == other.marks_.end() || found->second == mark.second;
  });
}

std::vector<std::uint64_t> LogIdentity::marks_up_to(std::uint64_t size) const {
  std::vector<std::uint64_t> places;
  for (const auto& [place, hash] : marks_) {
    if (place <= size) places.push_back(place);
  }
  return places;
}

bool LogIdentity::agrees_at(std::uint64_t mark, std::string_view bytes) const {
  const auto found = marks_.find(mark);
  return found != marks_.end() && found->second == hash_bytes(bytes);
}

std::string LogIdentity::save() const {
  std::string bytes;
  ByteWriter out(bytes);
  out.number(kIdentityVersion);
  out.text(head_);
  out.text(last_);
  out.number(spacing_);
  out.number(marks_.size());
  for (const auto& [place, hash] : marks_) out.number(place), out.number(hash);
  return bytes;
}

Result<LogIdentity> LogIdentity::restore(std::string_view bytes, std::uint64_t end) {
  ByteReader in(bytes);
  LogIdentity identity;
  const std::uint64_t version = in.number();
  identity.head_ = in.text();
  identity.last_ = in.text();
  identity.end_ = end;
  if (version == kIdentityVersion) {
    identity.spacing_ = in.number();
    const std::uint64_t count = in.number();
    for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
      const std::uint64_t place = in.number();
      identity.marks_[place] = in.number();
    }
  }
  const bool sound = in.finished() && version >= 1 && version <= kIdentityVersion && identity.spacing_ >= kCompared &&
                     identity.spacing_ % kCompared == 0 && identity.marks_.size() <= kMostMarks;
  if (!sound) return Error{"the identity of a log is damaged or of a newer version", "", ""};
  return identity;
}

}  // namespace mailtrail::app
