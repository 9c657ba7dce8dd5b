// ArchiveSource: a log as the archive has it, read like the file that it was.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/round_note.h"
#include "archive/archive.h"
#include "intake/source.h"

namespace mailtrail::app {

// The bytes of source `archived` from the first that is archived on; its first line was written before `written`, which
// tells the year where the lines do not. `reader` MUST outlive it. Read in order; `reopen` begins anew. What cannot be
// read is told as an error once, at the end; blank lines stand in its place, so that lines and bytes behind it keep
// their numbers.
std::unique_ptr<intake::Source> open_archived(archive::Reader& reader, const archive::ArchivedSource& archived,
                                              std::optional<Micros> written);

// A part of a log, in bytes and lines of the log.
struct ArchivedPart {
  std::uint64_t begin = 0;           // the first byte: of a line
  std::uint64_t lines = 0;           // that begin before it
  std::optional<std::uint64_t> end;  // behind the last byte; nothing: as far as is archived
  std::vector<LineCut> cuts;         // of this log, in order
};

// The same of a part of it: the first byte that is read is byte `part.begin` of the log.
std::unique_ptr<intake::Source> open_archived(archive::Reader& reader, const archive::ArchivedSource& archived,
                                              std::optional<Micros> written, ArchivedPart part);

// Where byte `archived` of the archive's text lies in the log.
std::uint64_t place_in_log(const std::vector<LineCut>& cuts, std::uint64_t archived);

}  // namespace mailtrail::app
