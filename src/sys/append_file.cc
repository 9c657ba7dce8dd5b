#include "sys/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "sys/system_error.h"

namespace mailtrail::sys {

AppendFile::AppendFile(AppendFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), name_(std::move(other.name_)) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  if (this == &other) return *this;
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = std::exchange(other.descriptor_, -1);
  name_ = std::move(other.name_);
  return *this;
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<AppendFile> AppendFile::open(const std::string& path) {
  int descriptor;
  do {
    descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return system_error(errno, path, "cannot be opened for writing");
  return AppendFile(descriptor, path);
}

Result<std::uint64_t> AppendFile::size() const {
  struct stat status;
  if (::fstat(descriptor_, &status) != 0) return system_error(errno, name_, "cannot be looked at");
  return static_cast<std::uint64_t>(status.st_size);
}

Result<Done> AppendFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error(errno, name_, "cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return Done{};
}

Result<Done> AppendFile::truncate(std::uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
    return system_error(errno, name_, "cannot be shortened");
  }
  return Done{};
}

Result<Done> AppendFile::sync() {
  if (::fdatasync(descriptor_) != 0) return system_error(errno, name_, "cannot be brought to the disk");
  return Done{};
}

}  // namespace mailtrail::sys
