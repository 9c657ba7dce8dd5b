// FileLock: a file that one process holds, or several share (flock(2)), with a text of who they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mailtrail::sys {

// The lock goes with the object, and with the process whatever becomes of it; the file and its text stay. Not
// thread-safe. On one host all processes see it; on a file system over a network it may be that other hosts do not.
class FileLock {
 public:
  enum class Mode : std::uint8_t { kShared, kExclusive };

  // Opens the file, for reading alone where this user may not write it; where there is none it is made with exactly the
  // permission bits `mode`. Nothing is locked yet. Error: neither is possible, or it is a symbolic link.
  static Result<FileLock> open(const std::string& path, unsigned mode);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  // Never waits. False: another has it. MUST NOT be called again once it gave true.
  Result<bool> try_lock(Mode mode);
  // Whether the open file still has its name: else it was removed meanwhile, and holding it keeps nobody out.
  bool has_name() const;
  bool is_writable() const { return writable_; }

  // At most the first `most` bytes of the text.
  Result<std::string> text(std::size_t most) const;
  // Takes the place of the whole text.
  Result<Done> set_text(std::string_view text);
  // Behind what is there, in one step.
  Result<Done> append_text(std::string_view text);

 private:
  FileLock(int descriptor, bool writable, std::string path)
      : descriptor_(descriptor), writable_(writable), path_(std::move(path)) {}

  int descriptor_ = -1;
  bool writable_ = false;
  std::string path_;
};

}  // namespace mailtrail::sys
