// FrameIndex: which frame holds which lines; and the side file that it is kept in (docs/design/archive.md).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "archive/format.h"

namespace mailtrail::archive {

// Where a frame stands and what it holds: of its header what finds lines.
struct FrameEntry {
  std::uint64_t first_line = 0, position = 0;
  std::uint32_t segment = 0, offset = 0;  // of the header, in the segment
  std::uint32_t source = 0;
  std::uint32_t lines = 0;
  std::uint32_t raw_size = 0, packed_size = 0;
  FrameKind kind = FrameKind::kText;
  bool continues_line = false, in_line = false;

  std::uint64_t end_offset() const { return std::uint64_t{offset} + kFrameHeaderSize + packed_size; }
  std::uint64_t end_position() const { return position + raw_size; }
  std::uint64_t end_line() const { return first_line + lines; }
  bool operator==(const FrameEntry&) const = default;
};

FrameEntry entry_of(const FrameHeader& header, Place place);

// The frames of an archive, in its order. Not thread-safe.
class FrameIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Source {
    std::vector<std::uint32_t> frames;  // of text, in order
    std::uint32_t declared = kNone;     // the frame with the name
  };

  // Adds frames that stand behind those that are there.
  void add(std::vector<FrameEntry> entries);
  const FrameEntry& operator[](std::uint32_t number) const { return entries_[number]; }
  std::size_t size() const { return entries_.size(); }
  const std::map<std::uint32_t, Source>& sources() const { return sources_; }
  // The frames of notes, in order.
  const std::vector<std::uint32_t>& notes() const { return notes_; }
  // The place in `frames` of the frame in which the line begins; kNone where there is none.
  std::uint32_t find(std::uint32_t source, std::uint64_t line) const;

 private:
  void add_to_source(std::uint32_t number);

  std::vector<FrameEntry> entries_;
  std::map<std::uint32_t, Source> sources_;
  std::vector<std::uint32_t> notes_;
  std::uint32_t last_number_ = kNone;  // the source that was added to last
  Source* last_ = nullptr;
};

// Frames of one segment that follow one another.
struct IndexBlock {
  std::uint32_t segment = 0;
  std::uint64_t from = kSegmentHeaderSize, to = kSegmentHeaderSize;  // offsets in the segment
  Digest chain{};                                                    // at `to`
  std::vector<FrameEntry> entries;
};

// What a side file says of one segment, from its first frame on.
struct IndexedSegment {
  std::uint64_t end = kSegmentHeaderSize;
  Digest chain{};
  std::vector<FrameEntry> entries;
};

struct IndexFile {
  std::map<std::uint32_t, IndexedSegment> segments;
  bool is_present = false;
  bool is_whole = false;  // to its end it is as it was written; else what comes behind is not read
};

// Reads a side file. What is damaged, newer or does not join up is left out: it is made again from the headers.
IndexFile read_index(const std::string& path);
// The bytes of a block as they are appended to the side file.
std::string to_bytes(const IndexBlock& block, Hasher& hasher);

}  // namespace mailtrail::archive
