// FrameReader: the content of single frames.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/format.h"
#include "archive/frame_index.h"
#include "base/result.h"
#include "sys/file.h"

namespace mailtrail::archive {

// Unpacks frames. Not thread-safe.
class Unpacker {
 public:
  Unpacker();
  ~Unpacker();
  // Sets `raw`. A flaw: the packed bytes are not what the header says, or are damaged.
  std::optional<Flaw> unpack(const FrameHeader& header, std::string_view packed, std::string& raw);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Keeps the files of a few segments open. Not thread-safe.
class FrameReader {
 public:
  explicit FrameReader(std::string directory) : directory_(std::move(directory)) {}
  // The unpacked bytes of a frame, and its header where it is wanted. Error: they cannot be read, are damaged, or
  // another frame stands there.
  Result<std::string> read(const FrameEntry& entry, FrameHeader* header = nullptr);

 private:
  Result<const sys::File*> open(std::uint32_t segment, const std::string& path);

  struct OpenSegment {
    std::uint32_t segment;
    sys::File file;
  };
  std::string directory_;
  std::vector<OpenSegment> open_;  // the last that were used, the newest at the end
  std::string packed_;
  Unpacker unpacker_;
  Hasher hasher_;
};

}  // namespace mailtrail::archive
