#include "archive/frame_index.h"

#include <algorithm>
#include <cstring>

#include "sys/file.h"

namespace mailtrail::archive {
namespace {

constexpr std::string_view kMagic = "MTIX";
constexpr std::size_t kHeaderSize = 64, kCheckOffset = 56, kEntrySize = 40, kCheckSize = 8;
constexpr std::uint32_t kContinues = 1u << 31, kInLine = 1u << 30, kLines = kInLine - 1;

void encode_entry(char* to, const FrameEntry& entry) {
  put(to, entry.first_line);
  put(to + 8, entry.position);
  put(to + 16, entry.source | static_cast<std::uint32_t>(entry.kind) << 24);
  put(to + 20, entry.lines | (entry.continues_line ? kContinues : 0) | (entry.in_line ? kInLine : 0));
  put(to + 24, entry.offset);
  put(to + 28, entry.raw_size);
  put(to + 32, entry.packed_size);
}

FrameEntry decode_entry(const char* from, std::uint32_t segment) {
  FrameEntry entry;
  entry.first_line = get<std::uint64_t>(from);
  entry.position = get<std::uint64_t>(from + 8);
  const auto source = get<std::uint32_t>(from + 16);
  entry.source = source & 0xFFFFFF;
  entry.kind = static_cast<FrameKind>(source >> 24);
  const auto lines = get<std::uint32_t>(from + 20);
  entry.lines = lines & kLines;
  entry.continues_line = (lines & kContinues) != 0;
  entry.in_line = (lines & kInLine) != 0;
  entry.offset = get<std::uint32_t>(from + 24);
  entry.raw_size = get<std::uint32_t>(from + 28);
  entry.packed_size = get<std::uint32_t>(from + 32);
  entry.segment = segment;
  return entry;
}

bool is_plausible(const FrameEntry& entry) {
  return entry.kind >= FrameKind::kText && entry.kind <= FrameKind::kNote && entry.raw_size <= kMostRaw &&
         entry.packed_size <= kMostPacked && entry.lines <= entry.raw_size &&
         entry.first_line <= UINT64_MAX - entry.lines && entry.position <= UINT64_MAX - entry.raw_size;
}

// Adds one block. False: it is not what was written. A block that does not join up is left out: it was written by
// two at a time.
bool take_block(std::string_view block, IndexFile& index, Hasher& hasher) {
  hasher.add(block.substr(0, kCheckOffset));
  hasher.add(block.substr(kHeaderSize));
  const Digest digest = hasher.finish();
  if (std::memcmp(digest.data(), block.data() + kCheckOffset, kCheckSize) != 0) return false;
  const auto segment = get<std::uint32_t>(block.data() + 8);
  const std::uint64_t from = get<std::uint32_t>(block.data() + 16), to = get<std::uint32_t>(block.data() + 20);
  IndexedSegment& indexed = index.segments[segment];
  if (indexed.end != from) return true;
  const std::size_t before = indexed.entries.size();
  indexed.entries.reserve(before + block.size() / kEntrySize);
  std::uint64_t end = from;
  for (std::size_t at = kHeaderSize; at < block.size(); at += kEntrySize) {
    const FrameEntry entry = decode_entry(block.data() + at, segment);
    if (entry.offset != end || !is_plausible(entry)) break;
    end = entry.end_offset();
    indexed.entries.push_back(entry);
  }
  if (end != to) {
    indexed.entries.resize(before);
    return false;
  }
  indexed.end = to;
  std::memcpy(indexed.chain.data(), block.data() + 24, indexed.chain.size());
  return true;
}

// Of a block: how long it is, by its header; 0 where it is none.
std::uint64_t block_size(std::string_view header) {
  if (header.size() != kHeaderSize || !header.starts_with(kMagic) ||
      get<std::uint32_t>(header.data() + 4) != kVersion) {
    return 0;
  }
  return kHeaderSize + std::uint64_t{get<std::uint32_t>(header.data() + 12)} * kEntrySize;
}

}  // namespace

FrameEntry entry_of(const FrameHeader& header, Place place) {
  FrameEntry entry;
  entry.first_line = header.first_line;
  entry.position = header.position;
  entry.segment = place.segment;
  entry.offset = static_cast<std::uint32_t>(place.offset);
  entry.source = header.source;
  entry.lines = header.lines;
  entry.raw_size = header.raw_size;
  entry.packed_size = header.packed_size;
  entry.kind = header.kind;
  entry.continues_line = header.continues_line;
  entry.in_line = header.in_line;
  return entry;
}

void FrameIndex::add(std::vector<FrameEntry> entries) {
  const auto first = static_cast<std::uint32_t>(entries_.size());
  if (first == 0) {
    entries_ = std::move(entries);
  } else {
    entries_.insert(entries_.end(), entries.begin(), entries.end());
  }
  for (std::uint32_t number = first; number < entries_.size(); ++number) add_to_source(number);
}

void FrameIndex::add_to_source(std::uint32_t number) {
  const FrameEntry& entry = entries_[number];
  if (entry.kind == FrameKind::kNote) {
    notes_.push_back(number);
    return;
  }
  if (entry.source != last_number_ || last_ == nullptr) {
    last_number_ = entry.source;
    last_ = &sources_[entry.source];
  }
  if (entry.kind == FrameKind::kText) {
    last_->frames.push_back(number);
  } else if (last_->declared == kNone) {
    last_->declared = number;
  }
}

std::uint32_t FrameIndex::find(std::uint32_t source, std::uint64_t line) const {
  const auto found = sources_.find(source);
  if (found == sources_.end()) return kNone;
  const std::vector<std::uint32_t>& frames = found->second.frames;
  // The last frame that begins at or before the line; frames in which no line begins stand before the next that has
  // one.
  const auto after =
      std::upper_bound(frames.begin(), frames.end(), line,
                       [this](std::uint64_t wanted, std::uint32_t n) { return wanted < entries_[n].first_line; });
  if (after == frames.begin()) return kNone;
  const FrameEntry& entry = entries_[*(after - 1)];
  if (line < entry.first_line || line >= entry.end_line()) return kNone;
  return static_cast<std::uint32_t>(after - 1 - frames.begin());
}

IndexFile read_index(const std::string& path) {
  IndexFile index;
  const Result<sys::File> file = sys::File::open(path);
  if (!file.ok()) return index;
  index.is_present = true;
  const Result<sys::FileInfo> info = file->info();
  if (!info.ok() || info->type != sys::FileType::kRegular) return index;
  Hasher hasher;
  std::string block;
  for (std::uint64_t at = 0; at < info->size;) {
    block.resize(kHeaderSize);
    const Result<std::size_t> begun = file->read_at(at, block.data(), kHeaderSize);
    const std::uint64_t size = begun.ok() && *begun == kHeaderSize ? block_size(block) : 0;
    if (size == 0 || size > info->size - at) return index;
    block.resize(static_cast<std::size_t>(size));
    const Result<std::size_t> got = file->read_at(at, block.data(), block.size());
    if (!got.ok() || *got != size || block_size(std::string_view(block).substr(0, kHeaderSize)) != size) return index;
    if (!take_block(block, index, hasher)) return index;
    at += size;
  }
  index.is_whole = true;
  return index;
}

std::string to_bytes(const IndexBlock& block, Hasher& hasher) {
  std::string bytes(kHeaderSize + block.entries.size() * kEntrySize, '\0');
  char* to = bytes.data();
  std::memcpy(to, kMagic.data(), kMagic.size());
  put<std::uint32_t>(to + 4, kVersion);
  put(to + 8, block.segment);
  put(to + 12, static_cast<std::uint32_t>(block.entries.size()));
  put(to + 16, static_cast<std::uint32_t>(block.from));
  put(to + 20, static_cast<std::uint32_t>(block.to));
  std::memcpy(to + 24, block.chain.data(), block.chain.size());
  for (std::size_t i = 0; i < block.entries.size(); ++i) {
    encode_entry(to + kHeaderSize + i * kEntrySize, block.entries[i]);
  }
  hasher.add(std::string_view(bytes).substr(0, kCheckOffset));
  hasher.add(std::string_view(bytes).substr(kHeaderSize));
  const Digest digest = hasher.finish();
  std::memcpy(to + kCheckOffset, digest.data(), kCheckSize);
  return bytes;
}

}  // namespace mailtrail::archive
