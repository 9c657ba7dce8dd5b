// The sections of the report's page, each as lines; empty where a section has nothing to say.
#pragma once

#include "query/report_figures.h"
#include "query/report_layout.h"
#include "query/report_page.h"

namespace mailtrail::query {

struct Canvas {
  const Report& report;
  std::size_t width;
  std::size_t top;
  Glyphs glyphs;
  // A count that may be an estimate.
  std::string estimate(std::uint64_t number, bool approximate) const;
  // `Sun 22 Nov 00:00` in the report's zone.
  std::string time(Micros time) const;
};

// report_page_head.cc
Lines head_lines(const Canvas& canvas);
// What the numbers rest on: hosts, the span of time, lines, and what makes them doubtful. Part of the head.
Lines scope_lines(const Canvas& canvas);
Lines alarm_lines(const Canvas& canvas);
Lines mail_lines(const Canvas& canvas);
Lines volume_lines(const Canvas& canvas);

// report_page_trouble.cc
Lines reason_lines(const Canvas& canvas);
Lines refusal_lines(const Canvas& canvas);
Lines login_lines(const Canvas& canvas);
Lines notice_lines(const Canvas& canvas);
Lines unparsed_lines(const Canvas& canvas);

// report_page_lists.cc
Lines delay_lines(const Canvas& canvas);
Lines relay_lines(const Canvas& canvas);
Lines address_lines(const Canvas& canvas);
Lines connection_lines(const Canvas& canvas);

}  // namespace mailtrail::query
