#include "archive/segment_writer.h"

#include <zstd.h>

#include <algorithm>
#include <new>
#include <utility>

#include "archive/contents.h"
#include "sys/directory.h"

namespace mailtrail::archive {
namespace {

// Of log text, level 3 takes twice the time and saves 2 % of the space.
constexpr int kLevel = 1;
// So many frames may have to be found by their headers after a kill.
constexpr std::size_t kMostNotIndexed = 256;

}  // namespace

struct SegmentWriter::Packer {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ~Packer() { ZSTD_freeCCtx(context); }
};

SegmentWriter::SegmentWriter(std::string directory, const Mark& end, std::uint64_t full)
    : directory_(std::move(directory)),
      end_(end),
      full_(std::min(full, kSegmentFull)),
      packer_(std::make_unique<Packer>()) {
  if (packer_->context == nullptr) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(packer_->context, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(packer_->context, ZSTD_c_checksumFlag, 1);
  block_.segment = end.place.segment;
  block_.from = block_.to = end.place.offset;
}

SegmentWriter::~SegmentWriter() {
  add_to_index();
}

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::open(const std::string& directory, const Mark& end,
                                                           bool begin_segment, std::uint64_t full) {
  std::unique_ptr<SegmentWriter> writer(new SegmentWriter(directory, end, full));
  if (begin_segment) {
    if (const Result<Done> begun = writer->begin_segment(); !begun.ok()) return begun.error();
  } else if (end.place.segment != 0) {
    Result<sys::AppendFile> file = sys::AppendFile::open(directory + "/" + segment_name(end.place.segment));
    if (!file.ok()) return file.error();
    writer->file_ = std::move(*file);
  }
  return writer;
}

Result<Done> SegmentWriter::begin_segment() {
  if (is_dirty_) {
    if (const Result<Done> synced = file_.sync(); !synced.ok()) return synced;
  }
  add_to_index();
  const SegmentHeader header{end_.place.segment + 1, end_.chain};
  Result<sys::AppendFile> file = sys::AppendFile::open(directory_ + "/" + segment_name(header.segment));
  if (!file.ok()) return file.error();
  file_ = std::move(*file);
  has_new_name_ = is_dirty_ = true;
  const SegmentHeaderBytes bytes = encode(header, hasher_);
  if (const Result<Done> written = file_.append({bytes.data(), bytes.size()}); !written.ok()) return written;
  end_ = {{header.segment, kSegmentHeaderSize}, chain_of(bytes, hasher_)};
  block_ = {header.segment, kSegmentHeaderSize, kSegmentHeaderSize, end_.chain, {}};
  return Done{};
}

Result<Done> SegmentWriter::write(FrameHeader& header, std::string_view raw) {
  if (end_.place.segment == 0 || end_.place.offset >= full_) {
    if (const Result<Done> begun = begin_segment(); !begun.ok()) return begun;
  }
  bytes_.resize(kFrameHeaderSize + ZSTD_compressBound(raw.size()));
  char* packed = bytes_.data() + kFrameHeaderSize;
  const std::size_t size =
      ZSTD_compress2(packer_->context, packed, bytes_.size() - kFrameHeaderSize, raw.data(), raw.size());
  if (ZSTD_isError(size) != 0) {
    return Error{std::string("a frame cannot be packed: ") + ZSTD_getErrorName(size), directory_, ""};
  }
  bytes_.resize(kFrameHeaderSize + size);
  header.packed_size = static_cast<std::uint32_t>(size);
  const FrameHeaderBytes head = encode(header, end_.chain, {packed, size}, hasher_);
  std::copy(head.begin(), head.end(), bytes_.begin());
  is_dirty_ = true;
  if (const Result<Done> written = file_.append(bytes_); !written.ok()) {
    // Half a frame would be taken off by the next `open`; where that works now, readers see a clean end.
    (void)file_.truncate(end_.place.offset);
    return written;
  }
  block_.entries.push_back(entry_of(header, end_.place));
  end_.place.offset += bytes_.size();
  end_.chain = header.chain;
  block_.to = end_.place.offset;
  block_.chain = end_.chain;
  return Done{};
}

Result<Mark> SegmentWriter::sync() {
  if (is_dirty_) {
    if (const Result<Done> synced = file_.sync(); !synced.ok()) return synced.error();
    is_dirty_ = false;
  }
  if (has_new_name_) {
    if (const Result<Done> synced = sys::sync_directory(directory_); !synced.ok()) return synced.error();
    has_new_name_ = false;
  }
  if (block_.entries.size() >= kMostNotIndexed) add_to_index();
  return end_;
}

void SegmentWriter::add_to_index() {
  if (block_.entries.empty()) return;
  Result<sys::AppendFile> index = sys::AppendFile::open(index_path(directory_));
  if (index.ok()) (void)index->append(to_bytes(block_, hasher_));
  block_ = {block_.segment, block_.to, block_.to, block_.chain, {}};
}

}  // namespace mailtrail::archive
