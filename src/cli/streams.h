// Streams: where a command writes, and what is known of the other end.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mailtrail::cli {

// Takes bytes. What cannot be written is the business of whoever made it: a command never asks.
class Output {
 public:
  virtual ~Output() = default;
  virtual void write(std::string_view bytes) = 0;
  virtual void flush() {}
};

// Keeps what it takes.
class TextOutput : public Output {
 public:
  void write(std::string_view bytes) override { text += bytes; }
  std::string text;
};

struct StoreView;

struct Streams {
  Output& out;  // results
  Output& err;  // words for people
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool colour_wanted = false;        // where --color says `auto`
  bool unicode = true;               // the reader's character set is UTF-8
  std::optional<std::size_t> width;  // columns, where known
  std::size_t height = 24;           // lines, of a terminal
  // Shows a page that is longer than the screen; false where that was not possible. Empty where there is no pager.
  std::function<bool(std::string_view page)> pager;
  // The store that the command works on where it is given no logs; null: none is open.
  const StoreView* store = nullptr;
};

// The width that pages are drawn for: 80 where none is known.
inline std::size_t page_width(const Streams& streams) {
  return streams.width.value_or(80);
}

// Writes one line to standard error: `mailtrail: TEXT`.
void say(const Streams& streams, std::string_view text);

// A page of results, through the pager where it is longer than the screen and `may_page`.
void show_page(const Streams& streams, std::string_view page, bool may_page);

}  // namespace mailtrail::cli
