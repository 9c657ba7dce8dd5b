#include <algorithm>
#include <map>
#include <utility>

#include "archive/archive.h"
#include "archive/contents.h"
#include "archive/frame_queue.h"
#include "archive/frame_reader.h"
#include "archive/line_cut.h"
#include "archive/writer_directory.h"

namespace mailtrail::archive {
namespace {

// Bytes of all sources that are kept until a frame of theirs is full.
constexpr std::size_t kMostGathered = 6u << 20;

Error misuse(std::uint32_t source, std::string what) {
  return {"source " + std::to_string(source) + ": " + std::move(what), "", ""};
}

class ArchiveWriter final : public Writer {
 public:
  ArchiveWriter(WriterDirectory directory, Contents contents, std::unique_ptr<SegmentWriter> segments)
      : directory_(std::move(directory)),
        faults_(std::move(contents.faults)),
        mark_(contents.end),
        queue_(std::move(segments)) {
    FrameReader reader(directory_.path());
    for (const FrameEntry& entry : contents.frames) {
      if (entry.kind == FrameKind::kNote) continue;
      Source& source = sources_[entry.source];
      if (entry.kind == FrameKind::kText) {
        source.joint = Joint{entry.end_line(), entry.end_position(), entry.in_line};
      } else if (source.name.empty()) {
        Result<std::string> name = reader.read(entry);
        if (name.ok()) source.name = std::move(*name);
        if (!name.ok()) faults_.push_back(name.error());
      }
    }
  }

  const std::vector<Error>& faults() const override { return faults_; }

  Result<Done> declare_source(std::uint32_t number, std::string_view name) override {
    if (const auto error = queue_.error()) return *error;
    if (number >= kMostSources) return misuse(number, "the number is too large");
    if (name.empty() || name.size() > kMostName) return misuse(number, "a name has 1 to 4096 bytes");
    Source& source = sources_[number];
    if (source.name == name) return Done{};
    if (!source.name.empty()) return misuse(number, "has the name " + source.name + ", and cannot be given another");
    FrameHeader header;
    header.kind = FrameKind::kSource;
    header.source = number;
    header.raw_size = static_cast<std::uint32_t>(name.size());
    header.in_line = true;
    const Result<Done> pushed = queue_.push(header, std::string(name));
    if (pushed.ok()) source.name = name;
    return pushed;
  }

  std::optional<Joint> joint(std::uint32_t source) const override {
    const auto found = sources_.find(source);
    return found == sources_.end() ? std::nullopt : found->second.joint;
  }

  Result<Done> append(const Piece& piece) override {
    if (const auto error = queue_.error()) return *error;
    if (piece.text.empty()) return Done{};
    const auto found = sources_.find(piece.source);
    if (found == sources_.end() || found->second.name.empty()) return misuse(piece.source, "is not declared");
    Source& source = found->second;
    if (auto error = check(piece, source.joint)) return *error;
    // A line without an end that nothing goes on with ends with its frame.
    if (source.joint && source.joint->in_line && !piece.continues_line) {
      if (const Result<Done> flushed = flush(source); !flushed.ok()) return flushed;
    }
    // Frames of one source are gathered only where they join up.
    if (!source.text.empty() &&
        (piece.position != source.joint->next_position || piece.first_line != source.joint->next_line)) {
      if (const Result<Done> flushed = flush(source); !flushed.ok()) return flushed;
    }
    return gather(piece, source);
  }

  Result<Done> note(std::string_view bytes) override {
    if (const auto error = queue_.error()) return *error;
    if (bytes.empty()) return Error{"a note is empty", "", ""};
    if (const Result<Done> flushed = flush_all(); !flushed.ok()) return flushed;
    FrameHeader header;
    header.kind = FrameKind::kNote;
    for (; !bytes.empty(); header.continues_line = true) {
      const std::string_view part = bytes.substr(0, kMostRaw);
      bytes.remove_prefix(part.size());
      header.raw_size = static_cast<std::uint32_t>(part.size());
      header.in_line = !bytes.empty();
      if (const Result<Done> pushed = queue_.push(header, std::string(part)); !pushed.ok()) return pushed;
    }
    return Done{};
  }

  Result<std::string> sync() override {
    if (const Result<Done> flushed = flush_all(); !flushed.ok()) return flushed.error();
    const Result<Mark> mark = queue_.sync();
    if (!mark.ok()) return mark.error();
    mark_ = *mark;
    return to_text(mark_);
  }

  Result<Done> confirm() override { return directory_.confirm(mark_); }

 private:
  struct Source {
    std::string name;
    std::optional<Joint> joint;
    FrameHeader header;  // of the frame that is gathered
    std::string text;
  };

  std::optional<Error> check(const Piece& piece, const std::optional<Joint>& joint) const {
    if (piece.first_time.has_value() != piece.last_time.has_value()) return misuse(piece.source, "one time of two");
    const std::uint64_t lines = count_lines(piece.text, piece.continues_line);
    if (piece.lines != lines) {
      return misuse(piece.source, "a piece is said to have " + std::to_string(piece.lines) + " lines, and has " +
                                      std::to_string(lines));
    }
    if (piece.first_line == 0 || piece.first_line > UINT64_MAX - lines ||
        piece.position > UINT64_MAX - piece.text.size()) {
      return misuse(piece.source, "a piece lies where none can");
    }
    if (!joint) {
      if (piece.continues_line) return misuse(piece.source, "the first piece goes on with a line");
      return std::nullopt;
    }
    // Where frames are damaged or missing, the end of a source may be among them.
    const bool is_behind = piece.first_line >= joint->next_line && piece.position >= joint->next_position;
    const bool joins = piece.first_line == joint->next_line && piece.position == joint->next_position &&
                       (joint->in_line || !piece.continues_line);
    if (joins || (is_behind && !faults_.empty())) return std::nullopt;
    return misuse(piece.source, "a piece begins with line " + std::to_string(piece.first_line) + " at byte " +
                                    std::to_string(piece.position) + ", and should with line " +
                                    std::to_string(joint->next_line) + " at byte " +
                                    std::to_string(joint->next_position));
  }

  // Takes the piece over, in frames that are full of whole lines where lines are not too long for that.
  Result<Done> gather(const Piece& piece, Source& source) {
    std::string_view rest = piece.text;
    Joint next{piece.first_line, piece.position, piece.continues_line};
    while (!rest.empty()) {
      std::string_view part = rest;
      if (const std::size_t room = kMostRaw - source.text.size(); rest.size() > room) {
        const std::size_t end = room == 0 ? std::string_view::npos : rest.rfind('\n', room - 1);
        part = rest.substr(0, end != std::string_view::npos ? end + 1 : source.text.empty() ? room : 0);
      }
      if (!part.empty()) {
        add(part, piece, source, next);
        rest.remove_prefix(part.size());
      }
      source.joint = next;
      if (!rest.empty() || source.text.size() == kMostRaw) {
        if (const Result<Done> flushed = flush(source); !flushed.ok()) return flushed;
      }
    }
    while (gathered_ > kMostGathered) {
      const auto largest = std::max_element(sources_.begin(), sources_.end(), [](const auto& a, const auto& b) {
        return a.second.text.size() < b.second.text.size();
      });
      if (const Result<Done> flushed = flush(largest->second); !flushed.ok()) return flushed;
    }
    return Done{};
  }

  void add(std::string_view part, const Piece& piece, Source& source, Joint& next) {
    FrameHeader& header = source.header;
    if (source.text.empty()) {
      header = FrameHeader{};
      header.source = piece.source;
      header.continues_line = next.in_line;
      header.first_line = next.next_line;
      header.position = next.next_position;
      source.text = queue_.spare();
    }
    const std::uint64_t lines = count_lines(part, next.in_line);
    header.lines += static_cast<std::uint32_t>(lines);
    header.in_line = part.back() != '\n';
    if (piece.first_time) {
      header.first_time = header.first_time ? std::min(*header.first_time, *piece.first_time) : *piece.first_time;
      header.last_time = header.last_time ? std::max(*header.last_time, *piece.last_time) : *piece.last_time;
    }
    source.text += part;
    gathered_ += part.size();
    next = {next.next_line + lines, next.next_position + part.size(), header.in_line};
  }

  Result<Done> flush_all() {
    for (auto& [number, source] : sources_) {
      if (const Result<Done> flushed = flush(source); !flushed.ok()) return flushed;
    }
    return Done{};
  }

  Result<Done> flush(Source& source) {
    if (source.text.empty()) return Done{};
    gathered_ -= source.text.size();
    source.header.raw_size = static_cast<std::uint32_t>(source.text.size());
    return queue_.push(source.header, std::exchange(source.text, {}));
  }

  WriterDirectory directory_;
  std::vector<Error> faults_;
  std::map<std::uint32_t, Source> sources_;
  std::size_t gathered_ = 0;
  Mark mark_;  // that `sync` gave last
  FrameQueue queue_;
};

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const std::string& directory, std::string_view durable_mark,
                                             const WriterOptions& options) {
  const std::optional<Mark> mark = mark_of(durable_mark);
  if (!mark) return not_a_mark(directory, durable_mark);
  Result<WriterDirectory> taken = WriterDirectory::take(directory, *mark);
  if (!taken.ok()) return taken.error();
  Result<Contents> contents = read_contents(directory, {}, *mark, true);
  if (!contents.ok()) return contents.error();
  if (const Result<Done> cut = taken->take_back(*contents); !cut.ok()) return cut.error();
  Result<std::unique_ptr<SegmentWriter>> segments =
      SegmentWriter::open(directory, contents->end, !contents->is_end_reached, options.segment_size);
  if (!segments.ok()) return segments.error();
  return std::unique_ptr<Writer>(
      std::make_unique<ArchiveWriter>(std::move(*taken), std::move(*contents), std::move(*segments)));
}

}  // namespace mailtrail::archive
