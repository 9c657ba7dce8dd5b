// StoreRoad: events and facts from a store that has taken the logs in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/road.h"
#include "archive/archive.h"
#include "store/store.h"

namespace mailtrail::app {

struct StoreRequest {
  TimeZone zone;     // in which relative times and days are meant
  std::string host;  // only facts of this host; empty: all. A journey is told whole where one of its stays was there.
  unsigned threads = 0;
  // Facts outside [since, until), as TimeRangeSink says it, need not be told.
  std::optional<Micros> since, until;
  std::function<void(std::uint64_t done, std::optional<std::uint64_t> total)> progress;
};

// Facts come day by day (UTC), those of a day in the order in which the tracer told them. Events are read from the
// archive anew.
class StoreRoad : public Road {
 public:
  // `store` and `archive` MUST outlive it. Error: the store cannot be read.
  static Result<std::unique_ptr<StoreRoad>> open(StoreRequest request, const store::Store& store,
                                                 archive::Reader& archive);

  query::TimeContext time_context() const override;
  const std::vector<std::string>& sources() const override { return names_; }
  const std::vector<Error>& problems() const override { return problems_; }
  bool any_input() const override { return true; }
  RoadSummary read_events(const std::function<void(const model::Event&)>& out) override;
  RoadSummary read_facts(model::FactSink& sink, const trace::TracerOptions& options) override;
  RoadSummary read_facts_of(const query::Plan& plan, model::FactSink& sink) override;
  std::vector<std::string> raw_lines(const std::vector<model::LineRef>& lines) override;

  // Whether the last ingest was stopped or killed before its end: what was open then is not shown.
  bool is_unfinished() const { return unfinished_; }

 private:
  StoreRoad(StoreRequest request, const store::Store& store, archive::Reader& archive)
      : request_(std::move(request)), store_(store), archive_(archive) {}
  void read(const query::Plan* plan, model::FactSink& sink);
  std::string whole_unit(std::string first, archive::LinePlace place);
  void tell(std::vector<Error> faults);

  const StoreRequest request_;
  const store::Store& store_;
  archive::Reader& archive_;
  std::vector<std::string> names_;
  std::vector<Error> problems_;
  RoadSummary summary_;
  bool unfinished_ = false;
};

}  // namespace mailtrail::app
