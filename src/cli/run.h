// The whole program, without the process around it.
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/streams.h"

namespace mailtrail::cli {

// Runs `mailtrail WORDS...` and gives its exit status. Touches nothing of the process but its working directory, its
// environment and the files that it is told to read. Throws nothing but std::bad_alloc.
int run(const std::vector<std::string>& words, const Streams& streams);

// The same of a command that is understood: `arguments` MUST have one. Lets pass what `streams` throw.
int run_command(const Arguments& arguments, const Streams& streams);

}  // namespace mailtrail::cli
