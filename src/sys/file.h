// Files: open, read, look at. Errors carry the name and what to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace mailtrail::sys {

enum class FileType : std::uint8_t { kRegular, kDirectory, kPipe, kSocket, kDevice, kTerminal };

struct FileInfo {
  FileType type = FileType::kRegular;
  std::uint64_t size = 0;  // of a regular file
  Micros changed_at = 0;   // last change of the content (st_mtime)
};

// An open file, closed with the object. `read_at` and `info` may be called from several threads at once, all else by
// one.
class File {
 public:
  File() = default;
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  // Opens an existing file for reading. Directories and devices open as well: ask info().
  static Result<File> open(const std::string& path);
  // Standard input of this process; it is not closed with the object.
  static File standard_input();
  // A new file in $TMPDIR (else /tmp) that has no name and is gone when it is closed.
  static Result<File> temporary();

  bool is_open() const { return descriptor_ >= 0; }
  Result<FileInfo> info() const;
  // Reads at most `capacity` bytes where the last read ended; 0 at the end.
  Result<std::size_t> read(char* buffer, std::size_t capacity);
  // Reads at most `capacity` bytes from `offset` on; 0 at or behind the end. Fewer than asked for only before the end.
  Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t capacity) const;
  // Writes all of `bytes` at `offset`.
  Result<Done> write_at(std::uint64_t offset, std::string_view bytes);
  // The bytes before the place where `read` goes on; 0 where the file has no places (a pipe).
  std::uint64_t position() const;

 private:
  File(int descriptor, std::string name, bool owned) : descriptor_(descriptor), owned_(owned), name_(std::move(name)) {}

  int descriptor_ = -1;
  bool owned_ = false;
  std::string name_;
};

}  // namespace mailtrail::sys
