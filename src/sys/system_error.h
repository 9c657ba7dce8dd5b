// What a system call says, as an Error. For files of src/sys.
#pragma once

#include <string>

#include "base/result.h"

namespace mailtrail::sys {

// `doing` is what failed ("cannot be written"), `code` the errno, `name` the file. The remedy goes by the code.
Error system_error(int code, const std::string& name, const char* doing);

}  // namespace mailtrail::sys
