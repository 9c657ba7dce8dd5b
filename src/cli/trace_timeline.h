// The time line of one journey: its steps in order, each with what it says and where it was read.
#pragma once

#include <string>
#include <vector>

#include "cli/trace_collector.h"
#include "model/fact.h"
#include "query/report_layout.h"

namespace mailtrail::cli {

// In a step's text: a blank at which the line is not broken where another place is left.
inline constexpr char kGlue = '\x01';

struct TimelineStep {
  Micros time = 0;
  std::int16_t offset_minutes = 0;
  std::size_t stay = 0;  // index into Journey::messages
  model::LineRef at;     // the line that says so
  std::string host;      // printable, as all texts here
  std::string label;     // `received`, `delivered`, ...
  query::Tone tone = query::Tone::kPlain;
  std::string text;   // on the same line; has kGlue
  std::string quote;  // the remote's words; empty: none
};

// `found` knows what became of notifications. With `all_attempts` each retry is a step; otherwise those in the middle
// of a long row of alike ones are told in one step.
std::vector<TimelineStep> timeline_of(const model::fact::Journey& journey, const TraceCollector& found,
                                      const std::vector<const model::fact::Recipient*>& wanted, bool all_attempts);

}  // namespace mailtrail::cli
