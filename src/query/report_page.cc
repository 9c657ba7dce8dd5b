#include "query/report_page.h"

#include <algorithm>

#include "query/report_page_parts.h"

namespace mailtrail::query {

std::string Canvas::estimate(std::uint64_t number, bool approximate) const {
  return approximate ? std::string(glyphs.about()) + grouped(number) : grouped(number);
}

std::string Canvas::time(Micros time) const {
  return wall_time(time + report.zone.offset_at(time) * kMinute);
}

std::string render_report(const Report& report, const PageOptions& options) {
  const Canvas canvas{report, std::clamp<std::size_t>(options.width, 60, 200), options.top, {options.unicode}};
  std::string page;
  for (const auto section :
       {head_lines, alarm_lines, mail_lines, volume_lines, reason_lines, refusal_lines, login_lines, notice_lines,
        delay_lines, relay_lines, address_lines, connection_lines, unparsed_lines}) {
    const Lines lines = section(canvas);
    if (!page.empty() && !lines.empty()) page += '\n';
    for (const Line& line : lines) line.append_to(page, options.colour);
  }
  return page;
}

}  // namespace mailtrail::query
