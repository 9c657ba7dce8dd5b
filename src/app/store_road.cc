#include "app/store_road.h"

#include <algorithm>
#include <utility>

#include "app/archive_source.h"
#include "app/ingest.h"
#include "app/inputs.h"
#include "app/time_range_sink.h"
#include "record/framing.h"
#include "sys/clock.h"

namespace mailtrail::app {
namespace {

// Hands on the facts of one host.
class HostSink : public model::FactSink {
 public:
  HostSink(model::FactSink& next, const std::string& host) : next_(next), host_(host) {}

  void on_journey(const model::fact::Journey& journey) override {
    const bool here = std::find(journey.hosts.begin(), journey.hosts.end(), host_) != journey.hosts.end();
    if (here) next_.on_journey(journey);
  }
  void on_delivery(const model::fact::Delivery& fact) override {
    if (fact.host == host_) next_.on_delivery(fact);
  }
  void on_rejection(const model::fact::Rejection& fact) override {
    if (fact.host == host_) next_.on_rejection(fact);
  }
  void on_login(const model::fact::Login& fact) override {
    if (fact.host == host_) next_.on_login(fact);
  }
  void on_session(const model::fact::Session& fact) override {
    if (fact.host == host_) next_.on_session(fact);
  }
  void on_tls(const model::fact::TlsSession& fact) override {
    if (fact.host == host_) next_.on_tls(fact);
  }
  void on_notice(const model::fact::Notice& fact) override {
    if (fact.host == host_) next_.on_notice(fact);
  }
  void on_policy(const model::fact::Policy& fact) override {
    if (fact.host == host_) next_.on_policy(fact);
  }
  void on_gap(const model::fact::Gap& fact) override {
    if (fact.host == host_) next_.on_gap(fact);
  }

 private:
  model::FactSink& next_;
  const std::string& host_;
};

class EventsOut : public EventSink {
 public:
  EventsOut(const StoreRequest& request, const std::function<void(const model::Event&)>& out)
      : count(request.host), request_(request), out_(out) {}
  void on_event(const model::Event& event) override {
    if (count.wants(event)) out_(event);
  }
  void on_progress(std::uint64_t bytes) override {
    if (request_.progress) request_.progress(bytes, std::nullopt);
  }
  EventCount count;

 private:
  const StoreRequest& request_;
  const std::function<void(const model::Event&)>& out_;
};

}  // namespace

Result<std::unique_ptr<StoreRoad>> StoreRoad::open(StoreRequest request, const store::Store& store,
                                                   archive::Reader& archive) {
  std::unique_ptr<StoreRoad> road(new StoreRoad(std::move(request), store, archive));
  const Result<std::vector<store::Source>> sources = store.sources();
  if (!sources.ok()) return sources.error();
  for (const store::Source& source : *sources) {
    if (source.number >= road->names_.size()) road->names_.resize(source.number + 1);
    road->names_[source.number] = source.name;
  }
  const Result<std::string> summary = store.state(kShownSummary);
  if (!summary.ok()) return summary.error();
  if (!summary->empty()) {
    Result<RoadSummary> restored = RoadSummary::restore(*summary);
    if (!restored.ok()) return restored.error();
    road->summary_ = std::move(*restored);
  }
  const Result<std::string> unfinished = store.state(kUnfinished);
  if (!unfinished.ok()) return unfinished.error();
  road->unfinished_ = !unfinished->empty();
  return road;
}

query::TimeContext StoreRoad::time_context() const {
  query::TimeContext context;
  context.now = summary_.stats.last_time.value_or(sys::now());
  context.offset_minutes = request_.zone.offset_at(context.now);
  return context;
}

void StoreRoad::tell(std::vector<Error> faults) {
  std::move(faults.begin(), faults.end(), std::back_inserter(problems_));
}

RoadSummary StoreRoad::read_events(const std::function<void(const model::Event&)>& out) {
  std::vector<Inputs::OpenSource> sources;
  for (const archive::ArchivedSource& archived : archive_.sources()) {
    // The year of lines that state none is that of the first times that were archived: never today's. What cannot be
    // read on the way there is told when the events are read.
    std::optional<Micros> written;
    (void)archive_.read_source(archived.number, [&](const archive::Piece& piece) {
      written = piece.first_time;
      return !written;
    });
    sources.push_back({open_archived(archive_, archived, written), archived.number});
  }
  Inputs inputs = Inputs::of(std::move(sources), request_.zone);
  EventsOut sink(request_, out);
  PipelineOptions options;
  options.zone = request_.zone;
  options.threads = request_.threads;
  RoadSummary summary;
  summary.stats = run_pipeline(inputs, options, sink);
  sink.count.fill(summary);
  tell(inputs.problems());
  return summary;
}

void StoreRoad::read(const query::Plan* plan, model::FactSink& sink) {
  store::Selection selection;
  selection.plan = plan;
  selection.since = request_.since;
  selection.until = request_.until;
  HostSink of_host(sink, request_.host);
  model::FactSink& next = request_.host.empty() ? sink : static_cast<model::FactSink&>(of_host);
  if (const Result<Done> done = store_.read(selection, next); !done.ok()) problems_.push_back(done.error());
}

RoadSummary StoreRoad::read_facts(model::FactSink& sink, const trace::TracerOptions&) {
  read(nullptr, sink);
  return summary_;
}

RoadSummary StoreRoad::read_facts_of(const query::Plan& plan, model::FactSink& sink) {
  read(&plan, sink);
  return summary_;
}

std::vector<std::string> StoreRoad::raw_lines(const std::vector<model::LineRef>& lines) {
  std::vector<archive::LinePlace> places;
  places.reserve(lines.size());
  for (const model::LineRef& line : lines) places.push_back({line.source, line.line});
  archive::FoundLines found = archive_.lines(places);
  tell(std::move(found.faults));
  std::vector<std::string> texts;
  texts.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    texts.push_back(found.texts[i] ? whole_unit(std::move(*found.texts[i]), places[i]) : std::string());
  }
  return texts;
}

// An entry of the journal's export is told with all its lines, as the file has it; any other line is whole already.
std::string StoreRoad::whole_unit(std::string first, archive::LinePlace place) {
  std::string block = first + '\n';
  if (record::next_unit(block, 0).whole) return first;
  for (std::size_t wanted = 32; block.size() < record::kMaxEntry; wanted *= 2) {
    std::vector<archive::LinePlace> places(wanted, place);
    for (archive::LinePlace& one : places) one.line = ++place.line;
    archive::FoundLines found = archive_.lines(places);
    tell(std::move(found.faults));
    for (const std::optional<std::string>& text : found.texts) {
      if (text) block.append(*text) += '\n';
    }
    const record::Unit unit = record::next_unit(block, 0);
    if (unit.whole || !found.texts.back()) return std::string(unit.bytes);
  }
  return block;
}

}  // namespace mailtrail::app
