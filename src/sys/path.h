// Paths: what is there, and where it lies.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace mailtrail::sys {

enum class PathKind : std::uint8_t { kNothing, kFile, kDirectory, kSocket, kOther };

struct PathInfo {
  PathKind kind = PathKind::kNothing;
  std::uint32_t owner = 0;  // user number; 0 where there is nothing
};

// What is at `path`; links are followed. Error: it cannot be known (no permission on the way, ...).
Result<PathInfo> look_at(const std::string& path);

// Makes the directory and those above it that are missing. It gets exactly the permission bits `mode`; those above as
// the umask says. A directory that is there already stays as it is. Error: not possible, with what to do.
Result<Done> make_directories(const std::string& path, unsigned mode);

// The path without its last name; `.` where there is none above, `/` above the root.
std::string parent_of(const std::string& path);

// Which file system over a network `path` lies on (`NFS`, `SMB`, ...), as far as the kernel says; else empty.
std::string network_file_system(const std::string& path);

}  // namespace mailtrail::sys
