#include "app/road.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "app/line_search.h"
#include "app/trace_filter.h"
#include "app/twin_lines.h"
#include "base/hash.h"
#include "sys/clock.h"

namespace mailtrail::app {
namespace {

class CountingSink : public EventSink {
 public:
  CountingSink(const RoadRequest& request, std::optional<std::uint64_t> total,
               std::function<void(const model::Event&)> out)
      : counter_(request.host), request_(request), total_(total), out_(std::move(out)) {}
  void on_event(const model::Event& event) override {
    if (counter_.wants(event)) out_(event);
  }
  void on_progress(std::uint64_t bytes) override {
    if (request_.progress) request_.progress(bytes, total_);
  }
  const EventCount& counter() const { return counter_; }

 private:
  EventCount counter_;
  const RoadRequest& request_;
  std::optional<std::uint64_t> total_;
  std::function<void(const model::Event&)> out_;
};

class TracingSink : public EventSink {
 public:
  TracingSink(const RoadRequest& request, const Inputs& inputs, model::FactSink& facts,
              const trace::TracerOptions& options)
      : tracer(facts, options),
        counter(request.host),
        request_(request),
        total_(inputs.total_bytes()),
        twins_(inputs.names()) {}
  void on_event(const model::Event& event) override {
    if (!counter.wants(event) || twins_.is_second(event)) return;
    if (learner != nullptr) learnt |= learner->learn(event);
    tracer.take(event);
  }
  void on_upcoming(const model::Event& event, bool near) override { tracer.expect(event, near); }
  void on_progress(std::uint64_t bytes) override {
    if (request_.progress) request_.progress(bytes, total_);
  }

  trace::Tracer tracer;
  EventCount counter;
  TraceFilter* learner = nullptr;
  bool learnt = false;

 private:
  const RoadRequest& request_;
  std::optional<std::uint64_t> total_;
  TwinLines twins_;
};

// Takes facts that are not yet known to be whole.
class Nobody : public model::FactSink {};

}  // namespace

struct LogRoad::State {
  explicit State(RoadRequest wanted, bool rereadable)
      : request(std::move(wanted)), inputs(Inputs::open(request.logs, request.zone, rereadable)) {}

  PipelineOptions options() const {
    PipelineOptions options;
    options.zone = request.zone;
    options.threads = request.threads;
    options.block_size = request.block_size;
    return options;
  }

  RoadRequest request;
  Inputs inputs;
};

LogRoad::LogRoad(RoadRequest request, bool rereadable)
    : state_(std::make_unique<State>(std::move(request), rereadable)) {}
LogRoad::~LogRoad() = default;

query::TimeContext LogRoad::time_context() const {
  query::TimeContext context;
  std::optional<Micros> end;
  for (const Input& input : state_->inputs.all()) {
    const std::optional<Micros> last = input.last_time ? input.last_time : input.source->changed_at();
    if (last && (!end || *last > *end)) end = last;
  }
  context.now = end.value_or(sys::now());
  context.offset_minutes = state_->request.zone.offset_at(context.now);
  return context;
}

const std::vector<std::string>& LogRoad::sources() const {
  return state_->inputs.names();
}
const std::vector<Error>& LogRoad::problems() const {
  return state_->inputs.problems();
}
bool LogRoad::any_input() const {
  return !state_->inputs.all().empty();
}

RoadSummary LogRoad::read_events(const std::function<void(const model::Event&)>& out) {
  CountingSink sink(state_->request, state_->inputs.total_bytes(), out);
  RoadSummary summary;
  summary.stats = run_pipeline(state_->inputs, state_->options(), sink);
  sink.counter().fill(summary);
  return summary;
}

RoadSummary LogRoad::read_facts(model::FactSink& facts, const trace::TracerOptions& options) {
  TracingSink sink(state_->request, state_->inputs, facts, options);
  RoadSummary summary;
  summary.stats = run_pipeline(state_->inputs, state_->options(), sink);
  sink.tracer.finish();
  summary.tracer = sink.tracer.stats();
  sink.counter.fill(summary);
  return summary;
}

RoadSummary LogRoad::read_facts_of(const query::Plan& plan, model::FactSink& facts) {
  trace::TracerOptions options;
  options.keep_details = true;
  const std::optional<std::string> needle = query::required_text(plan);
  if (!needle || !is_plain_needle(*needle) || !state_->inputs.all_seekable()) return read_facts(facts, options);

  TraceFilter filter;
  const auto at_line = [&](const model::Event& event) {
    filter.want_line(event.at);
    filter.learn(event);
  };
  auto digests = std::make_shared<BlockDigests>(state_->inputs, state_->options().block_size);
  search_lines(state_->inputs, *needle, state_->options(), *digests, at_line);
  filter.use(std::move(digests));
  filter.find_sessions(state_->inputs);
  // Each reading may name more ids; as a mail has few stays, few readings find all of them. The first finds those that
  // the lines of the text's own mails name, so nothing is told of it.
  constexpr int kMostReadings = 8;
  PipelineOptions pipeline = state_->options();
  pipeline.filter = &filter;
  bool complete = false;
  for (int reading = 1;; ++reading) {
    const bool telling = complete || reading == kMostReadings || (reading > 1 && facts.can_restart());
    Nobody nobody;
    TraceFilter next = filter;
    TracingSink sink(state_->request, state_->inputs, telling ? facts : nobody, options);
    sink.learner = &next;
    RoadSummary summary;
    summary.stats = run_pipeline(state_->inputs, pipeline, sink);
    filter = std::move(next);
    filter.find_sessions(state_->inputs);
    complete = !sink.learnt;
    if (telling && (complete || reading == kMostReadings)) {
      sink.tracer.finish();
      summary.tracer = sink.tracer.stats();
      sink.counter.fill(summary);
      return summary;
    }
    if (telling) facts.on_restart();
  }
}

std::vector<std::string> LogRoad::raw_lines(const std::vector<model::LineRef>& lines) {
  return read_lines(state_->inputs, lines);
}

}  // namespace mailtrail::app
