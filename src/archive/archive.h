// The archive: every byte of every log that was taken in, append-only, hash-chained, compressed. It is the truth of
// which the database is a view; its format is docs/design/archive.md.
//
// A SOURCE is one stream of bytes (one generation of a log file, after decompression) with a number. Its bytes are
// archived from some place on, in order and without a hole. LINES are numbered from 1 in each source; a line ends with
// a line feed.
//
// A MARK is a short printable text that names a place in the archive and the hash of everything before it. Whoever
// keeps facts commits a mark together with them: after a crash the archive is taken back to the mark of the last
// commit, and what lay behind is read again from the logs. The empty mark stands before the first byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace mailtrail::archive {

inline constexpr std::uint32_t kMostSources = 1u << 24;  // numbers of sources MUST be below
inline constexpr std::size_t kMostName = 4096;           // bytes of a source's name
inline constexpr std::size_t kMostLine = 1u << 20;       // bytes that are given back of one line by Reader::lines

// Some bytes of one source, as they were read, line ends included.
struct Piece {
  std::uint32_t source = 0;
  // How many lines begin in `text`. A line begins behind a line feed, and with the first byte unless
  // `continues_line`; so of text that does not continue a line it is the number of line feeds, and one more where
  // the last line has no end.
  std::uint64_t lines = 0;
  // Number of the first line that begins in `text` (where none does: of the next one that will).
  std::uint64_t first_line = 1;
  // Offset of the first byte of `text` in the source.
  std::uint64_t position = 0;
  // The first byte goes on with line `first_line - 1`, of which the piece before had the beginning but not the end.
  bool continues_line = false;
  std::string_view text;
  // Bounds of the times that the lines state, where known (both or none).
  std::optional<Micros> first_time, last_time;
};

struct WriterOptions {
  // A segment of this size takes no more frames. At most 256 MiB.
  std::uint64_t segment_size = std::uint64_t{256} << 20;
};

// Adds to an archive. One process at a time has a writer of a directory. All calls come from one thread at a time;
// compression, hashing and writing are done on a thread of the writer's own. Keeps about 16 MiB of memory at most, and
// a few hundred bytes for each source, whatever is appended; while it opens, 50 bytes for each frame (about a MiB of
// text).
//
// After a failure (disk full, I/O error) every later call gives the same error and nothing more is written: open a new
// writer with the last committed mark when there is room. What was wrongly called (a piece that does not join up) is
// told the same way, but leaves the writer as it was.
class Writer {
 public:
  // Opens the archive in `directory`, which is made where it does not exist (its parent MUST exist), and takes it back
  // to `durable_mark`: the mark of the last commit, or empty where nothing was ever committed. Errors: another
  // process writes it (its process id is told); no right to write; the archive ends before the mark (a part of it is
  // missing); it holds something else at the mark (it is another archive); a newer version; the mark is older than one
  // that was confirmed (the database was put back or lost: nothing is removed then, see `confirm`).
  //
  // A damaged place before the mark is no error: it is told by `faults`, and what comes is appended in a new segment,
  // where it can be read.
  static Result<std::unique_ptr<Writer>> open(const std::string& directory, std::string_view durable_mark,
                                              const WriterOptions& options = {});
  // What was appended after the last `sync` may be lost; the next `open` takes it off.
  virtual ~Writer() = default;

  // What is wrong with the archive that was opened: for a warning.
  virtual const std::vector<Error>& faults() const = 0;

  // Gives the source `number` its name, as a person knows it (a path and what tells generations apart). MUST come
  // before its first piece, once for the life of the archive; the same name again (after a restart) does nothing.
  // Errors: another name, number or name too large.
  virtual Result<Done> declare_source(std::uint32_t number, std::string_view name) = 0;

  // Where the next piece of a declared source MUST join up: {line, position}; nothing where it has no piece yet (it
  // may then begin anywhere).
  struct Joint {
    std::uint64_t next_line = 1, next_position = 0;
    bool in_line = false;  // the last line has no end yet
  };
  virtual std::optional<Joint> joint(std::uint32_t source) const = 0;

  // Takes a copy of the piece; waits while the writer's thread is behind. `text` may be of any size; empty text does
  // nothing. The first piece of a source MAY begin anywhere, each further one MUST join up: its `position` and
  // `first_line` are those of `joint`. Where the last line has no end yet, the piece either `continues_line`, or it
  // does not, and what came before counts as a line of its own.
  virtual Result<Done> append(const Piece& piece) = 0;

  // Takes a copy of a note: bytes of which the archive knows nothing but where they stand, behind everything that was
  // appended before. Reader::read_notes gives them back. Error: it is empty.
  virtual Result<Done> note(std::string_view bytes) = 0;

  // Writes everything that was appended, waits until it is on the disk, and gives the mark to commit. Half-full
  // frames cost size: call it seldom (every few seconds, or every hundred megabytes).
  virtual Result<std::string> sync() = 0;

  // Says that the mark that `sync` gave last is now committed. It is noted beside the segments, so that an `open`
  // with an older mark, or none, is refused instead of taking off what was committed. MUST NOT be called before the
  // commit is durable; SHOULD be called after each. Error: cannot be written; the commit stays good.
  virtual Result<Done> confirm() = 0;
};

// The place of a line.
struct LinePlace {
  std::uint32_t source = 0;
  std::uint64_t line = 0;
};

struct FoundLines {
  // One for each place that was asked for, in that order: the bytes of the line without its end (line feed, or carriage
  // return and line feed; at most kMostLine bytes); nothing where the archive does not have it.
  std::vector<std::optional<std::string>> texts;
  // Why lines could not be read, where that is so; each damaged place is told once.
  std::vector<Error> faults;
};

struct ArchivedSource {
  std::uint32_t number = 0;
  std::string name;
  std::uint64_t first_line = 1;      // that is archived
  std::uint64_t lines = 0;           // that are archived
  std::uint64_t first_position = 0;  // likewise of bytes
  std::uint64_t bytes = 0;
};

// What Writer::note was given.
struct Note {
  std::string bytes;
  std::string mark;  // the place behind it
};

// The file of an archive's directory that holds the mark which is known to be committed.
inline constexpr std::string_view kConfirmedName = "committed";

// The mark that Writer::confirm noted last in an archive's directory; empty where there is none, or none that can be
// read.
std::string confirmed_mark(const std::string& directory);

// What `Reader::verify` has looked at, and the first thing that is wrong.
struct Verification {
  std::uint64_t segments = 0, frames = 0, lines = 0, bytes = 0, packed_bytes = 0;
  std::optional<Error> fault;
};

// Reads what lies before a mark. Works beside a writer, in the same process or another, and on a directory that may
// only be read. Calls may come from several threads; they are served one after another.
//
// What is damaged, missing, foreign or of a newer version is told with its file and offset; everything else is read.
class Reader {
 public:
  // As a mark: everything that is there, to the last whole frame. For an archive whose database is lost.
  static constexpr std::string_view kEverything = "*";

  // Errors: not readable at all, the mark is no mark, the archive ends before it. An empty mark, or a directory that
  // does not exist with an empty mark, is an empty archive.
  static Result<std::unique_ptr<Reader>> open(const std::string& directory, std::string_view durable_mark);
  virtual ~Reader() = default;

  // Sees up to a later mark from now on. Error: as of `open`, or the mark lies before that of this reader (the database
  // is another: open a new reader); then nothing is changed.
  virtual Result<Done> advance(std::string_view durable_mark) = 0;

  // What was found to be wrong while opening and advancing; lines there cannot be read.
  virtual std::vector<Error> faults() const = 0;

  // The mark that this reader sees up to (with kEverything: the end that was found).
  virtual std::string mark() const = 0;

  // The bytes of single lines. Frames are unpacked once for all lines of a call; the last few are kept.
  virtual FoundLines lines(std::span<const LinePlace> places) = 0;

  // Tells all bytes of a source in order, a frame (at most 1 MiB) a piece. Stops where `sink` returns false. `text`
  // lives for the call of the sink, which may call this reader. Gives what could not be read; the rest is told all the
  // same, and the place of each piece says what is missing.
  // With `from` the first frame is that which has this byte of the source, or the next.
  virtual std::vector<Error> read_source(std::uint32_t source, std::uint64_t from,
                                         const std::function<bool(const Piece&)>& sink) = 0;
  std::vector<Error> read_source(std::uint32_t source, const std::function<bool(const Piece&)>& sink) {
    return read_source(source, 0, sink);
  }

  // Tells the notes in order; the sink, and what is given, are as of `read_source`.
  virtual std::vector<Error> read_notes(const std::function<bool(const Note&)>& sink) = 0;

  // Every source that is declared or has bytes, by number. A name that cannot be read is empty, and added to `faults`.
  virtual std::vector<ArchivedSource> sources() = 0;

  // Reads everything before the mark and checks headers, the chain of hashes, checksums, numbers of lines, and that
  // the pieces of each source join up. Stops at the first thing that is wrong, and where `is_cancelled` (called now and
  // then; may be empty) returns true. Does not use the index.
  virtual Verification verify(const std::function<bool()>& is_cancelled) = 0;
};

}  // namespace mailtrail::archive
