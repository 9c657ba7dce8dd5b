#include "cli/streams.h"

#include <algorithm>

namespace mailtrail::cli {

void say(const Streams& streams, std::string_view text) {
  std::string line = "mailtrail: ";
  line += text;
  line += '\n';
  streams.err.write(line);
}

void show_page(const Streams& streams, std::string_view page, bool may_page) {
  const auto lines = static_cast<std::size_t>(std::count(page.begin(), page.end(), '\n'));
  if (may_page && streams.out_is_terminal && streams.pager && lines >= streams.height) {
    streams.out.flush();
    if (streams.pager(page)) return;
  }
  streams.out.write(page);
}

}  // namespace mailtrail::cli
