// OutputFile: bytes on their way out: standard output, standard error, or a new file.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace mailtrail::sys {

// Keeps up to 64 KiB before it writes. After a failure nothing more is written and each call gives the same error. Not
// thread-safe.
class OutputFile {
 public:
  // A descriptor of this process; it is not closed with the object. What was not flushed is lost with the object.
  static OutputFile of_descriptor(int descriptor, std::string name);
  // A new file at `path`, readable and writable as the umask says; what an earlier process left there unfinished is
  // written anew. Error: it cannot be made, is a symbolic link, or another process is writing it.
  static Result<OutputFile> create(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;
  ~OutputFile();

  Result<Done> write(std::string_view bytes);
  Result<Done> flush();
  // Writes what is kept, and closes; for a file also waits until it is on the disk.
  Result<Done> close();
  // True where the failure was that nobody reads the other end of the pipe any more.
  bool is_reader_gone() const { return reader_gone_; }

 private:
  OutputFile(int descriptor, bool owned, std::string name);
  Result<Done> fail(int code);
  Result<Done> put(std::string_view bytes);

  int descriptor_ = -1;
  bool owned_ = false;
  bool failed_ = false, reader_gone_ = false;
  std::string name_;
  std::string kept_;
  Error error_;
};

// Gives the file `from` the name `to`; what was called so before is gone. Error: not possible.
Result<Done> rename_file(const std::string& from, const std::string& to);
// Removes the file where it exists; false where it is still there afterwards.
bool remove_file(const std::string& path);
// Whether something has this name.
bool is_present(const std::string& path);

}  // namespace mailtrail::sys
