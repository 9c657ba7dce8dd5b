#include "archive/frame_reader.h"

#include <zstd.h>

#include <algorithm>
#include <new>
#include <utility>

#include "archive/contents.h"
#include "archive/line_cut.h"

namespace mailtrail::archive {
namespace {

constexpr std::size_t kMostOpen = 8;

Flaw damaged(std::string_view what) {
  return {std::string(what), std::string(kRestoreRemedy)};
}

}  // namespace

struct Unpacker::State {
  ZSTD_DCtx* context = ZSTD_createDCtx();
};

Unpacker::Unpacker() : state_(std::make_unique<State>()) {
  if (state_->context == nullptr) throw std::bad_alloc();
}

Unpacker::~Unpacker() {
  ZSTD_freeDCtx(state_->context);
}

std::optional<Flaw> Unpacker::unpack(const FrameHeader& header, std::string_view packed, std::string& raw) {
  raw.resize(header.raw_size);
  const std::size_t size = ZSTD_decompressDCtx(state_->context, raw.data(), raw.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) != 0) return damaged(std::string("a frame is damaged: ") + ZSTD_getErrorName(size));
  if (size != raw.size()) return damaged("a frame is damaged: it is shorter than its header says");
  if (header.kind == FrameKind::kText &&
      (count_lines(raw, header.continues_line) != header.lines || (raw.back() != '\n') != header.in_line)) {
    return damaged("a frame holds other lines than its header says");
  }
  return std::nullopt;
}

Result<const sys::File*> FrameReader::open(std::uint32_t segment, const std::string& path) {
  const auto found =
      std::find_if(open_.begin(), open_.end(), [&](const OpenSegment& open) { return open.segment == segment; });
  if (found != open_.end()) {
    std::rotate(found, found + 1, open_.end());
    return &open_.back().file;
  }
  Result<sys::File> file = sys::File::open(path);
  if (!file.ok()) return file.error();
  if (open_.size() == kMostOpen) open_.erase(open_.begin());
  open_.push_back({segment, std::move(*file)});
  return &open_.back().file;
}

Result<std::string> FrameReader::read(const FrameEntry& entry, FrameHeader* read_header) {
  const std::string path = directory_ + "/" + segment_name(entry.segment);
  const Result<const sys::File*> file = open(entry.segment, path);
  if (!file.ok()) return file.error();
  packed_.resize(kFrameHeaderSize + entry.packed_size);
  const Result<std::size_t> got = (*file)->read_at(entry.offset, packed_.data(), packed_.size());
  if (!got.ok()) return got.error();
  if (*got != packed_.size()) return flaw_at(path, entry.offset, damaged("a frame is cut short"));
  FrameHeader header;
  if (const auto flaw = decode(packed_, header, hasher_)) return flaw_at(path, entry.offset, *flaw);
  if (entry_of(header, {entry.segment, entry.offset}) != entry) {
    return flaw_at(path, entry.offset,
                   {"another frame stands here than the index says", "remove the file `index` beside it"});
  }
  std::string raw;
  const auto flaw = unpacker_.unpack(header, std::string_view(packed_).substr(kFrameHeaderSize), raw);
  if (flaw) return flaw_at(path, entry.offset, *flaw);
  if (read_header != nullptr) *read_header = header;
  return raw;
}

}  // namespace mailtrail::archive
