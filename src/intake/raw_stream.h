// RawStream: the bytes of a file or a pipe in order, and again from the start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/file.h"

namespace mailtrail::intake {

// Not thread-safe, except for `file()`.
class RawStream {
 public:
  // `start`: the offset at which the content of a regular file begins. `name` is for errors.
  RawStream(sys::File file, bool regular, std::uint64_t start, std::string name);

  // The first bytes, at least `wanted` where there are so many. Takes nothing. MUST come before the first `read`.
  Result<std::string_view> peek(std::size_t wanted);
  // The next bytes, at most `capacity`; 0 at the end.
  Result<std::size_t> read(char* buffer, std::size_t capacity);
  // Keeps what is read from a pipe in a temporary file from now on. MUST come before the first `read`.
  Result<Done> spool();
  // Begins again at the start. Error: a pipe that was read and not kept.
  Result<Done> rewind();

  bool regular() const { return regular_; }
  const sys::File& file() const { return file_; }

 private:
  sys::File file_;
  bool regular_;
  std::uint64_t start_;
  std::string name_;
  std::string head_;             // what was peeked at
  sys::File kept_;               // what was read from the pipe
  std::uint64_t kept_size_ = 0;  // bytes of it
  std::uint64_t position_ = 0;   // bytes given
  std::uint64_t taken_ = 0;      // bytes that the pipe gave, `head_` included
};

}  // namespace mailtrail::intake
