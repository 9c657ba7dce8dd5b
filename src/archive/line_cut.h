// Where lines begin and end in a piece of a source.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace mailtrail::archive {

// The offset behind the first line feed at or after `from`; npos where there is none. `from` MUST be within `text`.
inline std::size_t behind_line(std::string_view text, std::size_t from) {
  if (from == text.size()) return std::string_view::npos;
  const void* found = std::memchr(text.data() + from, '\n', text.size() - from);
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + 1;
}

// How many lines begin in `text`, which is not empty: with its first byte unless that goes on with a line, and behind
// each line feed that is not its last byte.
inline std::uint64_t count_lines(std::string_view text, bool continues_line) {
  std::uint64_t lines = continues_line ? 0 : 1;
  for (std::size_t at = behind_line(text, 0); at < text.size(); at = behind_line(text, at)) ++lines;
  return lines;
}

}  // namespace mailtrail::archive
