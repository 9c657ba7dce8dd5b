#include "archive/verifier.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "archive/contents.h"
#include "archive/frame_reader.h"
#include "sys/file.h"
#include "sys/output_file.h"

namespace mailtrail::archive {
namespace {

class Verifier {
 public:
  Verifier(const std::string& directory, const std::optional<Mark>& end, const std::function<bool()>& is_cancelled)
      : directory_(directory), end_(end), is_cancelled_(is_cancelled) {}

  Verification verify() {
    std::vector<std::uint32_t> segments;
    if (sys::is_present(directory_)) {
      Result<std::vector<std::uint32_t>> found = segments_in(directory_);
      if (!found.ok()) return fail(found.error()), result_;
      segments = std::move(*found);
    }
    std::uint32_t last = segments.empty() ? 0 : segments.back();
    if (end_) last = end_->place.segment;
    for (std::uint32_t segment = 1; segment <= last && !result_.fault && !is_over_; ++segment) {
      verify_segment(segment, segment == last);
    }
    return result_;
  }

 private:
  struct Source {
    std::string name;
    bool has_text = false, in_line = false;
    std::uint64_t line = 0, position = 0;
  };

  void fail(Error error) { result_.fault = std::move(error); }
  void fail_at(std::uint64_t offset, Flaw flaw) { fail(flaw_at(path_, offset, flaw)); }
  void fail_at(std::uint64_t offset, std::string_view what) {
    fail_at(offset, Flaw{std::string(what), std::string(kRestoreRemedy)});
  }

  // Reads `size` bytes. False: they are not there, which is a fault unless the file may end with half a frame.
  bool read(const sys::File& file, std::uint64_t at, std::uint64_t stop, std::size_t size, std::string& bytes,
            bool may_be_cut) {
    bytes.resize(size);
    if (stop - at < size) {
      if (!may_be_cut) fail_at(at, "a frame is cut short");
      is_over_ = true;
      return false;
    }
    const Result<std::size_t> got = file.read_at(at, bytes.data(), size);
    if (!got.ok()) fail(got.error());
    if (got.ok() && *got != size) fail_at(at, "became shorter while it was read");
    return !result_.fault;
  }

  void verify_segment(std::uint32_t segment, bool is_last) {
    path_ = directory_ + "/" + segment_name(segment);
    const Result<sys::File> file = sys::File::open(path_);
    if (!file.ok()) return fail(file.error());
    const Result<sys::FileInfo> info = file->info();
    if (!info.ok()) return fail(info.error());
    std::uint64_t stop = info->size;
    if (is_last && end_) {
      if (stop < end_->place.offset) return fail_at(stop, "the archive ends before the last commit of the database");
      stop = end_->place.offset;
    }
    const bool may_be_cut = is_last && !end_;
    std::string bytes;
    if (!read(*file, 0, stop, kSegmentHeaderSize, bytes, may_be_cut)) return;
    SegmentHeader header;
    if (const auto flaw = decode(bytes, header, hasher_)) return fail_at(0, *flaw);
    if (header.segment != segment) return fail_at(0, "is another segment under this name");
    if (header.previous != chain_) {
      return fail_at(0, "does not follow the segment before it: one of the two is of another archive, or was changed");
    }
    hasher_.add(bytes);
    chain_ = hasher_.finish();
    ++result_.segments;
    std::uint64_t at = kSegmentHeaderSize;
    while (at < stop && !result_.fault && !is_over_) at = verify_frame(*file, at, stop, may_be_cut);
    if (!result_.fault && !is_over_ && is_last && end_ && chain_ != end_->chain) {
      fail_at(at, "holds something else where the database was committed: they are not of one ingest");
    }
  }

  std::uint64_t verify_frame(const sys::File& file, std::uint64_t at, std::uint64_t stop, bool may_be_cut) {
    if (is_cancelled_ && is_cancelled_()) is_over_ = true;
    if (is_over_ || !read(file, at, stop, kFrameHeaderSize, head_, may_be_cut)) return at;
    FrameHeader header;
    if (const auto flaw = decode(head_, header, hasher_)) return fail_at(at, *flaw), at;
    if (!read(file, at + kFrameHeaderSize, stop, header.packed_size, packed_, may_be_cut)) return at;
    chain_ = chain_of(chain_, head_, packed_, hasher_);
    if (header.chain != chain_)
      return fail_at(at, "the chain of hashes is broken: a frame was changed or taken out"), at;
    if (const auto flaw = unpacker_.unpack(header, packed_, raw_)) return fail_at(at, *flaw), at;
    verify_place(header, at);
    ++result_.frames;
    result_.packed_bytes += kFrameHeaderSize + header.packed_size;
    return at + kFrameHeaderSize + header.packed_size;
  }

  // That the frame joins up with what its source has so far.
  void verify_place(const FrameHeader& header, std::uint64_t at) {
    if (header.kind == FrameKind::kNote) {
      if (header.continues_line && !is_in_note_) return fail_at(at, "a note goes on that was not begun");
      is_in_note_ = header.in_line;
      return;
    }
    Source& source = sources_[header.source];
    const std::string who = "source " + std::to_string(header.source);
    if (header.kind == FrameKind::kSource) {
      if (!source.name.empty() && source.name != raw_) return fail_at(at, who + " is given a second name");
      source.name = raw_;
      return;
    }
    if (source.name.empty()) return fail_at(at, who + " has text, and no name");
    const bool joins = header.first_line == source.line && header.position == source.position &&
                       (source.in_line || !header.continues_line);
    if (source.has_text && !joins) {
      return fail_at(at, who + " does not go on where it ended, with line " + std::to_string(source.line) +
                             " at byte " + std::to_string(source.position));
    }
    source.has_text = true;
    source.line = header.first_line + header.lines;
    source.position = header.position + header.raw_size;
    source.in_line = header.in_line;
    result_.lines += header.lines;
    result_.bytes += header.raw_size;
  }

  const std::string& directory_;
  const std::optional<Mark>& end_;
  const std::function<bool()>& is_cancelled_;
  Verification result_;
  bool is_over_ = false, is_in_note_ = false;
  std::string path_, head_, packed_, raw_;
  std::map<std::uint32_t, Source> sources_;
  Digest chain_{};
  Unpacker unpacker_;
  Hasher hasher_;
};

}  // namespace

Verification verify_archive(const std::string& directory, const std::optional<Mark>& end,
                            const std::function<bool()>& is_cancelled) {
  return Verifier(directory, end, is_cancelled).verify();
}

}  // namespace mailtrail::archive
