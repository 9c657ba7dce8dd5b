// For tests of stores that several processes use: a folder that goes away, processes that end with the test.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "app/store_directory.h"

namespace mailtrail::app {

class StoreFolder {
 public:
  StoreFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mailtrail-test-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  StoreFolder(const StoreFolder&) = delete;
  StoreFolder& operator=(const StoreFolder&) = delete;
  ~StoreFolder() { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name = "store") const { return (folder_ / name).string(); }
  StoreDirectory store(const std::string& name = "store") const {
    return StoreDirectory::open_or_create(path(name)).value();
  }

 private:
  std::filesystem::path folder_;
};

// A process of its own that runs `body` and ends with what it gives; killed with the object. MUST be made while the
// test has no other thread.
class ChildProcess {
 public:
  explicit ChildProcess(const std::function<int()>& body) : process_(::fork()) {
    if (process_ == 0) ::_exit(body());
    EXPECT_GT(process_, 0);
  }
  ChildProcess(ChildProcess&& other) noexcept : process_(std::exchange(other.process_, -1)) {}
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    wait();
  }

  pid_t id() const { return process_; }
  void kill() {
    ::kill(process_, SIGKILL);
    wait();
  }
  // Its exit status; -1 where a signal ended it.
  int wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t process_;
};

// What one process tells another: that it has come so far. Both ends are in both.
class Signal {
 public:
  Signal() { EXPECT_EQ(::pipe(ends_), 0); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  ~Signal() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  // To `count` of those that wait.
  void give(std::size_t count = 1) const {
    const std::string bytes(count, '.');
    if (::write(ends_[1], bytes.data(), count) != static_cast<ssize_t>(count)) ::_exit(99);
  }
  void wait(std::size_t count = 1) const {
    for (char byte; count > 0; --count) {
      ssize_t got;
      do {
        got = ::read(ends_[0], &byte, 1);
      } while (got < 0 && errno == EINTR);
      if (got != 1) ::_exit(98);
    }
  }

 private:
  int ends_[2] = {-1, -1};
};

}  // namespace mailtrail::app
