// The page of `trace`: what became of each mail, as a time line with its evidence.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/time_zone.h"
#include "cli/trace_collector.h"
#include "model/event.h"

namespace mailtrail::cli {

struct TracePageOptions {
  std::size_t width = 80;  // columns, at least 40
  bool colour = false;
  bool unicode = true;
  bool verbose = false;  // the raw lines under each step
  std::string query;     // as it was typed
  TimeZone zone;         // times are shown in the offset of each fact; the head of the page in this zone
};

// Gives the raw bytes of lines (app::Road::raw_lines); called only where `verbose`.
using RawLines = std::function<std::vector<std::string>(const std::vector<model::LineRef>&)>;

// The page for what was collected, `finish`ed. UTF-8, with a line end at the end. All log text in it is escaped.
std::string render_trace(const TraceCollector& found, const query::Plan& plan, const TracePageOptions& options,
                         const RawLines& raw_lines);

// One journey or refusal as a JSON object, without a line end; `kind` tells `journey` and `rejection` apart. A journey
// is the row of `search --per journey` with `stays`, `delivery_attempts` and `final_recipients`, each as `search` shows
// its rows.
void append_trace_json(std::string& out, const model::fact::Journey& journey, const std::vector<std::string>& sources);
void append_trace_json(std::string& out, const model::fact::Rejection& rejection,
                       const std::vector<std::string>& sources);

}  // namespace mailtrail::cli
