// ArchiveSource: a log as the archive has it, read like the file that it was.
#pragma once

#include <memory>
#include <optional>

#include "archive/archive.h"
#include "intake/source.h"

namespace mailtrail::app {

// The bytes of source `archived` from the first that is archived on; its first line was written before `written`, which
// tells the year where the lines do not. `reader` MUST outlive it. Read in order; `reopen` begins anew. What cannot be
// read is told as an error once, and what comes behind it is read.
std::unique_ptr<intake::Source> open_archived(archive::Reader& reader, const archive::ArchivedSource& archived,
                                              std::optional<Micros> written);

}  // namespace mailtrail::app
