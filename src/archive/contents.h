// What an archive holds, found from its side file and the headers of its frames; nothing is unpacked.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/format.h"
#include "archive/frame_index.h"
#include "base/result.h"

namespace mailtrail::archive {

struct Contents {
  std::vector<FrameEntry> frames;  // in the order of the archive
  // Where they end: the mark that was given; else the end of the last whole frame that can be reached.
  Mark end;
  // The frames lead to `end` without a fault in its segment.
  bool is_end_reached = true;
  std::vector<Error> faults;
  // Frames that the side file does not have; never behind a fault of their segment.
  std::vector<IndexBlock> not_indexed;
  // The side file is damaged, or knows frames behind `end`.
  bool is_index_wrong = false;
};

// Frames between `begin` ({0, 0}: from the first) and `end` (nothing: as far as they go). Without `use_index` the
// headers alone are read. Errors: the directory cannot be listed; the archive ends before `end`, or holds something
// else there. All else that is wrong is a fault, and what can be found behind it, in the next segments, is.
//
// A directory that is not there is an empty archive.
Result<Contents> read_contents(const std::string& directory, const Mark& begin, const std::optional<Mark>& end,
                               bool use_index);

// The numbers of the segments in a directory, ascending.
Result<std::vector<std::uint32_t>> segments_in(const std::string& directory);

// The header of the frame that stands where `entry` says. Error: another does, or none.
Result<FrameHeader> read_header(const std::string& directory, const FrameEntry& entry);

// The name of the side file.
std::string index_path(const std::string& directory);

// What is told where a text is no mark.
Error not_a_mark(const std::string& directory, std::string_view text);

// The Error of a flaw in a file.
Error flaw_at(const std::string& path, std::uint64_t offset, const Flaw& flaw);

}  // namespace mailtrail::archive
