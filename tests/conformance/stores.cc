#include "tests/conformance/stores.h"

#include "store/duckdb/duckdb_store.h"
#include "store/memory/memory_store.h"

namespace mailtrail::conformance {

const std::vector<StoreKind>& store_kinds() {
  static const std::vector<StoreKind> kKinds = {
      {"Memory",
       [](const std::string&) -> Result<std::unique_ptr<store::Store>> {
         return std::unique_ptr<store::Store>(std::make_unique<store::MemoryStore>());
       },
       false},
      {"DuckDb",
       [](const std::string& folder) -> Result<std::unique_ptr<store::Store>> {
         Result<std::unique_ptr<store::DuckDbStore>> store =
             store::DuckDbStore::open({.path = folder + "/mailtrail.duckdb"});
         if (!store.ok()) return store.error();
         return std::unique_ptr<store::Store>(std::move(*store));
       },
       true},
  };
  return kKinds;
}

}  // namespace mailtrail::conformance
