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
#include "app/road_summary.h"
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

// A way to events and facts: log files, or a store that has taken them in. What the commands stand on. Not thread-safe.
class Road {
 public:
  virtual ~Road() = default;

  // How to read relative times: back from the end of the logs.
  virtual query::TimeContext time_context() const = 0;
  // Names by LineRef::source.
  virtual const std::vector<std::string>& sources() const = 0;
  // What could not be read, one line each; grows while reading. Not empty: exit status 3.
  virtual const std::vector<Error>& problems() const = 0;
  // False: there is nothing to read, for the reasons that `problems` tells.
  virtual bool any_input() const = 0;

  // Every event in the order of time, settled.
  virtual RoadSummary read_events(const std::function<void(const model::Event&)>& out) = 0;
  // Every fact. Journeys have their details where `options` ask for them, and may have them where not.
  virtual RoadSummary read_facts(model::FactSink& sink, const trace::TracerOptions& options) = 0;
  // The facts that a search can match, and perhaps others. Details are kept.
  virtual RoadSummary read_facts_of(const query::Plan& plan, model::FactSink& sink) = 0;

  // The raw bytes of lines, in the order of `lines`; empty where one can no more be read. Control characters as they
  // are.
  virtual std::vector<std::string> raw_lines(const std::vector<model::LineRef>& lines) = 0;
};

// From the log files that a command was given.
class LogRoad : public Road {
 public:
  // Opens the logs. `rereadable`: more than one reading is to come (standard input is then kept in a temporary file).
  explicit LogRoad(RoadRequest request, bool rereadable = false);
  ~LogRoad() override;

  query::TimeContext time_context() const override;
  const std::vector<std::string>& sources() const override;
  const std::vector<Error>& problems() const override;
  bool any_input() const override;
  RoadSummary read_events(const std::function<void(const model::Event&)>& out) override;
  RoadSummary read_facts(model::FactSink& sink, const trace::TracerOptions& options) override;
  // Reads no more than it must where the search names a text that its lines hold (query::required_text).
  RoadSummary read_facts_of(const query::Plan& plan, model::FactSink& sink) override;
  std::vector<std::string> raw_lines(const std::vector<model::LineRef>& lines) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailtrail::app
