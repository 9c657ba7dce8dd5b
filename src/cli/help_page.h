// The pages of --help.
#pragma once

#include <cstddef>
#include <string>

#include "cli/spec.h"

namespace mailtrail::cli {

// Plain text, each line ended; no line is wider than `width` (at least 60, at most 100 columns are used).
std::string program_help(std::size_t width);
std::string command_help(const Command& command, std::size_t width);

}  // namespace mailtrail::cli
