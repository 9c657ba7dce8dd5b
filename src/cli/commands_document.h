// The page docs/commands.md.
#pragma once

#include <string>

namespace mailtrail::cli {

// Markdown. The committed page MUST be this text; a test compares them.
std::string commands_document();

}  // namespace mailtrail::cli
