// The file that a synthetic log is written to, line by line with RFC 3164 stamps in UTC. Ends the program when it
// cannot.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "population.h"

namespace mailtrail::bench {

class LogFile {
 public:
  explicit LogFile(const std::string& path) : file_(std::fopen(path.c_str(), "wb")) {
    if (file_ == nullptr) {
      std::perror(path.c_str());
      std::exit(3);
    }
  }
  // Begins a line at `at`; the caller appends to `text()` and calls `end_line`.
  void begin_line(Micros at) {
    const std::time_t second = static_cast<std::time_t>(at / 1'000'000);
    if (second != stamped_) {
      stamped_ = second;
      std::tm parts{};
      gmtime_r(&second, &parts);
      stamp_size_ = std::strftime(stamp_, sizeof stamp_, "%b %e %H:%M:%S ", &parts);
    }
    text_.append(stamp_, stamp_ + stamp_size_);
  }
  std::uint64_t lines() const { return lines_; }
  // Known after `close`.
  std::uint64_t bytes() const { return bytes_; }
  fmt::memory_buffer& text() { return text_; }
  void end_line() {
    text_.push_back('\n');
    ++lines_;
    if (text_.size() > (1u << 20)) flush();
  }
  void close() {
    flush();
    if (std::fclose(file_) != 0) fail();
  }

 private:
  void flush() {
    if (std::fwrite(text_.data(), 1, text_.size(), file_) != text_.size()) fail();
    bytes_ += text_.size();
    text_.clear();
  }
  [[noreturn]] static void fail() {
    std::perror("writing the log");
    std::exit(3);
  }

  std::FILE* file_;
  fmt::memory_buffer text_;
  std::uint64_t lines_ = 0, bytes_ = 0;
  std::time_t stamped_ = -1;
  char stamp_[32] = {};
  std::size_t stamp_size_ = 0;
};

}  // namespace mailtrail::bench
