#include "store/duckdb/api.h"

#include <string>
#include <vector>

#include "sys/shared_library.h"

namespace mailtrail::store::duckdb {
namespace {

constexpr const char* kName = "libduckdb.so";

struct Loaded {
  Api functions;
  Result<Done> result = Done{};
};

Loaded load() {
  Loaded loaded;
  // As `make install` leaves it beside bin/, and as the build tree has it.
  const std::vector<std::string> folders = {"../lib/mailtrail", "lib/mailtrail"};
  const auto library = sys::SharedLibrary::load(kName, folders);
  if (!library.ok()) {
    loaded.result = library.error();
    return loaded;
  }
  const char* missing = nullptr;
#define MAILTRAIL_DUCKDB_LOAD(name)                                                                         \
  loaded.functions.name = reinterpret_cast<decltype(&::duckdb_##name)>(library->function("duckdb_" #name)); \
  if (loaded.functions.name == nullptr) missing = "duckdb_" #name;
  MAILTRAIL_DUCKDB_FUNCTIONS(MAILTRAIL_DUCKDB_LOAD)
#undef MAILTRAIL_DUCKDB_LOAD
  if (missing != nullptr) {
    loaded.result =
        Error{std::string("this library has no ") + missing, library->path(), "install DuckDB 1.4 or a newer 1.x"};
  }
  return loaded;
}

const Loaded& loaded_once() {
  static const Loaded kLoaded = load();
  return kLoaded;
}

}  // namespace

Result<Done> load_api() {
  return loaded_once().result;
}

const Api& api() {
  return loaded_once().functions;
}

}  // namespace mailtrail::store::duckdb
