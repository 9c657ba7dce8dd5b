// Any bytes from a socket: frames come out as they would from the whole at once, or the bytes are broken; a request
// that is understood means the same when it is written anew. The first byte sets how the bytes are cut. SEEDS: record
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "app/socket_frame.h"
#include "app/store_lock.h"
#include "base/text.h"

namespace {

using namespace mailtrail;
using namespace mailtrail::app;

void check(bool holds) {
  if (!holds) std::abort();
}

struct Read {
  std::string frames;
  bool broken = false;
};

Read read_frames(std::string_view bytes, std::size_t piece) {
  Read read;
  FrameReader reader;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.add(bytes.substr(0, piece));
    while (const std::optional<Frame> frame = reader.next()) {
      check(frame->payload.size() <= kMostPayload);
      append_frame(read.frames, frame->kind, frame->payload);
    }
  }
  read.broken = reader.is_broken();
  return read;
}

void check_request(std::string_view payload) {
  // A copy of exactly its size shows reads behind its end.
  const std::string copy(payload);
  const Result<CommandRequest> request = decode_request(copy);
  if (!request.ok()) return check(!request.error().what.empty());
  check(!request->words.empty());
  check(!request->width || (*request->width >= 20 && *request->width <= 1000));
  const Result<std::string> again = encode_request(*request);
  if (!again.ok()) return;  // the fields that it lacked make it too long
  const Result<CommandRequest> same = decode_request(*again);
  check(same.ok() && *same == *request);
}

// The same text as words of a command, sent in pieces of a frame; and with one byte changed.
void check_sent(std::string_view text, std::size_t piece) {
  CommandRequest request;
  for (std::string_view rest = text; !rest.empty() && request.words.size() < 10'000;) {
    const std::string_view word = take_until(rest, '\n');
    if (word.find('\0') == std::string_view::npos) request.words.emplace_back(word);
  }
  if (request.words.empty()) return;
  if (piece % 2 == 1) request.width = static_cast<std::uint32_t>(20 + piece);
  const Result<std::string> payload = encode_request(request);
  if (!payload.ok()) return;
  check(decode_request(*payload).value() == request);
  std::string frame;
  append_frame(frame, FrameKind::kRequest, *payload);
  check(read_frames(frame, piece).frames == frame);
  std::string changed = *payload;
  changed[piece * 31 % changed.size()] ^= static_cast<char>(piece);
  check_request(changed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = std::size_t{data[0]} + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);

  const Read whole = read_frames(bytes, bytes.size() + 1), pieces = read_frames(bytes, piece);
  check(whole.frames == pieces.frames && whole.broken == pieces.broken);
  // What came out is what went in, up to where it ends or breaks.
  check(bytes.starts_with(whole.frames));
  check(read_frames(whole.frames, piece).frames == whole.frames);

  if (const std::optional<std::uint16_t> version = preface_version(bytes)) check(bytes.starts_with(preface(*version)));
  check_request(bytes);
  check_sent(bytes, piece);

  for (const StoreHolder& holder : parse_holders(bytes)) {
    const std::vector<StoreHolder> again = parse_holders(holder_line(holder));
    check(again.size() == 1 && again[0].process == holder.process && again[0].use == holder.use);
  }
  return 0;
}
