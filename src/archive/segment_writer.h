// SegmentWriter: packs frames and appends them to the segments, and keeps the side file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "archive/format.h"
#include "archive/frame_index.h"
#include "base/result.h"
#include "sys/append_file.h"

namespace mailtrail::archive {

// Not thread-safe. After an error nothing more may be written with it.
class SegmentWriter {
 public:
  // Goes on at `end`, where the last segment MUST end; with `begin_segment` in a new segment. A segment of `full` bytes
  // takes no more frames.
  static Result<std::unique_ptr<SegmentWriter>> open(const std::string& directory, const Mark& end, bool begin_segment,
                                                     std::uint64_t full);
  // What is written and not yet in the side file is brought there.
  ~SegmentWriter();

  // Packs and appends. `header` MUST have everything but the packed size and the hash, `raw` be as long as it says.
  Result<Done> write(FrameHeader& header, std::string_view raw);
  // Waits until everything is on the disk. Gives the place behind it.
  Result<Mark> sync();

 private:
  struct Packer;

  SegmentWriter(std::string directory, const Mark& end, std::uint64_t full);
  Result<Done> begin_segment();
  // Brings the frames that were written to the side file. That it cannot is no error: they are found by their headers.
  void add_to_index();

  std::string directory_;
  Mark end_;
  std::uint64_t full_;
  sys::AppendFile file_;
  bool has_new_name_ = false;  // a segment was made, and its name may not be on the disk
  bool is_dirty_ = false;
  IndexBlock block_;  // not yet in the side file
  std::string bytes_;
  std::unique_ptr<Packer> packer_;
  Hasher hasher_;
};

}  // namespace mailtrail::archive
