// Session window: where in a log the session stands that a line belongs to, found by reading on from the line itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/inputs.h"
#include "model/event.h"

namespace mailtrail::app {

// Bytes of a source, from the first byte of one line to behind the last byte of another.
struct SessionWindow {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// The session of a smtpd(8) process around one of its lines: from its `connect from` before to its `disconnect from`
// behind. The source MUST be seekable. Nothing where one of the two is not found within 4 MiB, or where the tag does
// not hold the process id in brackets: then nothing is known of how far the session goes.
std::optional<SessionWindow> find_session(const Input& input, std::int32_t pid, const model::LineRef& line);

}  // namespace mailtrail::app
