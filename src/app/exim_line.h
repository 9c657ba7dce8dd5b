// What a filter must know of a line of Exim's before it is parsed.
#pragma once

#include <string_view>

#include "app/plain_line.h"
#include "base/text.h"

namespace mailtrail::app {

inline bool is_exim(std::string_view program) {
  return program == "exim" || program == "exim4";
}

// The message id of a line of Exim's: `1xVgpy-00007B-21`, of 16 characters or (from 4.97 on) 23. Before it stand at
// most the mark of a part, a stamp and a process id, where the line came through syslog. Empty where there is none.
inline std::string_view exim_message_id(std::string_view text) {
  constexpr int kMostBefore = 5;
  for (int i = 0; i <= kMostBefore && !text.empty(); ++i) {
    const std::string_view word = take_until(text, ' ');
    if ((word.size() == 16 || word.size() == 23) && word[6] == '-') return word;
    if (word.empty() ||
        (!is_digit(word.front()) && word.front() != '[' && word.front() != '+' && word.front() != '-')) {
      return {};
    }
  }
  return {};
}

// The message that a bounce or a warning is of: the id behind `R=` in `1xVgpz-00007e-0J <= <> R=1xVgpy-00007D-22 ..`.
inline std::string_view exim_parent_id(std::string_view text) {
  constexpr std::string_view kMark = " <= <> R=";
  const std::size_t at = text.substr(0, 96).find(kMark);
  if (at == std::string_view::npos) return {};
  std::string_view rest = text.substr(at + kMark.size());
  return take_until(rest, ' ');
}

// The last word of the answer in `C="250 2.0.0 Ok: queued as 9A322F9ACB"`, behind which times may stand.
inline std::string_view exim_answered_id(std::string_view text) {
  const std::size_t at = text.rfind(" C=\"");
  if (at == std::string_view::npos) return {};
  const std::size_t end = text.rfind('"');
  return last_id(text.substr(0, end));
}

}  // namespace mailtrail::app
