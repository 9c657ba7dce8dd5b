// Wrapped text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mailtrail::cli {

// Appends `text` broken at blanks so that no line is wider than `width` where its words allow it. Each line but the
// first begins with `indent` blanks; the first is taken to stand at column `indent` already. Ends with a line end.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent, std::size_t width);

}  // namespace mailtrail::cli
