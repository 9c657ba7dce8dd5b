#include "cli/line_stats.h"

namespace mailtrail::cli {
namespace {

constexpr std::size_t kUnparsedPrograms = 50;

}  // namespace

query::LineStats line_stats(const app::RoadSummary& summary, bool whole) {
  query::LineStats lines;
  lines.hosts = summary.hosts;
  lines.year_inferred = summary.stats.year_inferred;
  lines.zone_assumed = summary.stats.zone_assumed;
  if (!whole) return lines;
  lines.lines = summary.stats.lines.lines;
  lines.unparsed = summary.unparsed;
  lines.partial = summary.partial;
  lines.cut = summary.stats.lines.overlong;
  lines.first = summary.stats.first_time;
  lines.last = summary.stats.last_time;
  lines.stays_begin_missing = summary.tracer.begin_missing;
  lines.stays_evicted = summary.tracer.evicted;
  lines.queue_ids_reused = summary.tracer.id_reused;
  for (const app::RoadSummary::Unparsed& program : summary.unparsed_programs) {
    if (lines.unparsed_programs.size() == kUnparsedPrograms) break;
    lines.unparsed_programs.push_back({program.program, program.count, program.example});
  }
  return lines;
}

}  // namespace mailtrail::cli
