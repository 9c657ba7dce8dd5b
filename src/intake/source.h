// Source: a log file, compressed or not, or standard input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace mailtrail::intake {

// How the bytes are packed, told by the first bytes and never by the name.
enum class SourceKind : std::uint8_t { kPlain, kGzip, kBzip2, kXz, kZstd };

// `plain`, `gzip`, `bzip2`, `xz`, `zstd`.
std::string_view to_text(SourceKind kind);

// One source of bytes. `read_at` may be called from several threads at once; all else by one thread at a time.
class Source {
 public:
  virtual ~Source() = default;

  // As it was given; `standard input` for `-`.
  const std::string& name() const { return name_; }
  SourceKind kind() const { return kind_; }
  // When the content was last changed, as evidence for the year: the time that a gzip header states (MTIME, RFC 1952),
  // else the last change of the file. Nothing for a pipe.
  std::optional<Micros> changed_at() const { return changed_at_; }

  // True for a plain regular file: its bytes are found by their offset.
  virtual bool seekable() const { return false; }
  // Bytes of a seekable source at the time it was opened; 0 for others. What is appended later is not looked at.
  virtual std::uint64_t size() const { return 0; }
  // Bytes from `offset` on, at most `capacity`; fewer only at the end, 0 at or behind it. MUST only be called where
  // `seekable()`.
  virtual Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t capacity) const;

  // The next bytes (after decompression), at most `capacity`, which MUST be more than 0; 0 at the end. Compressed data
  // that is cut or damaged gives what could be decoded before it, then the error, and then 0: the caller may go on with
  // other sources.
  virtual Result<std::size_t> read(char* buffer, std::size_t capacity) = 0;

  // Asks that a source which can be read only once be kept in a temporary file while it is read, so that `reopen`
  // works. MUST come before the first `read`. Nothing to do for others.
  virtual Result<Done> spool() { return Done{}; }
  // `read` begins again at the start. Error: the source can be read only once, and `spool` was not asked for.
  virtual Result<Done> reopen() = 0;

 protected:
  Source(std::string name, SourceKind kind, std::optional<Micros> changed_at)
      : name_(std::move(name)), kind_(kind), changed_at_(changed_at) {}

 private:
  std::string name_;
  SourceKind kind_;
  std::optional<Micros> changed_at_;
};

// Opens a log file; `-` is standard input. An empty file is a source without bytes. Waits for the first bytes of a
// pipe. Errors: no such file, permission denied, a directory, a device, a socket.
Result<std::unique_ptr<Source>> open_source(const std::string& path);

// Says why a source with these first bytes (after decompression, 4 KiB and more where it has them) is no text log, and
// what to do about it; nothing where it may be one. NUL bytes at the beginning are the remains of a crash, not a
// reason.
std::optional<Error> looks_binary(std::string_view head, const std::string& name);

}  // namespace mailtrail::intake
