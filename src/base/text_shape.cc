#include "base/text_shape.h"

#include "base/text.h"

namespace mailtrail {

bool is_ipv4(std::string_view text) {
  for (int parts = 1;; ++parts) {
    const bool last = text.find('.') == std::string_view::npos;
    const std::string_view part = take_until(text, '.');
    const auto number = to_number<unsigned>(part);
    if (!number || *number > 255 || part.size() > 3 || parts > 4) return false;
    if (last) return parts == 4;
  }
}

bool is_ipv6(std::string_view text) {
  std::size_t colons = 0;
  for (const char c : text) {
    if (c == ':') {
      ++colons;
    } else if (!is_hex_digit(c) && c != '.') {
      return false;
    }
  }
  return colons >= 4 || (colons >= 2 && text.find("::") != std::string_view::npos);
}

void append_without_numbers(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i])) {
      out += text[i];
    } else if (i == 0 || !is_digit(text[i - 1])) {
      out += 'N';
    }
  }
}

}  // namespace mailtrail
