#include "app/block_digest.h"

#include <algorithm>
#include <utility>

#include "app/plain_line.h"

namespace mailtrail::app {

BlockDigests::BlockDigests(const Inputs& inputs, std::size_t block_size)
    : block_size_(std::max<std::size_t>(block_size, 1)), sources_(inputs.all().size()) {
  std::uint64_t left = kMost;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    const Input& input = inputs.all()[i];
    // An export of the journal is cut at its entries, in order.
    if (input.journal_export || !input.source->seekable()) continue;
    Blocks& blocks = sources_[i];
    blocks.start = input.start;
    blocks.end = std::max(input.end.value_or(input.source->size()), input.start);
    const std::uint64_t count = std::min(left, (blocks.end - blocks.start + block_size_ - 1) / block_size_);
    blocks.digests.resize(static_cast<std::size_t>(count));
    left -= count;
  }
}

const BlockDigest* BlockDigests::find(std::uint32_t source, std::uint64_t position, std::uint64_t size) const {
  const Blocks& blocks = sources_[source];
  if (position < blocks.start || position >= blocks.end || (position - blocks.start) % block_size_ != 0) return nullptr;
  if (size != std::min(block_size_, blocks.end - position)) return nullptr;
  const std::uint64_t index = (position - blocks.start) / block_size_;
  return index < blocks.digests.size() ? &blocks.digests[static_cast<std::size_t>(index)] : nullptr;
}

BlockDigest* BlockDigests::find(std::uint32_t source, std::uint64_t position, std::uint64_t size) {
  return const_cast<BlockDigest*>(std::as_const(*this).find(source, position, size));
}

void DigestMaker::make(Batch& batch, BlockDigest& digest) {
  if (batch.error || batch.table != nullptr) return;
  if (digest_.bits_ == nullptr) digest_.bits_ = std::make_unique<BlockDigest::Bits>();
  digest_.bits_->fill(0);
  strange_ = false;
  parser_.parse(batch);
  if (strange_ || batch.error || !batch.events.empty()) return;
  digest.counts = batch.counts;
  digest.days = batch.days;
  digest.begin = batch.begin;
  digest.end = batch.end;
  digest.bits_ = std::move(digest_.bits_);
}

bool DigestMaker::may_want(std::string_view line, std::uint32_t, std::uint64_t) const {
  note(line);
  return false;
}

// Asked about the first line of each day, for its time.
bool DigestMaker::wants(const record::Record& record) const {
  note(record.raw);
  return false;
}

void DigestMaker::note(std::string_view line) const {
  if (strange_) return;
  PlainLine plain;
  if (!split_plain_line(line, plain)) {
    strange_ = true;
    return;
  }
  const std::string_view text = behind_severity(plain.text);
  if (stands_apart(plain.program, text)) {
    strange_ = true;
    return;
  }
  const std::string_view id = leading_id(text), last = last_id(text);
  if (!id.empty()) digest_.add(BlockDigest::hash_of_id(id));
  if (last.size() >= kLeastId) digest_.add(BlockDigest::hash_of_id(last));
  digest_.add(BlockDigest::hash_of_process(plain.pid, !id.empty()));
}

}  // namespace mailtrail::app
