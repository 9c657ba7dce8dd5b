// The tables behind registry.h.
#pragma once

#include <span>
#include <string_view>

#include "explain/registry.h"

namespace mailtrail::explain {

struct EnhancedRow {
  int subject;
  int detail;
  Actor actor;
  bool specific;
  std::string_view title;
  std::string_view meaning;
  std::string_view advice;
  std::string_view caution;
  std::string_view source;
};

// Sorted by subject and detail; holds x.N.0 for each registered subject N.
std::span<const EnhancedRow> enhanced_rows();

// `mailbox` for 2; empty for a subject that is not registered.
std::string_view subject_title(int subject);

struct ReplyRow {
  int code;
  Actor actor;
  bool specific;
  std::string_view title;
  std::string_view meaning;
  std::string_view advice;
  std::string_view source;
};

// Sorted by code.
std::span<const ReplyRow> reply_rows();

}  // namespace mailtrail::explain
