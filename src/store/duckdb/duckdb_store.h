// DuckDbStore: facts in one DuckDB file. docs/design/store.md tells its tables.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "store/store.h"

namespace mailtrail::store {

struct DuckDbOptions {
  std::string path;                           // of the database file; made where it does not exist
  std::uint64_t memory_limit = 512ull << 20;  // bytes for DuckDB's buffers; the process takes more
  unsigned threads = 2;
  bool read_only = false;  // the file MUST exist; several processes may then have it open, while none writes
};

// The embedded store. Errors of `open`: another process has the file; no right to write; it is no database, or one of
// something else; it is damaged; its schema is newer. A file of an older schema is brought to this one, unless it is
// opened for reading alone: then it is read as it is. What was committed outlives the process, however that ends.
class DuckDbStore : public Store {
 public:
  static Result<std::unique_ptr<DuckDbStore>> open(const DuckDbOptions& options);

  // Work that makes reading faster and the file smaller, for when nothing is urgent: sorts the look-up keys of days
  // that changed, and writes what was deleted out of the file. MUST NOT be called while facts are told. A reader may go
  // on meanwhile.
  virtual Result<Done> tidy() = 0;
};

}  // namespace mailtrail::store
