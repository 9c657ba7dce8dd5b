#include "archive/format.h"

#include <charconv>
#include <cstring>

#include "archive/archive.h"

namespace mailtrail::archive {
namespace {

constexpr std::string_view kSegmentMagic = "MTARCHIV";
constexpr std::string_view kFrameMagic = "MTFR";
constexpr std::string_view kMarkBegin = "mta1:";
constexpr std::size_t kCheckSize = 8;
constexpr std::size_t kChained = 56;  // bytes of a frame's header that the chain covers

constexpr unsigned kContinues = 1, kInLine = 2, kTimes = 4;

// The first bytes of the hash of what stands before.
std::string check_of(std::string_view bytes, Hasher& hasher) {
  hasher.add(bytes);
  const Digest digest = hasher.finish();
  return {reinterpret_cast<const char*>(digest.data()), kCheckSize};
}

bool is_check_good(std::string_view header, Hasher& hasher) {
  const std::size_t covered = header.size() - kCheckSize;
  return check_of(header.substr(0, covered), hasher) == header.substr(covered);
}

template <class T>
bool take_number(std::string_view& text, char end, T& number) {
  const std::size_t size = text.find(end);
  if (size == std::string_view::npos || size == 0) return false;
  const char* last = text.data() + size;
  const auto [stop, error] = std::from_chars(text.data(), last, number);
  if (stop != last || error != std::errc{} || (text[0] == '0' && size > 1)) return false;
  text.remove_prefix(size + 1);
  return true;
}

Flaw newer(std::string_view what, unsigned version) {
  return {std::string(what) + " is of version " + std::to_string(version) + ", newer than this program knows",
          std::string(kUpdateRemedy)};
}

Flaw damaged(std::string_view what) {
  return {std::string(what), std::string(kRestoreRemedy)};
}

}  // namespace

std::string to_text(const Mark& mark) {
  if (mark.place == Place{}) return {};
  return std::string(kMarkBegin) + std::to_string(mark.place.segment) + ':' + std::to_string(mark.place.offset) + ':' +
         to_hex(mark.chain);
}

std::optional<Mark> mark_of(std::string_view text) {
  Mark mark;
  if (text.empty()) return mark;
  if (!text.starts_with(kMarkBegin)) return std::nullopt;
  text.remove_prefix(kMarkBegin.size());
  const bool good = take_number(text, ':', mark.place.segment) && take_number(text, ':', mark.place.offset) &&
                    from_hex(text, mark.chain) && mark.place.segment > 0 && mark.place.offset >= kSegmentHeaderSize &&
                    mark.place.offset <= kMostSegment;
  return good ? std::optional(mark) : std::nullopt;
}

std::string segment_name(std::uint32_t segment) {
  const std::string digits = std::to_string(segment);
  return std::string(digits.size() < 8 ? 8 - digits.size() : 0, '0') + digits + ".mts";
}

std::optional<std::uint32_t> segment_of(std::string_view name) {
  std::uint32_t segment = 0;
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + dot, segment);
  if (error != std::errc{} || segment == 0 || segment_name(segment) != name) return std::nullopt;
  return segment;
}

SegmentHeaderBytes encode(const SegmentHeader& header, Hasher& hasher) {
  SegmentHeaderBytes bytes{};
  char* to = bytes.data();
  std::memcpy(to, kSegmentMagic.data(), kSegmentMagic.size());
  put<std::uint16_t>(to + 8, kVersion);
  put(to + 12, header.segment);
  std::memcpy(to + 16, header.previous.data(), header.previous.size());
  const std::string check = check_of({to, bytes.size() - kCheckSize}, hasher);
  std::memcpy(to + bytes.size() - kCheckSize, check.data(), kCheckSize);
  return bytes;
}

Digest chain_of(const SegmentHeaderBytes& header, Hasher& hasher) {
  hasher.add(std::string_view(header.data(), header.size()));
  return hasher.finish();
}

FrameHeaderBytes encode(FrameHeader& header, const Digest& before, std::string_view packed, Hasher& hasher) {
  FrameHeaderBytes bytes{};
  char* to = bytes.data();
  const bool has_times = header.first_time && header.last_time;
  std::memcpy(to, kFrameMagic.data(), kFrameMagic.size());
  to[4] = static_cast<char>(kVersion);
  to[5] = static_cast<char>(header.kind);
  to[6] = static_cast<char>((header.continues_line ? kContinues : 0) | (header.in_line ? kInLine : 0) |
                            (has_times ? kTimes : 0));
  put(to + 8, header.source);
  put(to + 12, header.lines);
  put(to + 16, header.first_line);
  put(to + 24, header.position);
  put(to + 32, header.raw_size);
  put(to + 36, header.packed_size);
  put<Micros>(to + 40, has_times ? *header.first_time : 0);
  put<Micros>(to + 48, has_times ? *header.last_time : 0);
  header.chain = chain_of(before, {to, bytes.size()}, packed, hasher);
  std::memcpy(to + kChained, header.chain.data(), header.chain.size());
  const std::string check = check_of({to, bytes.size() - kCheckSize}, hasher);
  std::memcpy(to + bytes.size() - kCheckSize, check.data(), kCheckSize);
  return bytes;
}

Digest chain_of(const Digest& before, std::string_view header, std::string_view packed, Hasher& hasher) {
  hasher.add(before);
  hasher.add(header.substr(0, kChained));
  hasher.add(packed);
  return hasher.finish();
}

std::optional<Flaw> decode(std::string_view bytes, SegmentHeader& header, Hasher& hasher) {
  const char* from = bytes.data();
  if (!bytes.starts_with(kSegmentMagic)) return damaged("is no segment of an archive, or its beginning is damaged");
  if (const auto version = get<std::uint16_t>(from + 8); version > kVersion) return newer("the segment", version);
  if (!is_check_good(bytes.substr(0, kSegmentHeaderSize), hasher)) return damaged("the header is damaged");
  header.segment = get<std::uint32_t>(from + 12);
  std::memcpy(header.previous.data(), from + 16, header.previous.size());
  return std::nullopt;
}

std::optional<Flaw> decode(std::string_view bytes, FrameHeader& header, Hasher& hasher) {
  const char* from = bytes.data();
  if (!bytes.starts_with(kFrameMagic) || !is_check_good(bytes.substr(0, kFrameHeaderSize), hasher)) {
    return damaged("a frame's header is damaged");
  }
  const unsigned version = static_cast<unsigned char>(from[4]), kind = static_cast<unsigned char>(from[5]);
  const unsigned flags = static_cast<unsigned char>(from[6]);
  if (version > kVersion) return newer("a frame", version);
  header.kind = static_cast<FrameKind>(kind);
  header.continues_line = (flags & kContinues) != 0;
  header.in_line = (flags & kInLine) != 0;
  header.source = get<std::uint32_t>(from + 8);
  header.lines = get<std::uint32_t>(from + 12);
  header.first_line = get<std::uint64_t>(from + 16);
  header.position = get<std::uint64_t>(from + 24);
  header.raw_size = get<std::uint32_t>(from + 32);
  header.packed_size = get<std::uint32_t>(from + 36);
  header.first_time.reset();
  header.last_time.reset();
  if ((flags & kTimes) != 0) {
    header.first_time = get<Micros>(from + 40);
    header.last_time = get<Micros>(from + 48);
  }
  std::memcpy(header.chain.data(), from + kChained, header.chain.size());
  const bool is_name = header.kind == FrameKind::kSource;
  const bool is_known = is_name || header.kind == FrameKind::kText || header.kind == FrameKind::kNote;
  if (!is_known || header.source >= kMostSources || header.raw_size == 0 ||
      header.raw_size > (is_name ? kMostName : kMostRaw) || header.packed_size == 0 ||
      header.packed_size > kMostPacked || header.lines > header.raw_size ||
      header.first_line > UINT64_MAX - header.lines || header.position > UINT64_MAX - header.raw_size) {
    return damaged("a frame's header states what cannot be");
  }
  return std::nullopt;
}

}  // namespace mailtrail::archive
