#include "sys/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace mailtrail::sys {
namespace {

constexpr std::size_t kNarrowest = 20;
constexpr std::size_t kWidest = 1000;
constexpr std::size_t kUsual = 80;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1;
}

std::size_t terminal_width(int descriptor) {
  const auto columns = to_number<std::size_t>(environment("COLUMNS"));
  if (columns && *columns > 0) return std::clamp(*columns, kNarrowest, kWidest);
  struct winsize size {};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsual;
  return std::clamp<std::size_t>(size.ws_col, kNarrowest, kWidest);
}

std::size_t terminal_height(int descriptor) {
  const auto lines = to_number<std::size_t>(environment("LINES"));
  if (lines && *lines > 0) return std::max<std::size_t>(*lines, 2);
  struct winsize size {};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return 24;
  return std::max<std::size_t>(size.ws_row, 2);
}

bool is_colour_wanted(int descriptor) {
  const std::string_view terminal = environment("TERM");
  return is_terminal(descriptor) && environment("NO_COLOR").empty() && !terminal.empty() && terminal != "dumb";
}

}  // namespace mailtrail::sys
