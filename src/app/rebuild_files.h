// RebuildFiles: the new database beside the old one, and how it takes its place.
#pragma once

#include <optional>
#include <string>

#include "app/store_directory.h"
#include "base/result.h"
#include "base/time.h"

namespace mailtrail::app {

// Error: the archive was filled, and the database is gone. An ingest or a question that then began with an empty one
// would answer as if nothing had been.
Result<Done> check_database_is_there(const StoreDirectory& directory);

// Where a rebuild writes the new database. The store's lock MUST be held for writing.
std::string rebuilt_database(const StoreDirectory& directory);

// Removes what an interrupted rebuild left of a new database. Error: it cannot be removed.
Result<Done> clear_rebuilt(const StoreDirectory& directory);

// Puts the new database, which MUST be whole and closed, in the place of the old one. The old file, and what the
// database had written beside it, is kept under a name with `now` (UTC), which is given back; nothing where there was
// none. A process that is killed in between leaves the old one under one of its names, and no half of it.
Result<std::optional<std::string>> put_in_place(const StoreDirectory& directory, Micros now);

}  // namespace mailtrail::app
