// AppendFile: a file that grows at its end, and can be made durable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mailtrail::sys {

// An open file, closed with the object. Not thread-safe. After a failed `append` some of the bytes may be in the file.
class AppendFile {
 public:
  AppendFile() = default;
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();

  // Opens the file for writing behind what it holds; it is made, readable and writable by its owner and readable by
  // its group, where it does not exist. Error: not possible, or a symbolic link.
  static Result<AppendFile> open(const std::string& path);

  bool is_open() const { return descriptor_ >= 0; }
  Result<std::uint64_t> size() const;
  // Adds all of `bytes` at the end.
  Result<Done> append(std::string_view bytes);
  // Takes off what is behind `size`.
  Result<Done> truncate(std::uint64_t size);
  // Waits until content and size are on the disk. The name of a new file is durable after sync_directory.
  Result<Done> sync();

 private:
  AppendFile(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  int descriptor_ = -1;
  std::string name_;
};

}  // namespace mailtrail::sys
