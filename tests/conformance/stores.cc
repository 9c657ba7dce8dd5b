#include "tests/conformance/stores.h"

#include "store/memory/memory_store.h"

namespace mailtrail::conformance {

const std::vector<StoreKind>& store_kinds() {
  static const std::vector<StoreKind> kKinds = {
      {"Memory",
       [](const std::string&) -> Result<std::unique_ptr<store::Store>> {
         return std::unique_ptr<store::Store>(std::make_unique<store::MemoryStore>());
       },
       false},
  };
  return kKinds;
}

}  // namespace mailtrail::conformance
