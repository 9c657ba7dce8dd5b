// How an SMTP reply begins, and how an address stands between brackets: what lines of every mail program hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace mailtrail::dialect {

// The reply code (RFC 5321, 4.2), 200 to 599, with which `text` begins and which a blank, a hyphen or the end follows.
inline std::optional<std::int32_t> reply_code(std::string_view text) {
  if (text.size() < 3 || text[0] < '2' || text[0] > '5' || !is_digit(text[1]) || !is_digit(text[2]))
    return std::nullopt;
  if (text.size() > 3 && text[3] != ' ' && text[3] != '-') return std::nullopt;
  return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
}

// Whether all of `text` is an enhanced status code (RFC 3463, 2): a class of 2, 4 or 5, then two numbers of one to
// three digits.
inline bool is_dsn(std::string_view text) {
  if (text.size() < 5 || text.size() > 9) return false;
  if ((text[0] != '2' && text[0] != '4' && text[0] != '5') || text[1] != '.') return false;
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.size() <= 3 && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const std::size_t dot = text.find('.', 2);
  return dot != std::string_view::npos && is_number(text.substr(2, dot - 2)) && is_number(text.substr(dot + 1));
}

// What stands between angle brackets where all of `text` is in them; else `text`. `<>` gives an empty text.
inline std::string_view without_brackets(std::string_view text) {
  return text.size() >= 2 && text.front() == '<' && text.back() == '>' ? text.substr(1, text.size() - 2) : text;
}

}  // namespace mailtrail::dialect
