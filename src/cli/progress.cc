#include "cli/progress.h"

#include <algorithm>
#include <string>

#include "base/time.h"
#include "query/report_layout.h"

namespace mailtrail::cli {

void Progress::show(std::uint64_t done, std::optional<std::uint64_t> total) {
  if (!streams_.err_is_terminal || stopped_) return;
  const Clock::time_point now = Clock::now();
  if (now - began_ < std::chrono::seconds(1) || now - shown_at_ < std::chrono::milliseconds(200)) return;
  shown_at_ = now;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double rate = static_cast<double>(done) / seconds;
  std::string line = "\r" + query::byte_size(done);
  if (total && *total != 0) {
    const std::uint64_t percent = std::min<std::uint64_t>(done * 100 / *total, 100);
    line += " of " + query::byte_size(*total) + ", " + std::to_string(percent) + " %";
  }
  line += ", " + query::byte_size(static_cast<std::uint64_t>(rate)) + "/s";
  if (total && *total > done && rate > 0) {
    const double left = static_cast<double>(*total - done) / rate;
    if (left >= 1) line += ", " + format_span(static_cast<Micros>(left) * kSecond) + " left";
  }
  streams_.err.write(line + "\x1b[K");
  streams_.err.flush();
  visible_ = true;
}

void Progress::clear() {
  if (!visible_) return;
  visible_ = false;
  streams_.err.write("\r\x1b[K");
  streams_.err.flush();
}

void Progress::stop() {
  clear();
  stopped_ = true;
}

}  // namespace mailtrail::cli
