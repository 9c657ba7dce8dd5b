// JsonWriter: JSON text, in the order in which it is told.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/text.h"

namespace mailtrail {

// Appends one JSON value to a string. Calls MUST be balanced and, inside an object, each value follows a `key`; commas
// are its own business. Strings may hold any bytes (append_json_string). Numbers that JSON cannot hold (NaN,
// infinities) are written as null.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  // `name` MUST be plain ASCII without quotes, backslashes or controls.
  void key(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    after_key_ = true;
  }
  // A key that may hold any bytes.
  void text_key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    after_key_ = true;
  }
  void value(std::string_view text) {
    separate();
    append_json_string(out_, text);
  }
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool flag) {
    separate();
    out_ += flag ? "true" : "false";
  }
  void value(std::int64_t number) { append_number(number); }
  void value(std::uint64_t number) { append_number(number); }
  void value(int number) { append_number(number); }
  void value(double number) {
    if (!std::isfinite(number)) {
      separate();
      out_ += "null";
      return;
    }
    append_number(number);
  }

  // `"name":value`, left out where the value is absent (an empty text, an empty optional).
  void field(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    key(name);
    value(text);
  }
  template <class T>
  void field(std::string_view name, const std::optional<T>& number) {
    if (!number) return;
    key(name);
    value(*number);
  }
  void field(std::string_view name, std::span<const std::string_view> texts) {
    if (texts.empty()) return;
    key(name);
    begin_array();
    for (const std::string_view text : texts) value(text);
    end_array();
  }

 private:
  template <class T>
  void append_number(T number) {
    separate();
    char digits[32];
    const auto [end, code] = std::to_chars(digits, digits + sizeof digits, number);
    out_.append(digits, static_cast<std::size_t>(end - digits));
  }
  void separate() {
    if (after_key_) {
      after_key_ = false;
    } else if (needs_comma_) {
      out_ += ',';
    }
    needs_comma_ = true;
  }
  void open(char bracket) {
    separate();
    out_ += bracket;
    needs_comma_ = false;
  }
  void close(char bracket) {
    out_ += bracket;
    needs_comma_ = true;
  }

  std::string& out_;
  bool needs_comma_ = false;
  bool after_key_ = false;
};

}  // namespace mailtrail
