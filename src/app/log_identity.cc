#include "app/log_identity.h"

#include <algorithm>

#include "base/byte_stream.h"

namespace mailtrail::app {
namespace {

constexpr std::uint64_t kIdentityVersion = 1;

}  // namespace

void LogIdentity::take(std::string_view text) {
  if (head.size() < kCompared) head += text.substr(0, kCompared - head.size());
  if (text.size() >= kCompared) {
    last = text.substr(text.size() - kCompared);
    return;
  }
  last += text;
  if (last.size() > kCompared) last.erase(0, last.size() - kCompared);
}

bool LogIdentity::may_be(std::string_view beginning) const {
  const std::size_t both = std::min(head.size(), beginning.size());
  return both != 0 && beginning.substr(0, both) == std::string_view(head).substr(0, both);
}

std::string LogIdentity::save() const {
  std::string bytes;
  ByteWriter out(bytes);
  out.number(kIdentityVersion);
  out.text(head);
  out.text(last);
  return bytes;
}

Result<LogIdentity> LogIdentity::restore(std::string_view bytes) {
  ByteReader in(bytes);
  LogIdentity identity;
  const bool known = in.number() == kIdentityVersion;
  identity.head = in.text();
  identity.last = in.text();
  if (!known || !in.finished()) return Error{"the identity of a log is damaged or of a newer version", "", ""};
  return identity;
}

}  // namespace mailtrail::app
