#include "sys/path.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace mailtrail::sys {
namespace {

// Numbers of file systems that linux/magic.h does not give everywhere (statfs(2)).
constexpr std::uint32_t kCifs = 0xff534d42, kSmb2 = 0xfe534d42, kCeph = 0x00c36400, kLustre = 0x0bd00bd0,
                        kGfs2 = 0x01161970, kOcfs2 = 0x7461636f, kGpfs = 0x47504653;

Error error_of(const std::string& path, const char* doing, int code) {
  const std::string what = std::string(doing) + ": " + std::generic_category().message(code);
  switch (code) {
    case EACCES:
    case EPERM:
      return {what, path, "run as a user that may, such as root, or choose another place"};
    case EROFS:
      return {what, path, "choose a place that can be written to"};
    case ENOSPC:
    case EDQUOT:
      return {what, path, "make room there, or choose another place"};
    case ENOTDIR:
    case EEXIST:
      return {"is in the way: it is no directory", path, "move it away, or choose another place"};
    default:
      return {what, path, ""};
  }
}

PathKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return PathKind::kFile;
  if (S_ISDIR(mode)) return PathKind::kDirectory;
  return S_ISSOCK(mode) ? PathKind::kSocket : PathKind::kOther;
}

bool is_path(const std::string& path) {
  return !path.empty() && path.find('\0') == std::string::npos;
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// Makes what is missing above `path`.
Result<Done> make_parents(const std::string& path) {
  std::vector<std::string> missing;
  for (std::string above = parent_of(path); above != "/" && above != "." && !is_directory(above);
       above = parent_of(above)) {
    missing.push_back(above);
  }
  for (; !missing.empty(); missing.pop_back()) {
    const std::string& above = missing.back();
    if (::mkdir(above.c_str(), 0777) == 0) continue;
    const int code = errno;
    if (code != EEXIST || !is_directory(above)) return error_of(above, "cannot be made", code);
  }
  return Done{};
}

}  // namespace

std::string parent_of(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = end == std::string::npos ? std::string::npos : path.rfind('/', end);
  if (slash == std::string::npos) return path.starts_with('/') ? "/" : ".";
  const std::size_t last = path.find_last_not_of('/', slash);
  return last == std::string::npos ? "/" : path.substr(0, last + 1);
}

Result<PathInfo> look_at(const std::string& path) {
  if (!is_path(path)) return Error{"is no path", path, ""};
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) return PathInfo{kind_of(status.st_mode), status.st_uid};
  const int code = errno;
  if (code == ENOENT) return PathInfo{};
  Error error = error_of(path, "cannot be looked at", code);
  if (code == ENOTDIR) error.what = "a part of the path is no directory";
  return error;
}

Result<Done> make_directories(const std::string& path, unsigned mode) {
  if (!is_path(path)) return Error{"is no path", path, ""};
  if (Result<Done> made = make_parents(path); !made.ok()) return made;
  if (::mkdir(path.c_str(), static_cast<mode_t>(mode)) == 0) {
    // The umask took some of it away.
    if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0) return error_of(path, "cannot be made", errno);
    return Done{};
  }
  const int code = errno;
  if (code == EEXIST && is_directory(path)) return Done{};
  return error_of(path, "cannot be made", code);
}

std::string network_file_system(const std::string& path) {
  struct statfs status {};
  if (::statfs(path.c_str(), &status) != 0) return {};
  switch (static_cast<std::uint32_t>(status.f_type)) {
    case NFS_SUPER_MAGIC:
      return "NFS";
    case kCifs:
    case kSmb2:
    case SMB_SUPER_MAGIC:
      return "SMB";
    case AFS_SUPER_MAGIC:
      return "AFS";
    case CODA_SUPER_MAGIC:
      return "Coda";
    case kCeph:
      return "Ceph";
    case kLustre:
      return "Lustre";
    case kGfs2:
      return "GFS2";
    case kOcfs2:
      return "OCFS2";
    case kGpfs:
      return "GPFS";
    default:
      return {};
  }
}

}  // namespace mailtrail::sys
