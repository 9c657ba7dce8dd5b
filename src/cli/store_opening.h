// Store opening: how a command that is given no logs comes to the store.
#pragma once

#include <memory>
#include <string>

#include "app/store_directory.h"
#include "archive/archive.h"
#include "base/result.h"
#include "base/time_zone.h"
#include "cli/arguments.h"
#include "cli/streams.h"
#include "store/store.h"

namespace mailtrail::cli {

// A store that is open for whoever runs commands on it (Streams::store). What it refers to MUST outlive the commands.
struct StoreView {
  const store::Store& store;
  const app::StoreDirectory& directory;
  TimeZone zone;  // the system's, of who asks

  // The archive as the last commit left it.
  Result<std::unique_ptr<archive::Reader>> open_archive() const;
};

// Runs `body` on the store that the options or the environment name, by reading it or by asking the process that uses
// it. Where there is no store and none was named, `body` runs without one. `arguments` MUST name no logs, and
// `streams.store` MUST be null.
int run_on_store(const Arguments& arguments, const Streams& streams, int (*body)(const Arguments&, const Streams&));

}  // namespace mailtrail::cli
