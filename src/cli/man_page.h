// Manual pages in the language of man(7).
#pragma once

#include <string>

#include "cli/spec.h"

namespace mailtrail::cli {

// mailtrail(1).
std::string man_page();
// mailtrail-NAME(1).
std::string man_page(const Command& command);

}  // namespace mailtrail::cli
