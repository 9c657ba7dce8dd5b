#include "app/socket_frame.h"

#include <algorithm>

#include "base/text.h"

namespace mailtrail::app {
namespace {

constexpr std::string_view kMagic = "MTSOCK";
constexpr std::string_view kKinds = "qoepPxr";
constexpr std::size_t kMostWords = 10'000;
constexpr std::size_t kMostZone = 256;
constexpr std::uint32_t kNarrowest = 20, kWidest = 1000, kLowest = 2, kHighest = 100'000;

// The fields of a request: a letter, a length, a value. A letter that is not known is passed over.
enum Field : char { kWord = 'w', kFlags = 'f', kWidth = 'c', kHeight = 'l', kZone = 'z' };
constexpr std::uint32_t kOutIsTerminal = 1, kErrIsTerminal = 2, kColour = 4, kUnicode = 8, kPager = 16;

void append_number(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

// `bytes` MUST have at least four.
std::uint32_t number_at(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

void append_field(std::string& out, Field field, std::string_view value) {
  out += static_cast<char>(field);
  append_number(out, static_cast<std::uint32_t>(value.size()));
  out += value;
}

void append_field(std::string& out, Field field, std::uint32_t value) {
  std::string bytes;
  append_number(bytes, value);
  append_field(out, field, bytes);
}

Error broken() {
  return {"the request is not understood", "", ""};
}

// False: the field is not as it must be.
bool take_field(CommandRequest& request, char field, std::string_view value) {
  const bool is_number = field == kFlags || field == kWidth || field == kHeight;
  if (is_number && value.size() != 4) return false;
  const std::uint32_t number = is_number ? number_at(value) : 0;
  switch (field) {
    case kWord:
      if (request.words.size() == kMostWords || value.find('\0') != std::string_view::npos) return false;
      request.words.emplace_back(value);
      return true;
    case kFlags:
      request.out_is_terminal = (number & kOutIsTerminal) != 0;
      request.err_is_terminal = (number & kErrIsTerminal) != 0;
      request.colour_wanted = (number & kColour) != 0;
      request.unicode = (number & kUnicode) != 0;
      request.has_pager = (number & kPager) != 0;
      return true;
    case kWidth:
      request.width = number;
      return number >= kNarrowest && number <= kWidest;
    case kHeight:
      request.height = number;
      return number >= kLowest && number <= kHighest;
    case kZone:
      request.zone = value;
      return value.size() <= kMostZone && value.find('\0') == std::string_view::npos;
    default:
      return true;
  }
}

}  // namespace

std::string preface(std::uint16_t version) {
  std::string bytes(kMagic);
  bytes += static_cast<char>(version >> 8);
  bytes += static_cast<char>(version & 0xff);
  return bytes;
}

std::optional<std::uint16_t> preface_version(std::string_view bytes) {
  if (bytes.size() < kPrefaceSize || !bytes.starts_with(kMagic)) return std::nullopt;
  const unsigned high = static_cast<unsigned char>(bytes[kMagic.size()]);
  const unsigned low = static_cast<unsigned char>(bytes[kMagic.size() + 1]);
  return static_cast<std::uint16_t>(high << 8 | low);
}

void append_frame(std::string& out, FrameKind kind, std::string_view payload) {
  out += static_cast<char>(kind);
  append_number(out, static_cast<std::uint32_t>(payload.size()));
  out += payload;
}

void FrameReader::add(std::string_view bytes) {
  if (broken_) return;
  bytes_.erase(0, at_);
  at_ = 0;
  bytes_ += bytes;
}

std::optional<Frame> FrameReader::next() {
  const std::string_view rest = std::string_view(bytes_).substr(at_);
  if (broken_ || rest.empty()) return std::nullopt;
  if (kKinds.find(rest[0]) == std::string_view::npos) broken_ = true;
  if (broken_ || rest.size() < kFrameHead) return std::nullopt;
  const std::size_t size = number_at(rest.substr(1));
  if (size > kMostPayload) broken_ = true;
  if (broken_ || rest.size() - kFrameHead < size) return std::nullopt;
  at_ += kFrameHead + size;
  return Frame{static_cast<FrameKind>(rest[0]), rest.substr(kFrameHead, size)};
}

Result<std::string> encode_request(const CommandRequest& request) {
  std::string payload;
  for (const std::string& word : request.words) append_field(payload, kWord, word);
  std::uint32_t flags = 0;
  if (request.out_is_terminal) flags |= kOutIsTerminal;
  if (request.err_is_terminal) flags |= kErrIsTerminal;
  if (request.colour_wanted) flags |= kColour;
  if (request.unicode) flags |= kUnicode;
  if (request.has_pager) flags |= kPager;
  append_field(payload, kFlags, flags);
  if (request.width) append_field(payload, kWidth, std::clamp(*request.width, kNarrowest, kWidest));
  append_field(payload, kHeight, std::clamp(request.height, kLowest, kHighest));
  append_field(payload, kZone, request.zone);
  if (payload.size() > kMostPayload || request.words.size() > kMostWords || request.zone.size() > kMostZone) {
    return Error{"the command line is too long to be sent to the process that uses the store", "", "make it shorter"};
  }
  return payload;
}

Result<CommandRequest> decode_request(std::string_view payload) {
  CommandRequest request;
  while (!payload.empty()) {
    if (payload.size() < kFrameHead) return broken();
    const char field = payload[0];
    const std::size_t size = number_at(payload.substr(1));
    payload.remove_prefix(kFrameHead);
    if (size > payload.size() || !take_field(request, field, payload.substr(0, size))) return broken();
    payload.remove_prefix(size);
  }
  if (request.words.empty()) return broken();
  return request;
}

}  // namespace mailtrail::app
