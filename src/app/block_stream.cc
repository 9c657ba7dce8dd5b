#include "app/block_stream.h"

#include <algorithm>
#include <cstring>

#include "record/framing.h"

namespace mailtrail::app {
namespace {

// The longest piece of one line that is kept: one byte more than is looked at, so that a longer line is seen to be one.
constexpr std::size_t kKept = record::kMaxLine + 1;

std::size_t find_line_end(const char* data, std::size_t size, std::size_t from) {
  if (from >= size) return size;
  const void* end = std::memchr(data + from, '\n', size - from);
  return end == nullptr ? size : static_cast<std::size_t>(static_cast<const char*>(end) - data);
}

}  // namespace

std::size_t whole_units(std::string_view text, bool journal_export) {
  if (!journal_export) {
    const std::size_t end = text.rfind('\n');
    return end == std::string_view::npos ? 0 : end + 1;
  }
  std::size_t at = 0;
  while (at < text.size()) {
    const record::Unit unit = record::next_unit(text, at);
    if (!unit.whole) break;
    at += unit.size;
  }
  return at;
}

BlockStream::BlockStream(Inputs& inputs, const std::vector<std::uint32_t>& sources, std::size_t block_size)
    : inputs_(inputs), sources_(sources), block_size_(std::max<std::size_t>(block_size, 1)) {}

bool BlockStream::next(Batch& batch) {
  while (at_ < sources_.size()) {
    Input& input = inputs_.all()[sources_[at_]];
    batch.clear();
    batch.source = sources_[at_];
    batch.table = inputs_.all()[batch.source].table.get();
    const bool sequential = input.journal_export || !input.source->seekable();
    if (sequential ? next_sequential(batch, input) : next_seekable(batch, input)) return true;
    ++at_;
    position_ = read_position_ = 0;
    carry_.clear();
    skipping_ = false;
    ended_ = entered_ = cut_ = false;
  }
  return false;
}

bool BlockStream::next_seekable(Batch& batch, Input& input) {
  const std::uint64_t size = input.end.value_or(input.source->size());
  if (!entered_) position_ = input.start;
  entered_ = true;
  if (position_ >= size) return false;
  batch.position = position_;
  batch.size = std::min<std::uint64_t>(block_size_, size - position_);
  position_ += batch.size;
  return true;
}

namespace {

// Reads a source from one place on into the buffer of a batch.
class Filler {
 public:
  Filler(const intake::Source& source, std::uint64_t begin, Batch& batch)
      : source_(source), begin_(begin), batch_(batch) {}

  std::size_t filled() const { return filled_; }
  // Until `wanted` bytes are there. False: the source ends before, or cannot be read on.
  bool fill(std::size_t wanted) {
    if (batch_.buffer.size() < wanted) batch_.buffer.resize(wanted);
    while (filled_ < wanted) {
      const Result<std::size_t> got =
          source_.read_at(begin_ + filled_, batch_.buffer.data() + filled_, wanted - filled_);
      if (!got.ok()) batch_.error = got.error();
      if (!got.ok() || *got == 0) return false;
      filled_ += *got;
    }
    return true;
  }
  // Behind the end of the line that goes on at `from`; reads on to find it, but no more of one line than is kept.
  std::size_t finish_line(std::size_t from) {
    std::size_t end = find_line_end(batch_.buffer.data(), filled_, from);
    for (bool more = true; more && end == filled_ && filled_ - from < kKept;) {
      const std::size_t seen = filled_;
      more = fill(filled_ + std::max(kAhead, filled_ / 4));
      end = find_line_end(batch_.buffer.data(), filled_, seen);
    }
    return std::min(filled_, end + 1);
  }

  static constexpr std::size_t kAhead = 4096;

 private:
  const intake::Source& source_;
  std::uint64_t begin_;
  Batch& batch_;
  std::size_t filled_ = 0;
};

}  // namespace

void load_block(const Inputs& inputs, Batch& batch) {
  if (batch.loaded) return;
  batch.loaded = true;
  // The byte before the block tells whether a line begins with it.
  const std::uint64_t begin = batch.position == 0 ? 0 : batch.position - 1;
  const std::size_t own = static_cast<std::size_t>(batch.position + batch.size - begin);
  Filler filler(*inputs.all()[batch.source].source, begin, batch);
  batch.begin = batch.end = batch.position + batch.size;
  batch.position = begin;
  filler.fill(own + Filler::kAhead);
  const std::size_t mine = std::min(own, filler.filled());
  std::size_t first = 0;
  if (begin != 0 || own > batch.size) {
    first = find_line_end(batch.buffer.data(), mine, 0) + 1;
    if (first >= mine + 1 || first >= own) return;  // the block lies within one line, which an earlier block has
  }
  if (first >= filler.filled()) return;
  const bool ends_with_line = mine == 0 || batch.buffer[mine - 1] == '\n';
  const std::size_t last = ends_with_line ? mine : filler.finish_line(mine);
  batch.text = {batch.buffer.data() + first, last - first};
  batch.begin = begin + first;
  batch.end = begin + last;
}

// The bytes that were read to look at the source come first; a source that was read before is read again.
void BlockStream::enter_source(Batch& batch, Input& input) {
  entered_ = true;
  if (input.consumed) {
    if (const Result<Done> again = input.source->reopen(); !again.ok()) batch.error = again.error();
  } else {
    carry_.assign(input.head.begin(), input.head.end());
  }
  input.consumed = !input.source->seekable();
  read_position_ = carry_.size();
  if (input.start != 0) skip_to_start(batch, input);
}

void BlockStream::skip_to_start(Batch& batch, Input& input) {
  position_ = input.start;
  if (input.starts_there) return;
  // Where an earlier run stopped within a line that is too long, its rest is left out now.
  if (input.start <= carry_.size()) {
    std::size_t gone = static_cast<std::size_t>(input.start);
    if (!input.journal_export && carry_[gone - 1] != '\n') {
      const std::size_t end = find_line_end(carry_.data(), carry_.size(), gone);
      skipping_ = end == carry_.size();
      gone = std::min(carry_.size(), end + 1);
    }
    position_ = gone;
    carry_.erase(carry_.begin(), carry_.begin() + static_cast<std::ptrdiff_t>(gone));
    return;
  }
  std::uint64_t left = input.start - carry_.size();
  carry_.clear();
  if (input.source->seekable()) {
    read_position_ = input.start;
    return;
  }
  std::vector<char> waste(static_cast<std::size_t>(std::min<std::uint64_t>(left, 256 * 1024)));
  while (left > 0) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, waste.size()));
    const Result<std::size_t> got = input.source->read(waste.data(), wanted);
    if (!got.ok()) batch.error = got.error();
    if (!got.ok() || *got == 0) break;
    left -= *got;
    skipping_ = !input.journal_export && waste[*got - 1] != '\n';
  }
}

bool BlockStream::next_sequential(Batch& batch, Input& input) {
  if (!entered_) enter_source(batch, input);
  const std::uint64_t begin = position_;
  const auto holds_back = [&] { return input.hold_back || (cut_ && input.hold_back_cut); };
  if (ended_ && (carry_.empty() || holds_back())) return false;
  std::vector<char>& buffer = batch.buffer;
  if (buffer.size() < carry_.size() + block_size_) buffer.resize(carry_.size() + block_size_);
  std::size_t filled = carry_.size();
  std::copy(carry_.begin(), carry_.end(), buffer.begin());
  carry_.clear();
  batch.loaded = true;
  std::size_t whole = filled < block_size_ ? 0 : whole_units({buffer.data(), filled}, input.journal_export);
  while (!ended_ && whole == 0) {
    if (buffer.size() < filled + block_size_) buffer.resize(filled + block_size_);
    const Result<std::size_t> got = read_on(input, buffer.data() + filled, block_size_);
    if (!got.ok()) batch.error = got.error();
    if (!got.ok() || *got == 0) {
      cut_ = !got.ok() || input.broken_off;
      ended_ = true;
      break;
    }
    filled += *got;
    if (skipping_) {
      const std::size_t end = find_line_end(buffer.data(), filled, 0);
      const std::size_t gone = std::min(filled, end + 1);
      skipping_ = end == filled;
      std::memmove(buffer.data(), buffer.data() + gone, filled - gone);
      filled -= gone;
      position_ += gone;
      if (filled == 0) continue;
    }
    whole = whole_units({buffer.data(), filled}, input.journal_export);
    const std::size_t most = input.journal_export ? record::kMaxEntry : kKept;
    if (whole == 0 && filled > most) {
      whole = most;
      skipping_ = !input.journal_export;
    }
  }
  if (ended_) {
    whole = holds_back() ? whole_units({buffer.data(), filled}, input.journal_export) : filled;
    input.held_back = whole != filled;
    batch.cut = cut_;
  }
  hand_over(batch, filled, whole);
  // Where nothing but the end of a line that is too long was read, its place is told all the same.
  return whole != 0 || batch.error.has_value() || position_ != begin;
}

// The first `whole` of the `filled` bytes are the batch's; the others are carried on to the next.
void BlockStream::hand_over(Batch& batch, std::size_t filled, std::size_t whole) {
  const std::vector<char>& buffer = batch.buffer;
  batch.position = batch.begin = position_;
  batch.text = {buffer.data(), whole};
  position_ += whole;
  std::size_t rest = whole;
  if (skipping_) {
    // The rest of the long line: up to its end, or all that was read.
    const std::size_t end = find_line_end(buffer.data(), filled, whole);
    rest = std::min(filled, end + 1);
    if (end < filled) skipping_ = false;
    position_ += rest - whole;
  }
  carry_.assign(buffer.begin() + static_cast<std::ptrdiff_t>(rest),
                buffer.begin() + static_cast<std::ptrdiff_t>(filled));
  batch.end = position_;
}

// A journal's export is read in order even where the source could be read anywhere: its entries cannot be found from
// the middle.
Result<std::size_t> BlockStream::read_on(Input& input, char* to, std::size_t most) {
  if (!input.source->seekable()) return input.source->read(to, most);
  Result<std::size_t> got = input.source->read_at(read_position_, to, most);
  if (got.ok()) read_position_ += *got;
  return got;
}

}  // namespace mailtrail::app
