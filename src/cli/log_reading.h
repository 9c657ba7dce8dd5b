// LogReading: the logs of one command, opened, with the options that hold for all commands on logs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "app/road.h"
#include "archive/archive.h"
#include "base/result.h"
#include "base/time_zone.h"
#include "cli/arguments.h"
#include "cli/progress.h"
#include "cli/streams.h"
#include "query/plan.h"

namespace mailtrail::cli {

// Whether the options ask for colour.
bool wants_colour(const Arguments& arguments, const Streams& streams);

// `arguments` and `streams` MUST outlive it.
class LogReading {
 public:
  LogReading(const Arguments& arguments, const Streams& streams);

  // Opens the logs and understands --since, --until, --host, --timezone and --threads. False: a mistake, or nothing to
  // read; it was told, and `status()` is the exit status.
  // `rereadable` as app::Road says it.
  bool open(bool rereadable = false);
  app::Road& road() { return *road_; }
  const TimeZone& zone() const { return zone_; }
  const std::optional<Micros>& since() const { return since_; }
  const std::optional<Micros>& until() const { return until_; }
  bool has_range() const { return since_ || until_; }
  bool has_host() const { return arguments_.has("host"); }
  // The search of the command, joined with --since and --until. Nothing where it is mistaken: that was told, and
  // `status()` is the exit status.
  std::optional<query::Plan> plan();
  Progress& progress() { return progress_; }

  // Tells what could not be read since it was last called. Call it when the reading is over.
  void tell_problems();
  // 3 where something could not be read, else `otherwise`; or what stopped the command.
  int status(int otherwise) const;

 private:
  bool wrong(const Error& error);
  bool open_store(app::RoadRequest request);
  bool take_range();
  bool take_bound(std::string_view option, std::optional<Micros>& bound);

  const Arguments& arguments_;
  const Streams& streams_;
  Progress progress_;
  TimeZone zone_ = TimeZone::system();
  std::optional<Micros> since_, until_;
  std::unique_ptr<archive::Reader> archive_;
  std::unique_ptr<app::Road> road_;
  std::size_t told_ = 0;
  std::optional<int> stopped_;
};

}  // namespace mailtrail::cli
