#include "app/road_summary.h"

#include <algorithm>

#include "base/byte_stream.h"

namespace mailtrail::app {
namespace {

// 2: `partial` stands at the end.
constexpr std::uint64_t kSummaryVersion = 2;

void save_time(ByteWriter& out, std::optional<Micros> time) {
  out.flag(time.has_value());
  out.signed_number(time.value_or(0));
}
std::optional<Micros> restore_time(ByteReader& in) {
  const bool known = in.flag();
  const Micros time = in.signed_number();
  return known ? std::optional(time) : std::nullopt;
}

// The counts of a summary, in an order that never changes.
template <class Summary, class F>
void for_each_count(Summary& summary, F&& f) {
  auto& lines = summary.stats.lines;
  f(lines.lines), f(lines.bytes), f(lines.empty), f(lines.skipped), f(lines.overlong);
  f(summary.events), f(summary.unparsed);
  auto& tracer = summary.tracer;
  f(tracer.events), f(tracer.messages), f(tracer.journeys), f(tracer.attempts), f(tracer.evicted);
  f(tracer.begin_missing), f(tracer.id_reused);
}

}  // namespace

std::string RoadSummary::save() const {
  std::string bytes;
  ByteWriter out(bytes);
  out.number(kSummaryVersion);
  for_each_count(*this, [&](std::uint64_t count) { out.number(count); });
  save_time(out, stats.first_time);
  save_time(out, stats.last_time);
  out.signed_number(stats.offset_minutes);
  out.flag(stats.year_inferred), out.flag(stats.zone_assumed), out.flag(stats.dst_ambiguous);
  out.number(unparsed_programs.size());
  for (const Unparsed& one : unparsed_programs) out.text(one.program), out.text(one.example), out.number(one.count);
  out.number(hosts.size());
  for (const std::string& host : hosts) out.text(host);
  out.number(partial);
  return bytes;
}

Result<RoadSummary> RoadSummary::restore(std::string_view bytes) {
  ByteReader in(bytes);
  RoadSummary summary;
  const std::uint64_t version = in.number();
  const bool known = version >= 1 && version <= kSummaryVersion;
  for_each_count(summary, [&](std::uint64_t& count) { count = in.number(); });
  summary.stats.first_time = restore_time(in);
  summary.stats.last_time = restore_time(in);
  summary.stats.offset_minutes = static_cast<std::int16_t>(in.signed_number());
  summary.stats.year_inferred = in.flag();
  summary.stats.zone_assumed = in.flag();
  summary.stats.dst_ambiguous = in.flag();
  for (std::uint64_t left = in.number(); left > 0 && in.ok(); --left) {
    Unparsed one;
    one.program = in.text();
    one.example = in.text();
    one.count = in.number();
    summary.unparsed_programs.push_back(std::move(one));
  }
  for (std::uint64_t left = in.number(); left > 0 && in.ok(); --left) summary.hosts.emplace_back(in.text());
  if (version >= 2) summary.partial = in.number();
  if (!known || !in.finished()) return Error{"the summary of the lines is damaged or of a newer version", "", ""};
  return summary;
}

PipelineStats joined(const PipelineStats& before, const PipelineStats& after) {
  PipelineStats both = before;
  both.lines.add(after.lines);
  if (after.first_time && (!both.first_time || *after.first_time < *both.first_time))
    both.first_time = after.first_time;
  if (after.last_time && (!both.last_time || *after.last_time >= *both.last_time)) {
    both.last_time = after.last_time;
    both.offset_minutes = after.offset_minutes;
  }
  both.year_inferred |= after.year_inferred;
  both.zone_assumed |= after.zone_assumed;
  both.dst_ambiguous |= after.dst_ambiguous;
  return both;
}

void EventCount::go_on_from(const RoadSummary& summary) {
  events_ = summary.events;
  unparsed_ = summary.unparsed;
  partial_ = summary.partial;
  hosts_.insert(summary.hosts.begin(), summary.hosts.end());
  for (const RoadSummary::Unparsed& one : summary.unparsed_programs) {
    programs_.emplace(one.program, std::pair(one.example, one.count));
  }
}

void EventCount::fill(RoadSummary& summary) const {
  summary.events = events_;
  summary.unparsed = unparsed_;
  summary.partial = partial_;
  summary.hosts.assign(hosts_.begin(), hosts_.end());
  summary.unparsed_programs.clear();
  for (const auto& [program, seen] : programs_) summary.unparsed_programs.push_back({program, seen.first, seen.second});
  std::stable_sort(summary.unparsed_programs.begin(), summary.unparsed_programs.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
}

void EventCount::note_host(std::string_view host) {
  last_host_ = host;
  if (!host.empty() && hosts_.size() < kMost) hosts_.emplace(host);
}

void EventCount::note_unparsed(const model::Event& event) {
  ++unparsed_;
  auto found = programs_.find(event.program);
  if (found == programs_.end()) {
    if (programs_.size() >= kMost) return;
    const std::string_view text = event.as<model::event::Unparsed>().text;
    found = programs_.emplace(std::string(event.program), std::pair(std::string(text.substr(0, 400)), 0)).first;
  }
  ++found->second.second;
}

// One line may give several events.
void EventCount::note_extra(const model::Event& event) {
  for (const model::Extra& item : event.extra) {
    if (item.name != "rest") continue;
    if (event.at.line == partial_line_ && event.at.source == partial_source_) return;
    ++partial_;
    partial_line_ = event.at.line;
    partial_source_ = event.at.source;
    return;
  }
}

}  // namespace mailtrail::app
