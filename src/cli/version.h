// The version of the program.
#pragma once

#include <string_view>

namespace mailtrail::cli {

// `0.1.0`, of the build (MAILTRAIL_VERSION).
std::string_view version_number();

}  // namespace mailtrail::cli
