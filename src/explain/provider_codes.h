// Status codes that a large provider uses otherwise than the registry says.
#pragma once

#include <span>
#include <string_view>

#include "explain/registry.h"

namespace mailtrail::explain {

struct ProviderCode {
  int subject;
  int detail;
  std::string_view provider;
  std::span<const std::string_view> host_suffixes;  // of its receiving hosts, each beginning with a dot
  std::string_view title;
  std::string_view meaning;
  std::string_view advice;
  Actor actor;
  double confidence;
};

// The row for this code from this host (any case, a final dot allowed), or null.
const ProviderCode* find_provider_code(const EnhancedCode& code, std::string_view host);

// Whether any provider uses the code otherwise.
bool is_used_otherwise(const EnhancedCode& code);

}  // namespace mailtrail::explain
