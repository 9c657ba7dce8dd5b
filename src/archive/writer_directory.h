// WriterDirectory: the directory of an archive in the hands of its one writer.
#pragma once

#include <string>

#include "archive/archive.h"
#include "archive/contents.h"
#include "archive/format.h"
#include "base/result.h"
#include "sys/file_lock.h"

namespace mailtrail::archive {

// Holds the lock of the directory. Not thread-safe.
class WriterDirectory {
 public:
  // Makes the directory where it does not exist, and locks it. Error: not possible, another process has it, or a mark
  // behind `mark` was confirmed.
  static Result<WriterDirectory> take(const std::string& path, const Mark& mark);

  const std::string& path() const { return path_; }
  // Notes that `mark` is committed.
  Result<Done> confirm(const Mark& mark);
  // Takes off what lies behind `contents.end`, and brings the side file up to it.
  Result<Done> take_back(Contents& contents);

 private:
  WriterDirectory(std::string path, sys::FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string note_path() const { return path_ + "/" + std::string(kConfirmedName); }
  Result<Done> check_confirmed(const Mark& mark) const;
  Result<Done> mend_index(Contents& contents);

  std::string path_;
  sys::FileLock lock_;
};

}  // namespace mailtrail::archive
