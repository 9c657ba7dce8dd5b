// Small files: read at once, or made whole.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mailtrail::sys {

// The first `most` bytes of a file. Also for files of /proc, which state no size.
Result<std::string> read_small_file(const std::string& path, std::size_t most);

// Makes the file `path` with these bytes, readable as the umask says, on the disk when this returns: whole, or not at
// all. False: something of that name is there already, and stays as it is. Whoever is killed meanwhile may leave
// `PATH.NUMBER.tmp` behind, NUMBER being that of the process.
Result<bool> create_whole_file(const std::string& path, std::string_view bytes);

}  // namespace mailtrail::sys
