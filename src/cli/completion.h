// Completion scripts for shells.
#pragma once

#include <string>

namespace mailtrail::cli {

// To be sourced by the shell: commands, the options of each, the values of options that have a list, files elsewhere.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace mailtrail::cli
