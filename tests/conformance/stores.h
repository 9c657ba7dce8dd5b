// The stores that the suite runs on. A new one is added to the list in stores.cc, and nowhere else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace mailtrail::conformance {

struct StoreKind {
  std::string name;  // letters and digits
  // Opens what was left in `folder` (which exists, and is empty at first), or begins there. One at a time has it open.
  std::function<Result<std::unique_ptr<store::Store>>(const std::string& folder)> open;
  bool persists = false;  // what was committed is there when the folder is opened again
};

const std::vector<StoreKind>& store_kinds();

// For the names of parameterised tests.
inline void PrintTo(const StoreKind& kind, std::ostream* out) {
  *out << kind.name;
}

}  // namespace mailtrail::conformance
