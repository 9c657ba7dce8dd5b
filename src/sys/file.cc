#include "sys/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace mailtrail::sys {
namespace {

std::string text_of(int code) {
  return std::generic_category().message(code);
}

Error open_error(const std::string& path, int code) {
  switch (code) {
    case ENOENT:
      return {"no such file", path, "check the name; mail logs are often /var/log/mail.log* or /var/log/maillog*"};
    case EACCES:
    case EPERM:
      return {"permission denied", path, "run as root, or as a member of the group that may read it (adm on Debian)"};
    case ENOTDIR:
      return {"no such file: a part of the path is no directory", path, "check the name"};
    case ENXIO:
      return {"is a socket", path, "name a log file, or - for standard input"};
    case EMFILE:
    case ENFILE:
      return {"too many open files", path, "raise the limit (ulimit -n), or name fewer files at once"};
    default:
      return {"cannot be opened: " + text_of(code), path, ""};
  }
}

FileType type_of(mode_t mode, int descriptor) {
  if (S_ISREG(mode)) return FileType::kRegular;
  if (S_ISDIR(mode)) return FileType::kDirectory;
  if (S_ISFIFO(mode)) return FileType::kPipe;
  if (S_ISSOCK(mode)) return FileType::kSocket;
  return S_ISCHR(mode) && ::isatty(descriptor) == 1 ? FileType::kTerminal : FileType::kDevice;
}

std::string temporary_directory() {
  const char* variable = std::getenv("TMPDIR");
  return variable == nullptr || *variable == '\0' ? "/tmp" : variable;
}

std::size_t at_most(std::size_t capacity) {
  return std::min<std::size_t>(capacity, SSIZE_MAX);
}

}  // namespace

File::~File() {
  if (owned_) ::close(descriptor_);
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      owned_(std::exchange(other.owned_, false)),
      name_(std::move(other.name_)) {}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    if (owned_) ::close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
    owned_ = std::exchange(other.owned_, false);
    name_ = std::move(other.name_);
  }
  return *this;
}

Result<File> File::open(const std::string& path) {
  if (path.find('\0') != std::string::npos) return open_error(path, ENOENT);
  int descriptor;
  do {
    descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return open_error(path, errno);
  return File(descriptor, path, true);
}

File File::standard_input() {
  return File(STDIN_FILENO, "standard input", false);
}

Result<File> File::temporary() {
  const std::string directory = temporary_directory();
  int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) {
    // Not every file system knows files without a name.
    std::string path = directory + "/mailtrail-XXXXXX";
    descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor >= 0) ::unlink(path.c_str());
  }
  if (descriptor < 0) {
    return Error{"no temporary file can be made: " + text_of(errno), directory,
                 "set TMPDIR to a directory that can be written to"};
  }
  return File(descriptor, directory, true);
}

Result<FileInfo> File::info() const {
  struct stat status;
  if (::fstat(descriptor_, &status) != 0) return Error{"cannot be looked at: " + text_of(errno), name_, ""};
  FileInfo info;
  info.type = type_of(status.st_mode, descriptor_);
  info.size = info.type == FileType::kRegular ? static_cast<std::uint64_t>(status.st_size) : 0;
  info.changed_at = Micros{status.st_mtim.tv_sec} * kSecond + status.st_mtim.tv_nsec / 1000;
  return info;
}

Result<std::size_t> File::read(char* buffer, std::size_t capacity) {
  ssize_t got;
  do {
    got = ::read(descriptor_, buffer, at_most(capacity));
  } while (got < 0 && errno == EINTR);
  if (got < 0) return Error{"cannot be read: " + text_of(errno), name_, ""};
  return static_cast<std::size_t>(got);
}

Result<std::size_t> File::read_at(std::uint64_t offset, char* buffer, std::size_t capacity) const {
  std::size_t filled = 0;
  while (filled < capacity) {
    const std::uint64_t at = offset + filled;
    if (at < offset || at > INT64_MAX) break;
    const ssize_t got = ::pread(descriptor_, buffer + filled, at_most(capacity - filled), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{"cannot be read: " + text_of(errno), name_, ""};
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

Result<Done> File::write_at(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(descriptor_, bytes.data(), at_most(bytes.size()), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) {
      const bool full = errno == ENOSPC || errno == EDQUOT;
      return Error{"cannot be written: " + text_of(errno), name_,
                   full ? "make room, or set TMPDIR to a directory that has more" : ""};
    }
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return Done{};
}

std::uint64_t File::position() const {
  const off_t at = ::lseek(descriptor_, 0, SEEK_CUR);
  return at < 0 ? 0 : static_cast<std::uint64_t>(at);
}

}  // namespace mailtrail::sys
