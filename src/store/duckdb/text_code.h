// Texts of logs as VARCHAR: DuckDB takes valid UTF-8 alone, while a log may hold any bytes.
//
// A text that is valid UTF-8 and holds none of the characters U+10FF00..U+10FFFF (the last private ones) is kept as it
// is. Of any other, each byte b that is part of no valid character, and each byte b of such a character, is kept as the
// character U+10FF00 + b (F4 8F BC..BF xx). So whatever holds one of these characters is to be decoded, and every text
// comes back byte for byte.
#pragma once

#include <string_view>

#include "base/arena.h"

namespace mailtrail::store::duckdb {

// Whether the text is kept as it is.
bool is_plain(std::string_view text);

// The text as it is kept; made in `arena` where it differs, else the view that was given.
std::string_view encoded(std::string_view text, Arena& arena);

// The text that `kept` stands for; made in `arena` where it differs, else the view that was given.
std::string_view decoded(std::string_view kept, Arena& arena);

}  // namespace mailtrail::store::duckdb
