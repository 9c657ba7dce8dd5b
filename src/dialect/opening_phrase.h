// Lines that are known by how they begin.
#pragma once

#include <span>
#include <string_view>

#include "dialect/dialect.h"

namespace mailtrail::dialect {

struct OpeningPhrase {
  std::string_view text;
  model::Severity severity;
  model::Topic topic;
};

// The first of `phrases` that `text` begins with, or null.
inline const OpeningPhrase* find_opening(std::string_view text, std::span<const OpeningPhrase> phrases) {
  for (const OpeningPhrase& phrase : phrases) {
    if (text.starts_with(phrase.text)) return &phrase;
  }
  return nullptr;
}

}  // namespace mailtrail::dialect
