// Terminal: what there is at the other end of a file descriptor.
#pragma once

#include <cstddef>

namespace mailtrail::sys {

inline constexpr int kStandardInput = 0;
inline constexpr int kStandardOutput = 1;
inline constexpr int kStandardError = 2;

bool is_terminal(int descriptor);

// Columns of the terminal at `descriptor`, within 20 to 1,000: the environment's COLUMNS, else what the terminal says
// (TIOCGWINSZ), else 80. Never fails: a pipe has 80.
std::size_t terminal_width(int descriptor);

// Lines of the terminal at `descriptor`, at least 2: the environment's LINES, else what the terminal says, else 24.
// Never fails.
std::size_t terminal_height(int descriptor);

// Whether output at `descriptor` may be coloured without being asked for: it is a terminal, NO_COLOR is unset or empty
// (no-color.org), and TERM is set and not `dumb`.
bool is_colour_wanted(int descriptor);

}  // namespace mailtrail::sys
