// RoadSummary: what is known of all the lines that facts or events were made from.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/pipeline.h"
#include "base/result.h"
#include "model/event.h"
#include "trace/tracer.h"

namespace mailtrail::app {

// What was read, for the head of a page and for the exit status.
struct RoadSummary {
  PipelineStats stats;
  trace::TracerStats tracer;  // zero where nothing was traced
  std::uint64_t events = 0, unparsed = 0;
  // Lines that were understood but for a part, which stands in `extra.rest`: of versions that are not known.
  std::uint64_t partial = 0;
  // Programs whose lines were not understood, the most first, each with one example (verbatim).
  struct Unparsed {
    std::string program, example;
    std::uint64_t count = 0;
  };
  std::vector<Unparsed> unparsed_programs;
  std::vector<std::string> hosts;  // that the records name, sorted; at most 1,000

  // As bytes for a file, and back. Error: the bytes are no summary, or of a newer version.
  std::string save() const;
  static Result<RoadSummary> restore(std::string_view bytes);
};

// `stats` of one reading, with those of the reading that it went on from.
PipelineStats joined(const PipelineStats& before, const PipelineStats& after);

// Counts the events of one host (empty: of all) as they pass. What it keeps of names that come from outside is bounded.
class EventCount {
 public:
  explicit EventCount(std::string host) : host_(std::move(host)) {}
  // Goes on from what was counted before. MUST come before the first event.
  void go_on_from(const RoadSummary& summary);

  // False: of another host; it is not counted.
  bool wants(const model::Event& event) {
    if (!host_.empty() && event.host != host_) return false;
    ++events_;
    if (event.host != last_host_) note_host(event.host);
    if (event.kind == model::Kind::kUnparsed) note_unparsed(event);
    if (!event.extra.empty()) note_extra(event);
    return true;
  }
  // Fills in what it counted.
  void fill(RoadSummary& summary) const;

 private:
  static constexpr std::size_t kMost = 1000;
  void note_host(std::string_view host);
  void note_unparsed(const model::Event& event);
  void note_extra(const model::Event& event);

  const std::string host_;
  std::uint64_t events_ = 0, unparsed_ = 0, partial_ = 0;
  std::uint64_t partial_line_ = 0;  // the last line that was counted, and its source
  std::uint32_t partial_source_ = 0;
  std::string last_host_;
  std::set<std::string, std::less<>> hosts_;
  std::map<std::string, std::pair<std::string, std::uint64_t>, std::less<>> programs_;
};

}  // namespace mailtrail::app
