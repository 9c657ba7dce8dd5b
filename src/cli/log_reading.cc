#include "cli/log_reading.h"

#include <algorithm>
#include <utility>

#include "app/store_road.h"
#include "base/text.h"
#include "cli/exit_status.h"
#include "cli/store_opening.h"
#include "query/search_value.h"

namespace mailtrail::cli {
namespace {

std::string no_log_text(const Command& command) {
  const std::string name(command.name);
  const std::string query = command.takes_query ? " QUERY" : "";
  return name + ": which log? (mailtrail " + name + query +
         " /var/log/mail.log*, or journalctl -o export | mailtrail " + name + query +
         " -; or once `mailtrail ingest LOG...`, and then none)";
}

// Whether the search has a bound of time, which counts back from the end of the logs. A mistake in it is told later.
bool has_bound(std::string_view search) {
  const Result<query::Plan> plan = query::parse_search(search, {});
  return plan.ok() && (plan->since || plan->until);
}

}  // namespace

bool wants_colour(const Arguments& arguments, const Streams& streams) {
  const std::string_view when = arguments.value("color").value_or("auto");
  return when == "always" || (when == "auto" && streams.colour_wanted);
}

LogReading::LogReading(const Arguments& arguments, const Streams& streams)
    : arguments_(arguments), streams_(streams), progress_(streams) {}

bool LogReading::wrong(const Error& error) {
  say(streams_, std::string(arguments_.command->name) + ": " + error.to_string());
  stopped_ = kWrongUse;
  return false;
}

bool LogReading::open(bool rereadable) {
  const std::size_t first = arguments_.command->takes_query ? 1 : 0;
  app::RoadRequest request;
  request.logs.assign(arguments_.words.begin() + static_cast<std::ptrdiff_t>(std::min(first, arguments_.words.size())),
                      arguments_.words.end());
  if (request.logs.empty() && streams_.store == nullptr) {
    say(streams_, no_log_text(*arguments_.command));
    stopped_ = kWrongUse;
    return false;
  }
  if (request.logs.empty()) zone_ = streams_.store->zone;
  const Result<TimeZone> zone = zone_of(arguments_, zone_);
  if (!zone.ok()) return wrong(zone.error());
  zone_ = *zone;
  const Result<std::uint64_t> threads = number_of(arguments_, "threads", 1, 1024, 0);
  if (!threads.ok()) return wrong({threads.error().what, "", threads.error().remedy});
  request.zone = zone_;
  request.threads = static_cast<unsigned>(*threads);
  request.host = arguments_.value("host").value_or("");
  request.progress = [this](std::uint64_t done, std::optional<std::uint64_t> total) { progress_.show(done, total); };
  if (request.logs.empty()) return open_store(std::move(request)) && take_range();
  const bool bounded =
      arguments_.has("since") || arguments_.has("until") || (first == 1 && has_bound(arguments_.words[0]));
  road_ = std::make_unique<app::LogRoad>(std::move(request), rereadable || bounded);
  tell_problems();
  if (!road_->any_input()) {
    stopped_ = kUnreadable;
    return false;
  }
  return take_range();
}

bool LogReading::take_range() {
  if (!take_bound("since", since_) || !take_bound("until", until_)) return false;
  if (since_ && until_ && *since_ >= *until_) return wrong({"--since is not before --until", "", ""});
  return true;
}

// The store that the command works on instead of logs.
bool LogReading::open_store(app::RoadRequest request) {
  const auto fail = [&](const Error& error) {
    say(streams_, std::string(arguments_.command->name) + ": " + error.to_string());
    stopped_ = kUnreadable;
    return false;
  };
  Result<std::unique_ptr<archive::Reader>> archive = streams_.store->open_archive();
  if (!archive.ok()) return fail(archive.error());
  archive_ = std::move(*archive);
  app::StoreRequest wanted;
  wanted.zone = request.zone;
  wanted.threads = request.threads;
  wanted.host = std::move(request.host);
  wanted.progress = std::move(request.progress);
  Result<std::unique_ptr<app::StoreRoad>> road =
      app::StoreRoad::open(std::move(wanted), streams_.store->store, *archive_);
  if (!road.ok()) return fail(road.error());
  if ((*road)->is_unfinished()) {
    say(streams_, "the last ingest was stopped before its end: what was under way then is not shown (run it again)");
  }
  road_ = std::move(*road);
  return true;
}

bool LogReading::take_bound(std::string_view option, std::optional<Micros>& bound) {
  const auto text = arguments_.value(option);
  if (!text) return true;
  query::SearchValue value;
  value.text = *text;
  const Result<Micros> time = query::make_bound(value, road_->time_context());
  if (!time.ok()) return wrong({"--" + std::string(option) + ": " + time.error().what, "", time.error().remedy});
  bound = *time;
  return true;
}

std::optional<query::Plan> LogReading::plan() {
  Result<query::Plan> parsed = query::parse_search(arguments_.words.front(), road_->time_context());
  if (!parsed.ok()) {
    const Error& error = parsed.error();
    std::string text = std::string(arguments_.command->name) + ": " + error.what;
    if (!error.remedy.empty()) text += " (" + error.remedy + ")";
    // The search, and a caret beneath the mistake.
    std::string_view place = error.where;
    while (!place.empty()) text += "\n  " + std::string(take_until(place, '\n'));
    say(streams_, text);
    stopped_ = kWrongUse;
    return std::nullopt;
  }
  query::Plan plan = std::move(*parsed);
  if (since_) plan.since = plan.since ? std::max(*plan.since, *since_) : *since_;
  if (until_) plan.until = plan.until ? std::min(*plan.until, *until_) : *until_;
  return plan;
}

void LogReading::tell_problems() {
  progress_.clear();
  const std::vector<Error>& problems = road_->problems();
  for (; told_ < problems.size(); ++told_) say(streams_, printable(problems[told_].to_string()));
}

int LogReading::status(int otherwise) const {
  if (stopped_) return *stopped_;
  return road_->problems().empty() ? otherwise : kUnreadable;
}

}  // namespace mailtrail::cli
