// Result<T>: a value, or an Error that a user can act on.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>

namespace mailtrail {

// What went wrong, where, and what to do about it. Each part is one sentence fragment in UTF-8 without a full stop;
// `where` and `remedy` may be empty. Printed as `where: what (remedy)`.
struct Error {
  std::string what;
  std::string where;
  std::string remedy;

  std::string to_string() const {
    std::string text;
    if (!where.empty()) text += where + ": ";
    text += what;
    if (!remedy.empty()) text += " (" + remedy + ")";
    return text;
  }
};

// Holds either a T or an Error. `value()` MUST NOT be called when `ok()` is false, nor `error()` when it is true:
// that is a bug of the caller and aborts.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}
  Result(Error error) : content_(std::move(error)) {}

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return check(), std::get<0>(content_); }
  const T& value() const& { return check(), std::get<0>(content_); }
  // By value: what is taken of a Result that ends with the statement lives on, in a range-based for as well.
  T value() && { return check(), std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    if (ok()) abort_with("BUG: error() of a Result that holds a value");
    return std::get<1>(content_);
  }

 private:
  [[noreturn]] static void abort_with(const char* text) {
    std::fprintf(stderr, "%s\n", text);
    std::abort();
  }
  void check() const {
    if (!ok()) abort_with("BUG: value() of a Result that holds an error");
  }

  std::variant<T, Error> content_;
};

// The result of an action that gives nothing back.
struct Done {};

}  // namespace mailtrail
