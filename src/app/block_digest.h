// Block digest: which queue ids and processes the lines of a block may name, so that a block that holds nothing wanted
// need not be read again.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "app/batch.h"
#include "app/inputs.h"
#include "base/hash.h"

namespace mailtrail::app {

// Of one block of a source that can be read anywhere. Never says that something is not there which is.
class BlockDigest {
 public:
  // Nothing is known of the block: it MUST be read.
  bool open() const { return bits_ == nullptr; }

  // Where it is not `open`: false where no line of the block has this hash.
  bool may_hold(std::uint64_t hash) const {
    for (unsigned i = 0; i < kProbes; ++i) {
      const std::uint64_t bit = hash >> (i * kShift) & (kBits - 1);
      if (((*bits_)[bit / 64] >> (bit % 64) & 1) == 0) return false;
    }
    return true;
  }
  // By which a line is found: the queue id at its beginning or end, and the process that wrote it, those of its lines
  // with a queue id at the beginning apart from the others.
  static std::uint64_t hash_of_id(std::string_view id) { return hash_bytes(id); }
  static std::uint64_t hash_of_process(std::int64_t pid, bool has_id) {
    return mix_hash(static_cast<std::uint64_t>(pid), has_id ? 1 : 2);
  }

  // What reading the block would count, and the days in it. Where not `open`.
  LineCounts counts;
  std::vector<Batch::DayMark> days;
  std::uint64_t begin = 0, end = 0;  // as Batch has them

 private:
  friend class DigestMaker;
  static constexpr unsigned kProbes = 4, kShift = 15;
  static constexpr std::uint64_t kBits = std::uint64_t{1} << kShift;
  using Bits = std::array<std::uint64_t, kBits / 64>;

  void add(std::uint64_t hash) {
    for (unsigned i = 0; i < kProbes; ++i) {
      const std::uint64_t bit = hash >> (i * kShift) & (kBits - 1);
      (*bits_)[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
  }

  std::unique_ptr<Bits> bits_;
};

// The digests of the blocks of all inputs, as the pipeline cuts these. Bounded: those of the blocks beyond the first
// kMost (8 GB of text in blocks of 256 KiB, 140 MB of digests) are open.
class BlockDigests {
 public:
  BlockDigests(const Inputs& inputs, std::size_t block_size);

  // The block that begins at `position` and has `size` bytes of its own; null where none is kept for it.
  BlockDigest* find(std::uint32_t source, std::uint64_t position, std::uint64_t size);
  const BlockDigest* find(std::uint32_t source, std::uint64_t position, std::uint64_t size) const;

 private:
  static constexpr std::size_t kMost = 32 * 1024;
  struct Blocks {
    std::uint64_t start = 0, end = 0;
    std::vector<BlockDigest> digests;
  };
  std::uint64_t block_size_;
  std::vector<Blocks> sources_;
};

// Makes digests. One object a thread.
class DigestMaker : private RecordFilter {
 public:
  // `batch` MUST be a block of a source that can be read anywhere, loaded; it is parsed without an event. A block of
  // which some line cannot be told by its shape stays open, and so do the rows of a table.
  void make(Batch& batch, BlockDigest& digest);

 private:
  bool may_want(std::string_view line, std::uint32_t source, std::uint64_t position) const override;
  bool wants(const record::Record& record) const override;
  void note(std::string_view line) const;

  // Of the block in hand. The parser asks its filter about each line, which only takes note.
  mutable BlockDigest digest_;
  mutable bool strange_ = false;
  BlockParser parser_{this};
};

}  // namespace mailtrail::app
