#include "sys/file_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "sys/system_error.h"

// flock(2). Its header <sys/file.h> has the name of one of this folder, which would be taken.
// <fcntl.h> has a structure of that name.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
extern "C" int flock(int descriptor, int operation) noexcept;
#pragma GCC diagnostic pop

namespace mailtrail::sys {
namespace {

Error error_of(const std::string& path, const char* doing, int code) {
  Error error = system_error(code, path, doing);
  if (code == EACCES || code == EPERM) error.remedy = "run as the user that made it, or as root";
  if (code == ENOLCK || code == EOPNOTSUPP)
    error.remedy = "this file system knows no locks: choose one of a local disk";
  if (code == ELOOP) return {"is a symbolic link", path, "remove it"};
  return error;
}

}  // namespace

Result<FileLock> FileLock::open(const std::string& path, unsigned mode) {
  constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | kFlags, static_cast<mode_t>(mode));
  if (descriptor >= 0) {
    // The umask took some of it away.
    if (::fchmod(descriptor, static_cast<mode_t>(mode)) == 0) return FileLock(descriptor, true, path);
    const int code = errno;
    ::close(descriptor);
    return error_of(path, "cannot be made", code);
  }
  descriptor = ::open(path.c_str(), O_RDWR | kFlags);
  if (descriptor >= 0) return FileLock(descriptor, true, path);
  const int code = errno;
  if (code == EACCES || code == EPERM || code == EROFS) {
    descriptor = ::open(path.c_str(), O_RDONLY | kFlags);
    if (descriptor >= 0) return FileLock(descriptor, false, path);
  }
  return error_of(path, "cannot be opened", code);
}

FileLock::FileLock(FileLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), writable_(other.writable_), path_(std::move(other.path_)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this == &other) return *this;
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = std::exchange(other.descriptor_, -1);
  writable_ = other.writable_;
  path_ = std::move(other.path_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<bool> FileLock::try_lock(Mode mode) {
  const int operation = (mode == Mode::kExclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
  while (::flock(descriptor_, operation) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) return error_of(path_, "cannot be locked", errno);
  }
  return true;
}

bool FileLock::has_name() const {
  struct stat open {
  }, named{};
  return ::fstat(descriptor_, &open) == 0 && ::lstat(path_.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
         open.st_ino == named.st_ino;
}

Result<std::string> FileLock::text(std::size_t most) const {
  std::string bytes(most, '\0');
  std::size_t filled = 0;
  while (filled < most) {
    const ssize_t got = ::pread(descriptor_, bytes.data() + filled, most - filled, static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_of(path_, "cannot be read", errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Result<Done> FileLock::set_text(std::string_view text) {
  if (::ftruncate(descriptor_, 0) != 0) return error_of(path_, "cannot be written", errno);
  return append_text(text);
}

Result<Done> FileLock::append_text(std::string_view text) {
  // Others may append at the same time: O_APPEND, so that none writes over another.
  if (text.empty()) return Done{};
  if (::fcntl(descriptor_, F_SETFL, O_APPEND) != 0) return error_of(path_, "cannot be written", errno);
  ssize_t put;
  do {
    put = ::write(descriptor_, text.data(), text.size());
  } while (put < 0 && errno == EINTR);
  if (put < 0) return error_of(path_, "cannot be written", errno);
  if (static_cast<std::size_t>(put) != text.size()) return error_of(path_, "cannot be written", ENOSPC);
  return Done{};
}

}  // namespace mailtrail::sys
