// What the reading of logs says of their lines, for the head of a report.
#pragma once

#include "app/road.h"
#include "query/report_figures.h"

namespace mailtrail::cli {

// Where only a part of the log is wanted (`whole` is false), the counts of all of it are left out: the figures of the
// report are not theirs.
query::LineStats line_stats(const app::RoadSummary& summary, bool whole);

}  // namespace mailtrail::cli
