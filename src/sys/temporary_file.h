// TemporaryFile: a file with a name, for as long as the object lives.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mailtrail::sys {

// Readable by this user alone. Removed with the object.
class TemporaryFile {
 public:
  // A new file with these bytes in $TMPDIR (else /tmp).
  static Result<TemporaryFile> create(std::string_view bytes);
  TemporaryFile(TemporaryFile&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace mailtrail::sys
