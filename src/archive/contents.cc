#include "archive/contents.h"

#include <algorithm>

#include "sys/directory.h"
#include "sys/file.h"
#include "sys/output_file.h"

namespace mailtrail::archive {
namespace {

std::string path_of(const std::string& directory, std::uint32_t segment) {
  return directory + "/" + segment_name(segment);
}

Error missing_error(const std::string& where, const Mark& mark) {
  return {"a part of the archive is missing: the database was committed up to segment " +
              std::to_string(mark.place.segment) + ", byte " + std::to_string(mark.place.offset),
          where, "put the missing files back from a backup, or a database that is as old as this archive"};
}

Result<FrameHeader> header_at(const sys::File& file, const std::string& path, const FrameEntry& entry, Hasher& hasher) {
  char bytes[kFrameHeaderSize];
  const Result<std::size_t> got = file.read_at(entry.offset, bytes, sizeof bytes);
  if (!got.ok()) return got.error();
  FrameHeader header;
  if (*got != sizeof bytes) return flaw_at(path, entry.offset, {"a frame is cut short", std::string(kRestoreRemedy)});
  if (const auto flaw = decode({bytes, sizeof bytes}, header, hasher)) return flaw_at(path, entry.offset, *flaw);
  if (entry_of(header, {entry.segment, entry.offset}) != entry) {
    return flaw_at(path, entry.offset, {"another frame stands here than the index says", "remove the file `index`"});
  }
  return header;
}

// Goes through the segments, one after another.
class Walker {
 public:
  Walker(const std::string& directory, const Mark& begin, const std::optional<Mark>& end, IndexFile index)
      : directory_(directory), begin_(begin), end_(end), index_(std::move(index)) {}

  Result<Contents> walk(const std::vector<std::uint32_t>& segments) {
    contents_.end = begin_;
    std::size_t known = 0;
    for (const auto& [segment, indexed] : index_.segments) known += indexed.entries.size();
    contents_.frames.reserve(known);
    if (begin_.place.segment == 0) before_ = Digest{};
    std::uint32_t expected = std::max<std::uint32_t>(begin_.place.segment, 1);
    for (const std::uint32_t segment : segments) {
      if (segment < begin_.place.segment) continue;
      if (end_ && segment > end_->place.segment) break;
      if (segment != expected) tell_missing(expected, segment);
      expected = segment + 1;
      const bool is_last = end_ ? segment == end_->place.segment : segment == segments.back();
      if (const Result<Done> done = walk_segment(segment, is_last); !done.ok()) return done.error();
    }
    if (end_ && end_->place.segment >= expected) {
      return missing_error(path_of(directory_, end_->place.segment), *end_);
    }
    if (end_) contents_.end = *end_;
    for (const auto& [segment, indexed] : index_.segments) {
      if (Place{segment, indexed.end} > contents_.end.place) contents_.is_index_wrong = true;
    }
    return std::move(contents_);
  }

 private:
  void tell_missing(std::uint32_t first, std::uint32_t next) {
    const std::string last = segment_name(next - 1);
    contents_.faults.push_back({next - first == 1 ? "a segment of the archive is missing"
                                                  : "segments of the archive are missing, up to " + last,
                                path_of(directory_, first), std::string(kRestoreRemedy)});
    before_.reset();
  }

  void tell(const std::string& path, std::uint64_t offset, const Flaw& flaw) {
    contents_.faults.push_back(flaw_at(path, offset, flaw));
    contents_.is_end_reached = false;
  }

  Result<Done> walk_segment(std::uint32_t segment, bool is_last) {
    const std::string path = path_of(directory_, segment);
    const std::optional<Digest> before = std::exchange(before_, std::nullopt);
    contents_.is_end_reached = true;
    const Result<sys::File> file = sys::File::open(path);
    if (!file.ok()) return fail(file.error(), is_last);
    const Result<sys::FileInfo> info = file->info();
    if (!info.ok()) return fail(info.error(), is_last);
    std::uint64_t stop = std::min(info->size, kMostSegment);
    if (end_ && is_last) {
      if (stop < end_->place.offset) return missing_error(path, *end_);
      stop = end_->place.offset;
    }
    Mark at{{segment, kSegmentHeaderSize}, {}};
    if (segment == begin_.place.segment) {
      at = begin_;
    } else if (!take_indexed(*file, path, stop, is_last, at)) {
      if (stop < kSegmentHeaderSize && !end_ && is_last) return Done{};  // its header was not written to the end
      if (!enter(*file, path, before, at)) return Done{};
    }
    bool whole = scan(*file, path, stop, is_last, at);
    if (whole && stop == kMostSegment && info->size > kMostSegment) {
      tell(path, stop, {"is larger than a segment can be", std::string(kRestoreRemedy)});
      whole = false;
    }
    if (whole) {
      before_ = at.chain;
      if (end_ && is_last && at.chain != end_->chain) {
        return Error{"the archive holds something else where the database was committed: they are not of one ingest",
                     path, "use the database and the archive that belong together"};
      }
    }
    if (at.place > contents_.end.place) contents_.end = at;
    return Done{};
  }

  Result<Done> fail(const Error& error, bool is_last) {
    if (end_ && is_last) return error;
    contents_.faults.push_back(error);
    contents_.is_end_reached = false;
    return Done{};
  }

  // Takes the frames that the side file knows of a segment. Of the last segment, to which was appended last and of
  // which the end may have been taken off, the last frame must be the one that the side file means.
  bool take_indexed(const sys::File& file, const std::string& path, std::uint64_t stop, bool is_last, Mark& at) {
    const auto found = index_.segments.find(at.place.segment);
    if (found == index_.segments.end()) return false;
    const IndexedSegment& indexed = found->second;
    std::size_t count = indexed.entries.size();
    while (count > 0 && indexed.entries[count - 1].end_offset() > stop) --count;
    if (count == 0) return false;
    const FrameEntry& last = indexed.entries[count - 1];
    const bool is_all = count == indexed.entries.size();
    if (is_last || !is_all) {
      const Result<FrameHeader> header = header_at(file, path, last, hasher_);
      if (!header.ok() || (is_all && header->chain != indexed.chain)) {
        contents_.is_index_wrong = true;
        return false;
      }
      at.chain = header->chain;
    } else {
      at.chain = indexed.chain;
    }
    at.place.offset = last.end_offset();
    contents_.frames.insert(contents_.frames.end(), indexed.entries.begin(),
                            indexed.entries.begin() + static_cast<std::ptrdiff_t>(count));
    return true;
  }

  // Reads the header of a segment. False: none of it can be read.
  bool enter(const sys::File& file, const std::string& path, const std::optional<Digest>& before, Mark& at) {
    SegmentHeaderBytes bytes{};
    const Result<std::size_t> got = file.read_at(0, bytes.data(), bytes.size());
    if (!got.ok()) {
      contents_.faults.push_back(got.error());
      contents_.is_end_reached = false;
      return false;
    }
    SegmentHeader header;
    if (const auto flaw = decode(std::string_view(bytes.data(), bytes.size()), header, hasher_)) {
      tell(path, 0, *flaw);
      return false;
    }
    if (header.segment != at.place.segment) {
      tell(path, 0, {"is segment " + std::to_string(header.segment) + " under another name", "give it its name back"});
      return false;
    }
    if (before && header.previous != *before) {
      tell(path, 0,
           {"does not follow the segment before it: one of the two is of another archive, or was changed",
            std::string(kRestoreRemedy)});
      return false;
    }
    at.chain = chain_of(bytes, hasher_);
    return true;
  }

  // Reads headers from `at` to `stop`. False: they do not lead there.
  bool scan(const sys::File& file, const std::string& path, std::uint64_t stop, bool is_last, Mark& at) {
    IndexBlock block{at.place.segment, at.place.offset, 0, {}, {}};
    bool whole = true;
    while (whole && at.place.offset < stop) {
      char bytes[kFrameHeaderSize];
      FrameHeader header;
      const bool is_cut = stop - at.place.offset < sizeof bytes;
      const Result<std::size_t> got =
          is_cut ? Result<std::size_t>(std::size_t{0}) : file.read_at(at.place.offset, bytes, sizeof bytes);
      std::optional<Flaw> flaw;
      if (!got.ok()) flaw = Flaw{got.error().what, got.error().remedy};
      if (!flaw && !is_cut) flaw = decode({bytes, sizeof bytes}, header, hasher_);
      if (!flaw && (is_cut || stop - at.place.offset - sizeof bytes < header.packed_size)) {
        whole = false;
        // What was under way when the machine stopped is no fault.
        if (end_ || !is_last) tell(path, at.place.offset, {"a frame is cut short", std::string(kRestoreRemedy)});
      } else if (flaw) {
        whole = false;
        tell(path, at.place.offset, *flaw);
      } else {
        block.entries.push_back(entry_of(header, at.place));
        at = {{at.place.segment, block.entries.back().end_offset()}, header.chain};
      }
    }
    block.to = at.place.offset;
    block.chain = at.chain;
    contents_.frames.insert(contents_.frames.end(), block.entries.begin(), block.entries.end());
    if (!block.entries.empty()) contents_.not_indexed.push_back(std::move(block));
    return whole;
  }

  const std::string& directory_;
  const Mark begin_;
  const std::optional<Mark> end_;
  const IndexFile index_;
  Contents contents_;
  std::optional<Digest> before_;  // at the end of the segment before, where it is known
  Hasher hasher_;
};

}  // namespace

std::string index_path(const std::string& directory) {
  return directory + "/index";
}

Result<FrameHeader> read_header(const std::string& directory, const FrameEntry& entry) {
  const std::string path = path_of(directory, entry.segment);
  const Result<sys::File> file = sys::File::open(path);
  if (!file.ok()) return file.error();
  Hasher hasher;
  return header_at(*file, path, entry, hasher);
}

Error not_a_mark(const std::string& directory, std::string_view text) {
  return {"the database's mark of the archive is none: " + std::string(text.substr(0, 100)), directory,
          "read it with the version of mailtrail that wrote it"};
}

Error flaw_at(const std::string& path, std::uint64_t offset, const Flaw& flaw) {
  return {flaw.what, path + ", byte " + std::to_string(offset), flaw.remedy};
}

Result<std::vector<std::uint32_t>> segments_in(const std::string& directory) {
  const Result<std::vector<std::string>> names = sys::list_directory(directory);
  if (!names.ok()) return names.error();
  std::vector<std::uint32_t> segments;
  for (const std::string& name : *names) {
    if (const auto segment = segment_of(name)) segments.push_back(*segment);
  }
  std::sort(segments.begin(), segments.end());
  return segments;
}

Result<Contents> read_contents(const std::string& directory, const Mark& begin, const std::optional<Mark>& end,
                               bool use_index) {
  std::vector<std::uint32_t> segments;
  if (sys::is_present(directory)) {
    Result<std::vector<std::uint32_t>> found = segments_in(directory);
    if (!found.ok()) return found.error();
    segments = std::move(*found);
  }
  IndexFile index;
  if (use_index) index = read_index(index_path(directory));
  const bool is_damaged = index.is_present && !index.is_whole;
  Result<Contents> contents = Walker(directory, begin, end, std::move(index)).walk(segments);
  if (contents.ok() && is_damaged) contents->is_index_wrong = true;
  return contents;
}

}  // namespace mailtrail::archive
