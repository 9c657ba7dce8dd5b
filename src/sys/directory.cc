#include "sys/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "sys/system_error.h"

namespace mailtrail::sys {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

Result<Done> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0750) == 0) return Done{};
  const int code = errno;
  struct stat status {};
  if (code == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return Done{};
  return system_error(code, path, "cannot be made");
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (directory == nullptr) return system_error(errno, path, "cannot be listed");
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  if (errno != 0) return system_error(errno, path, "cannot be listed");
  std::sort(names.begin(), names.end());
  return names;
}

Result<Done> link_file(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) != 0) return system_error(errno, to, "cannot be made");
  return Done{};
}

Result<Done> sync_directory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error(errno, path, "cannot be opened");
  const int code = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  // Some file systems cannot synchronise directories: they need not.
  if (code != 0 && code != EINVAL) return system_error(code, path, "cannot be brought to the disk");
  return Done{};
}

}  // namespace mailtrail::sys
