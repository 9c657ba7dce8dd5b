// Text: small scans on bytes that may hold anything, and the escapes at the ways out.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace mailtrail {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
inline bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || is_upper(c);
}
inline bool is_alnum(char c) {
  return is_digit(c) || is_alpha(c);
}
inline bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
inline char to_lower(char c) {
  return is_upper(c) ? static_cast<char>(c + 32) : c;
}

// ASCII letters only; other bytes stay as they are.
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
// Position of `needle` (any case) in `text` from `from` on, or npos.
std::size_t find_ignoring_case(std::string_view text, std::string_view needle, std::size_t from = 0);

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// If `text` begins with `prefix`, takes it off and says true.
inline bool consume(std::string_view& text, std::string_view prefix) {
  if (text.size() < prefix.size() || std::memcmp(text.data(), prefix.data(), prefix.size()) != 0) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// What stands before the first `separator`; takes it and the separator off `text`. Without one, all of `text`.
inline std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return head;
}

// The whole of `text` as a decimal number of type T, or nothing (also on overflow, blanks, or a sign that T lacks).
template <class T>
std::optional<T> to_number(std::string_view text) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// True when `text` is valid UTF-8 (RFC 3629: shortest forms, no surrogates).
bool is_utf8(std::string_view text);

// Appends `text` for a terminal or a plain-text report: control characters (C0, DEL, C1, bidirectional overrides) as
// `\x1b`-style escapes, bytes that are no UTF-8 as `\xNN`. The result is valid UTF-8 on one line.
void append_printable(std::string& out, std::string_view text);
std::string printable(std::string_view text);

// Appends `text` as a JSON string with its quotes (RFC 8259). Bytes that are no UTF-8 become U+FFFD. All that could
// steer a terminal (C0, DEL, C1, bidirectional overrides) is escaped as `\uXXXX`: JSON is read on terminals, too.
void append_json_string(std::string& out, std::string_view text);

// Appends `text` as one field of a CSV line (RFC 4180), safe to open in a spreadsheet: a field that begins with one of
// `= + - @` or a tab or carriage return gets an apostrophe before it, unless it is a plain number.
void append_csv_field(std::string& out, std::string_view text);

// `*` stands for any run of bytes; all else for itself, ASCII letters in any case. Linear in the text for each `*`.
bool matches_glob(std::string_view pattern, std::string_view text);

// The columns that `text` (UTF-8, printable) takes on a terminal; wide East Asian characters take two.
std::size_t display_width(std::string_view text);

}  // namespace mailtrail
