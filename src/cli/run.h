// The whole program, without the process around it.
#pragma once

#include <string>
#include <vector>

#include "cli/streams.h"

namespace mailtrail::cli {

// Runs `mailtrail WORDS...` and gives its exit status. Touches nothing of the process but its working directory, its
// environment and the files that it is told to read. Throws nothing but std::bad_alloc.
int run(const std::vector<std::string>& words, const Streams& streams);

}  // namespace mailtrail::cli
