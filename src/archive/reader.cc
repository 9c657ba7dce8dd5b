#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "archive/archive.h"
#include "archive/contents.h"
#include "archive/frame_reader.h"
#include "archive/line_cut.h"
#include "archive/verifier.h"
#include "sys/append_file.h"

namespace mailtrail::archive {
namespace {

// Unpacked frames that are kept.
constexpr std::size_t kMostKept = 8;
// Frames that had to be found by their headers, from which on they are worth a place in the side file.
constexpr std::size_t kWorthIndexing = 1024;

using FrameText = std::shared_ptr<const std::string>;

// Where the bytes of a frame are found: the frame, and its place among those of its source.
struct Wanted {
  std::uint32_t frame = 0, in_source = 0;
  std::size_t asked = 0;  // index of the place that was asked for
};

// Goes forward from line to line of a frame.
class LineCursor {
 public:
  LineCursor(const FrameEntry& entry, std::string_view text) : text_(text), line_(entry.first_line) {
    if (entry.continues_line) at_ = behind_line(text_, 0);
  }
  // From the first byte of the line to the end of the frame or behind the line's feed. The frame MUST have the line,
  // and a call never goes back.
  std::string_view line(std::uint64_t number) {
    for (; line_ < number && at_ < text_.size(); ++line_) at_ = behind_line(text_, at_);
    if (at_ >= text_.size()) return {};
    return text_.substr(at_, std::min(behind_line(text_, at_), text_.size()) - at_);
  }

 private:
  std::string_view text_;
  std::uint64_t line_;
  std::size_t at_ = 0;
};

class ArchiveReader final : public Reader {
 public:
  ArchiveReader(std::string directory, bool is_everything, Contents contents)
      : directory_(std::move(directory)), is_everything_(is_everything), frames_(directory_) {
    save_index(contents);
    take(std::move(contents));
  }

  Result<Done> advance(std::string_view durable_mark) override {
    const std::lock_guard lock(mutex_);
    const std::optional<Mark> mark = mark_of(durable_mark);
    if (!mark) return not_a_mark(directory_, durable_mark);
    if (mark->place < end_.place) {
      return Error{"the mark lies before what was read already", directory_, "open the archive anew"};
    }
    Result<Contents> contents = read_contents(directory_, end_, *mark, false);
    if (!contents.ok()) return contents.error();
    take(std::move(*contents));
    return Done{};
  }

  std::vector<Error> faults() const override {
    const std::lock_guard lock(mutex_);
    return faults_;
  }

  std::string mark() const override {
    const std::lock_guard lock(mutex_);
    return to_text(end_);
  }

  FoundLines lines(std::span<const LinePlace> places) override {
    const std::lock_guard lock(mutex_);
    FoundLines found;
    found.texts.resize(places.size());
    std::vector<Wanted> wanted;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const std::uint32_t in_source = index_.find(places[i].source, places[i].line);
      if (in_source == FrameIndex::kNone) continue;
      wanted.push_back({index_.sources().at(places[i].source).frames[in_source], in_source, i});
    }
    std::sort(wanted.begin(), wanted.end(), [&](const Wanted& a, const Wanted& b) {
      return std::pair(a.frame, places[a.asked].line) < std::pair(b.frame, places[b.asked].line);
    });
    for (std::size_t begin = 0; begin < wanted.size();) {
      const std::uint32_t frame = wanted[begin].frame;
      const FrameText text = text_of(frame, found.faults);
      LineCursor cursor(index_[frame], text ? std::string_view(*text) : std::string_view());
      for (; begin < wanted.size() && wanted[begin].frame == frame; ++begin) {
        if (!text) continue;
        const LinePlace& place = places[wanted[begin].asked];
        found.texts[wanted[begin].asked] =
            whole_line(cursor.line(place.line), place.source, wanted[begin].in_source, found.faults);
      }
    }
    return found;
  }

  std::vector<Error> read_source(std::uint32_t source, std::uint64_t from,
                                 const std::function<bool(const Piece&)>& sink) override {
    std::vector<Error> faults;
    std::vector<FrameEntry> entries;
    {
      const std::lock_guard lock(mutex_);
      const auto found = index_.sources().find(source);
      if (found == index_.sources().end()) return faults;
      for (const std::uint32_t frame : found->second.frames) {
        if (index_[frame].end_position() > from) entries.push_back(index_[frame]);
      }
    }
    // What is read here would push out what is kept for others.
    FrameReader reader(directory_);
    for (const FrameEntry& entry : entries) {
      FrameHeader header;
      const Result<std::string> text = reader.read(entry, &header);
      if (!text.ok()) {
        faults.push_back(text.error());
        continue;
      }
      const Piece piece{source, entry.lines,       entry.first_line, entry.position, entry.continues_line,
                        *text,  header.first_time, header.last_time};
      if (!sink(piece)) break;
    }
    return faults;
  }

  std::vector<Error> read_notes(const std::function<bool(const Note&)>& sink) override {
    std::vector<Error> faults;
    std::vector<FrameEntry> entries;
    {
      const std::lock_guard lock(mutex_);
      for (const std::uint32_t frame : index_.notes()) entries.push_back(index_[frame]);
    }
    FrameReader reader(directory_);
    Note note;
    bool is_begun = false;  // the frames of `note` so far are all there
    for (const FrameEntry& entry : entries) {
      FrameHeader header;
      const Result<std::string> part = reader.read(entry, &header);
      if (!part.ok()) faults.push_back(part.error());
      if (!part.ok() || (header.continues_line && !is_begun)) {
        is_begun = false;
        continue;
      }
      if (!header.continues_line) note.bytes.clear();
      note.bytes += *part;
      is_begun = header.in_line;
      if (is_begun) continue;
      note.mark = to_text({{entry.segment, entry.end_offset()}, header.chain});
      if (!sink(note)) break;
    }
    return faults;
  }

  std::vector<ArchivedSource> sources() override {
    const std::lock_guard lock(mutex_);
    std::vector<ArchivedSource> sources;
    for (const auto& [number, source] : index_.sources()) {
      ArchivedSource archived;
      archived.number = number;
      if (source.declared != FrameIndex::kNone) {
        Result<std::string> name = frames_.read(index_[source.declared]);
        if (name.ok()) archived.name = std::move(*name);
        if (!name.ok() && std::none_of(faults_.begin(), faults_.end(),
                                       [&](const Error& fault) { return fault.where == name.error().where; })) {
          faults_.push_back(name.error());
        }
      }
      if (!source.frames.empty()) {
        const FrameEntry& first = index_[source.frames.front()];
        archived.first_line = first.first_line;
        archived.first_position = first.position;
        for (const std::uint32_t frame : source.frames) {
          archived.lines += index_[frame].lines;
          archived.bytes += index_[frame].raw_size;
        }
      }
      sources.push_back(std::move(archived));
    }
    return sources;
  }

  Verification verify(const std::function<bool()>& is_cancelled) override {
    std::optional<Mark> end;
    {
      const std::lock_guard lock(mutex_);
      if (!is_everything_) end = end_;
    }
    return verify_archive(directory_, end, is_cancelled);
  }

 private:
  void take(Contents contents) {
    index_.add(std::move(contents.frames));
    for (Error& fault : contents.faults) faults_.push_back(std::move(fault));
    end_ = contents.end;
  }

  // So that the next one that opens need not look for them. That it cannot (a directory that may only be read) is no
  // error.
  void save_index(const Contents& contents) const {
    std::size_t count = 0;
    for (const IndexBlock& block : contents.not_indexed) count += block.entries.size();
    if (is_everything_ || contents.is_index_wrong || count < kWorthIndexing) return;
    Hasher hasher;
    Result<sys::AppendFile> file = sys::AppendFile::open(index_path(directory_));
    for (const IndexBlock& block : contents.not_indexed) {
      if (file.ok()) (void)file->append(to_bytes(block, hasher));
    }
  }

  // The unpacked bytes of a frame; null where they cannot be read, which is told once.
  FrameText text_of(std::uint32_t frame, std::vector<Error>& faults) {
    const auto kept = std::find_if(kept_.begin(), kept_.end(), [&](const auto& pair) { return pair.first == frame; });
    if (kept != kept_.end()) {
      std::rotate(kept, kept + 1, kept_.end());
      return kept_.back().second;
    }
    Result<std::string> text = frames_.read(index_[frame]);
    if (!text.ok()) {
      const Error& error = text.error();
      const bool is_told = std::any_of(faults.begin(), faults.end(), [&](const Error& fault) {
        return fault.where == error.where && fault.what == error.what;
      });
      if (!is_told) faults.push_back(error);
      return nullptr;
    }
    if (kept_.size() == kMostKept) kept_.erase(kept_.begin());
    kept_.emplace_back(frame, std::make_shared<const std::string>(std::move(*text)));
    return kept_.back().second;
  }

  // The line that begins with `begin` in the frame `in_source`, with what the next frames have of it, without its end.
  std::optional<std::string> whole_line(std::string_view begin, std::uint32_t source, std::uint32_t in_source,
                                        std::vector<Error>& faults) {
    std::string line(begin.substr(0, kMostLine));
    const std::vector<std::uint32_t>& frames = index_.sources().at(source).frames;
    while (line.size() < kMostLine && !line.ends_with('\n') && in_source + 1 < frames.size()) {
      const FrameEntry &before = index_[frames[in_source]], &entry = index_[frames[++in_source]];
      if (!entry.continues_line || entry.position != before.end_position()) break;
      const FrameText text = text_of(frames[in_source], faults);
      if (!text) return std::nullopt;
      line += std::string_view(*text).substr(0, std::min(behind_line(*text, 0), kMostLine - line.size()));
    }
    if (line.ends_with('\n')) {
      line.pop_back();
      if (line.ends_with('\r')) line.pop_back();
    }
    return line;
  }

  const std::string directory_;
  const bool is_everything_;
  mutable std::mutex mutex_;
  FrameIndex index_;
  std::vector<Error> faults_;
  Mark end_;
  FrameReader frames_;
  std::vector<std::pair<std::uint32_t, FrameText>> kept_;  // the last that was used at the end
};

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(const std::string& directory, std::string_view durable_mark) {
  std::optional<Mark> mark;
  if (durable_mark != kEverything) {
    mark = mark_of(durable_mark);
    if (!mark) return not_a_mark(directory, durable_mark);
  }
  Result<Contents> contents = read_contents(directory, {}, mark, true);
  if (!contents.ok()) return contents.error();
  return std::unique_ptr<Reader>(std::make_unique<ArchiveReader>(directory, !mark.has_value(), std::move(*contents)));
}

}  // namespace mailtrail::archive
