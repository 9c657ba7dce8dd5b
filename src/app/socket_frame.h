// Socket frames: the bytes that go over the socket of a store (docs/design/socket.md). Pure.
//
// Each side begins with a preface, which is the same in every version. Then come frames: a letter that says what it is,
// the length of its payload (4 bytes, the highest first), and the payload. All of it may come from a hostile peer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mailtrail::app {

// Raised whenever frames or their meaning change in a way that the other side must know.
inline constexpr std::uint16_t kSocketVersion = 1;
inline constexpr std::size_t kPrefaceSize = 8;
inline constexpr std::size_t kFrameHead = 5;
inline constexpr std::size_t kMostPayload = 256 * 1024;

// `MTSOCK` and the version in two bytes.
std::string preface(std::uint16_t version);
// The version that the first kPrefaceSize bytes state; nothing where they are no preface.
std::optional<std::uint16_t> preface_version(std::string_view bytes);

// The letters. All but the request go from the process that holds the store to the one that asks.
enum class FrameKind : char {
  kRequest = 'q',  // the command
  kOut = 'o',      // bytes for standard output; the asker flushes them
  kErr = 'e',      // bytes for standard error
  kPage = 'p',     // a part of a page for the pager
  kPageEnd = 'P',  // empty: the page is whole
  kExit = 'x',     // the exit status, one byte: the last frame
  kRefusal = 'r'   // an exit status, one byte, and why the command is not run: the last frame
};

struct Frame {
  FrameKind kind = FrameKind::kRequest;
  std::string_view payload;
};

// Appends a frame. `payload` MUST have at most kMostPayload bytes.
void append_frame(std::string& out, FrameKind kind, std::string_view payload);

// Puts frames together from bytes as they come. Keeps at most one frame and what was added last.
class FrameReader {
 public:
  void add(std::string_view bytes);
  // The next whole frame; its payload lives until the next call of anything. Nothing: more bytes are needed, or they
  // are broken.
  std::optional<Frame> next();
  // The bytes are no frames: a letter that is none, or a payload that is too long. Nothing comes any more.
  bool is_broken() const { return broken_; }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

// What is known of the process that asks.
struct CommandRequest {
  // The command first, then its options and words. MUST NOT be empty.
  std::vector<std::string> words;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool colour_wanted = false;          // where --color says `auto`
  bool unicode = true;                 // its character set is UTF-8
  bool has_pager = false;              // long pages may be sent as such
  std::optional<std::uint32_t> width;  // columns, 20 to 1,000, where known
  std::uint32_t height = 24;           // lines of its terminal, 2 to 100,000
  std::string zone;                    // its time zone, as TimeZone::name says it

  bool operator==(const CommandRequest&) const = default;
};

// The payload of a request. Error: it is longer than a frame may be. Numbers out of their range are brought into it.
Result<std::string> encode_request(const CommandRequest& request);
// Reads what encode_request wrote, and what a later minor change adds. Error: anything else.
Result<CommandRequest> decode_request(std::string_view payload);

}  // namespace mailtrail::app
