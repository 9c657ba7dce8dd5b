// Directories: made, listed, made durable.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace mailtrail::sys {

// Makes the directory, for its owner and to be read by its group; one that exists is left as it is. Error: not
// possible, or something else has this name.
Result<Done> make_directory(const std::string& path);

// The names in a directory, sorted, without `.` and `..`.
Result<std::vector<std::string>> list_directory(const std::string& path);

// Gives the file `from` a second name; whatever has that name already stays, and is an error.
Result<Done> link_file(const std::string& from, const std::string& to);

// Waits until names that were made, changed or removed in the directory are on the disk.
Result<Done> sync_directory(const std::string& path);

}  // namespace mailtrail::sys
