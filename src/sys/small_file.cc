#include "sys/small_file.h"

#include <fcntl.h>
#include <stdio.h>  // renameat2
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "sys/directory.h"
#include "sys/path.h"
#include "sys/system_error.h"

namespace mailtrail::sys {
namespace {

Result<Done> write_all(int descriptor, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error(errno, path, "cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  if (::fsync(descriptor) != 0) return system_error(errno, path, "cannot be written");
  return Done{};
}

// Gives `from` the name `to` where that is free; false where it is not.
Result<bool> claim_name(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return true;
  if (errno == EEXIST) return false;
  // File systems without hard links.
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno == EEXIST) return false;
  return system_error(errno, to, "cannot be made");
}

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t most) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return system_error(errno, path, "cannot be opened");
  std::string bytes(most, '\0');
  std::size_t filled = 0;
  int code = 0;
  while (filled < most && code == 0) {
    const ssize_t got = ::read(descriptor, bytes.data() + filled, most - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) break;
    if (got < 0) code = errno;
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  ::close(descriptor);
  if (code != 0) return system_error(code, path, "cannot be read");
  bytes.resize(filled);
  return bytes;
}

Result<bool> create_whole_file(const std::string& path, std::string_view bytes) {
  const std::string unfinished = path + '.' + std::to_string(::getpid()) + ".tmp";
  const int descriptor = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) return system_error(errno, path, "cannot be made");
  const Result<Done> written = write_all(descriptor, path, bytes);
  ::close(descriptor);
  Result<bool> claimed = written.ok() ? claim_name(unfinished, path) : Result<bool>(written.error());
  ::unlink(unfinished.c_str());
  if (!claimed.ok() || !*claimed) return claimed;
  if (const Result<Done> kept = sync_directory(parent_of(path)); !kept.ok()) return kept.error();
  return claimed;
}

}  // namespace mailtrail::sys
