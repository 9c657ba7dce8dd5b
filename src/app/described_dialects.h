// DescribedDialects: the dialects that the files of a configuration folder describe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "described/dialect_file.h"

namespace mailtrail::app {

// The folders in which descriptions are looked for, the first one first: $MAILTRAIL_DIALECTS alone where it is set;
// else /etc/mailtrail/dialects, and mailtrail/dialects in $XDG_CONFIG_HOME or ~/.config.
std::vector<std::string> dialect_folders();

// Reads the file at `path`. Error: it cannot be read. What is wrong in it is told in the result's `problems`.
Result<described::DialectFile> read_dialect_file(const std::string& path);

// Reads each NAME.toml of the folders, in the order of the names, and adds its dialect (dialect::add_dialect) for the
// rest of the program. A folder that is not there holds nothing. Gives what was wrong: such a file is left out, and the
// others hold. Of two dialects of one name the first holds. The second call in one program does nothing. MUST be called
// before logs are read, from one thread.
std::vector<Error> add_described_dialects(const std::vector<std::string>& folders);

// The names of the dialects that are built in, and of those that were added. They live as long as the program.
std::vector<std::string_view> built_in_dialects();
std::vector<std::string_view> described_dialects();

}  // namespace mailtrail::app
