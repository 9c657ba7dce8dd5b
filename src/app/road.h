// Road: from log files to events, facts or journeys. What every command on LOG arguments stands on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/inputs.h"
#include "app/pipeline.h"
#include "model/fact_sink.h"
#include "query/plan.h"
#include "trace/tracer.h"

namespace mailtrail::app {

// What a command was asked to read, and how.
struct RoadRequest {
  std::vector<std::string> logs;  // paths; `-` is standard input
  TimeZone zone;                  // of records that state none
  std::string host;               // only records of this host; empty: all
  unsigned threads = 0;           // 0: as many as there are processors
  std::size_t block_size = 256 * 1024;
  // Called now and then with the bytes that are done and, where known, those there are. May be empty.
  std::function<void(std::uint64_t done, std::optional<std::uint64_t> total)> progress;
};

// What was read, for the head of a page and for the exit status.
struct RoadSummary {
  PipelineStats stats;
  trace::TracerStats tracer;  // zero where nothing was traced
  std::uint64_t events = 0, unparsed = 0;
  // Programs whose lines were not understood, the most first, each with one example (verbatim).
  struct Unparsed {
    std::string program, example;
    std::uint64_t count = 0;
  };
  std::vector<Unparsed> unparsed_programs;
  std::vector<std::string> hosts;  // that the records name, sorted; at most 1,000
};

// The inputs of one command. Not thread-safe.
class Road {
 public:
  // Opens the logs. `rereadable`: more than one reading is to come (standard input is then kept in a temporary file).
  explicit Road(RoadRequest request, bool rereadable = false);
  ~Road();

  // How to read relative times: back from the end of the logs.
  query::TimeContext time_context() const;
  // Names by LineRef::source.
  const std::vector<std::string>& sources() const;
  // What could not be read, one line each; grows while reading. Not empty: exit status 3.
  const std::vector<Error>& problems() const;
  // False: not one of the logs could be opened.
  bool any_input() const;

  // Every event in the order of time, settled.
  RoadSummary read_events(const std::function<void(const model::Event&)>& out);
  // Every fact.
  RoadSummary read_facts(model::FactSink& sink, const trace::TracerOptions& options);
  // The facts that a search can match, and perhaps others: reads no more than it must when the search names a text that
  // its lines hold (query::required_text). Details are kept.
  RoadSummary read_facts_of(const query::Plan& plan, model::FactSink& sink);

  // The raw bytes of lines, in the order of `lines`; empty where one can no more be read. Control characters as they
  // are.
  std::vector<std::string> raw_lines(const std::vector<model::LineRef>& lines);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailtrail::app
