// The layout of the archive's files (docs/design/archive.md): headers to bytes and back. Pure.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "archive/digest.h"
#include "base/result.h"
#include "base/time.h"

namespace mailtrail::archive {

inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::size_t kSegmentHeaderSize = 64;
inline constexpr std::size_t kFrameHeaderSize = 96;
inline constexpr std::uint32_t kMostRaw = 1u << 20;        // bytes of a frame, unpacked
inline constexpr std::uint32_t kMostPacked = 2u << 20;     // packed: more than what zstd can make of kMostRaw bytes
inline constexpr std::uint64_t kSegmentFull = 256u << 20;  // a segment of this size or more takes no more frames
inline constexpr std::uint64_t kMostSegment = kSegmentFull + kFrameHeaderSize + kMostPacked;

// A place in the archive: between two frames, or behind the header of a segment. {0, 0} is before everything.
struct Place {
  std::uint32_t segment = 0;
  std::uint64_t offset = 0;
  auto operator<=>(const Place&) const = default;
};

// A place, and the chain's hash there (all zero before everything).
struct Mark {
  Place place;
  Digest chain{};
  bool operator==(const Mark&) const = default;
};

// `mta1:SEGMENT:OFFSET:HASH`; empty for {0, 0}. Reading: nothing where the text is no mark.
std::string to_text(const Mark& mark);
std::optional<Mark> mark_of(std::string_view text);

// `00000001.mts`; and back, nothing where the name is not that of a segment.
std::string segment_name(std::uint32_t segment);
std::optional<std::uint32_t> segment_of(std::string_view name);

struct SegmentHeader {
  std::uint32_t segment = 1;
  Digest previous{};  // the chain's hash at the end of the segment before; all zero in the first
};

// A note (kind 3) of more than kMostRaw bytes is cut into frames: all but the first go on (`continues_line`), all but
// the last are gone on with (`in_line`).
enum class FrameKind : std::uint8_t { kText = 1, kSource = 2, kNote = 3 };

struct FrameHeader {
  FrameKind kind = FrameKind::kText;
  bool continues_line = false;  // the first byte goes on with a line that began in an earlier frame
  bool in_line = false;         // the last byte is no line feed
  std::uint32_t source = 0;
  std::uint32_t lines = 0;  // that begin in the frame
  std::uint64_t first_line = 0, position = 0;
  std::uint32_t raw_size = 0, packed_size = 0;
  std::optional<Micros> first_time, last_time;  // both or none
  Digest chain{};                               // of everything up to the end of this frame
};

using SegmentHeaderBytes = std::array<char, kSegmentHeaderSize>;
using FrameHeaderBytes = std::array<char, kFrameHeaderSize>;

// The chain's hash behind a segment's header.
Digest chain_of(const SegmentHeaderBytes& header, Hasher& hasher);
SegmentHeaderBytes encode(const SegmentHeader& header, Hasher& hasher);
// Sets `header.chain`, which follows from the hash before, the header and the packed bytes.
FrameHeaderBytes encode(FrameHeader& header, const Digest& before, std::string_view packed, Hasher& hasher);

// What is wrong with some bytes, as the `what` and `remedy` of an Error.
struct Flaw {
  std::string what, remedy;
};
inline constexpr std::string_view kRestoreRemedy = "put this file back from a backup; all else is read";
inline constexpr std::string_view kUpdateRemedy = "read it with the newer version of mailtrail";

// `bytes` MUST be of the header's size or more. The check of the header, its version and its bounds are looked at; the
// chain of a frame is not (see chain_of).
std::optional<Flaw> decode(std::string_view bytes, SegmentHeader& header, Hasher& hasher);
std::optional<Flaw> decode(std::string_view bytes, FrameHeader& header, Hasher& hasher);
// The chain's hash that a frame's header and packed bytes lead to.
Digest chain_of(const Digest& before, std::string_view header, std::string_view packed, Hasher& hasher);

// Little-endian integers in fixed places.
template <class T>
void put(char* to, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) to[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> 8 * i);
}
template <class T>
T get(const char* from) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])) << 8 * i;
  }
  return static_cast<T>(value);
}

}  // namespace mailtrail::archive
