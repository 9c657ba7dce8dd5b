#include "app/ingest.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "app/inputs.h"
#include "app/log_identity.h"
#include "app/log_match.h"
#include "app/pipeline.h"
#include "app/road_summary.h"
#include "app/round_note.h"
#include "base/text.h"
#include "sys/directory.h"
#include "sys/path.h"
#include "trace/tracer.h"

namespace mailtrail::app {
namespace {

// A store keeps each day apart, and a day that is written takes memory however little is in it: a commit holds no more
// than these.
constexpr Micros kLongestSpan = 20 * kDay;

// What is counted by the minute is held until the commit, and grows with the time that it spans: one of a longer time
// than this holds an eighth of the text.
constexpr Micros kShortSpan = 2 * kDay;

// A log as the store knows it.
struct KnownLog {
  store::Source source;
  std::string beginning;  // of one that this round begins
  LogIdentity identity;
  SourceState state;
  std::uint64_t text_end = 0;  // of what was handed to the archive, in the log
};

class Ingest;

// Takes the events of one run of the pipeline, and commits now and then.
class RunSink : public EventSink {
 public:
  RunSink(Ingest& ingest, Inputs& inputs) : ingest_(ingest), inputs_(inputs) {}
  void on_event(const model::Event& event) override;
  void on_upcoming(const model::Event& event, bool near) override;
  void on_progress(std::uint64_t bytes) override;
  void on_text(const TextPiece& piece) override;
  bool on_pause(const std::function<PipelineStand()>& stand) override;

 private:
  Ingest& ingest_;
  Inputs& inputs_;
  std::uint64_t committed_at_ = 0;
  // Of the events since the last commit.
  std::optional<Micros> first_, last_;
};

// Takes the events that are not yet settled.
class TailSink : public EventSink {
 public:
  TailSink(trace::Tracer& tracer, EventCount& count) : tracer_(tracer), count_(count) {}
  void on_event(const model::Event& event) override {
    if (count_.wants(event)) tracer_.take(event);
  }

 private:
  trace::Tracer& tracer_;
  EventCount& count_;
};

class Ingest {
 public:
  Ingest(const IngestRequest& request, store::Store& store, archive::Writer& archive)
      : request_(request), store_(store), archive_(archive) {}

  Result<IngestResult> run();

 private:
  friend class RunSink;

  Result<Done> load();
  std::vector<std::string> files();
  // Takes in what is new in the files; gives those that are to come later.
  Result<std::vector<std::string>> take(const std::vector<std::string>& paths);
  std::vector<Match> match(Inputs& inputs, std::vector<std::string>& later);
  Match match_one(Input& input);
  PipelineOptions pipeline_options(const Inputs& inputs) const;
  void finish(Inputs& inputs, std::vector<SourceState> states);
  void commit(const Inputs& inputs, const std::vector<SourceState>& states, const PipelineStats& stats,
              const std::string& tracer_state, bool at_end);
  RoadSummary summary_of(const PipelineStats& stats, const EventCount& count, const trace::TracerStats& tracer) const;
  trace::TracerOptions tracer_options() const;
  // A log may be read more than once; what is wrong with it is told once.
  void tell(const Error& problem) {
    const auto is_same = [&](const Error& told) { return told.what == problem.what && told.where == problem.where; };
    if (std::none_of(result_.problems.begin(), result_.problems.end(), is_same)) result_.problems.push_back(problem);
  }
  void fail(const Error& error) {
    if (!failure_) failure_ = error;
  }

  const IngestRequest& request_;
  store::Store& store_;
  archive::Writer& archive_;
  std::map<std::uint32_t, KnownLog> known_;
  RoadSummary before_;  // of the runs before this one
  RoundNote note_;      // of the round that is under way
  std::uint64_t rounds_ = 0;
  std::string tracer_state_;
  std::string shown_summary_;
  bool unfinished_ = false;
  std::unique_ptr<trace::Tracer> tracer_;
  std::unique_ptr<EventCount> count_;
  std::optional<Error> failure_;
  IngestResult result_;
};

void RunSink::on_event(const model::Event& event) {
  ++ingest_.note_.events;
  if (event.has_time) {
    first_ = std::min(first_.value_or(event.time), event.time);
    last_ = std::max(last_.value_or(event.time), event.time);
  }
  if (ingest_.count_->wants(event)) ingest_.tracer_->take(event);
}

void RunSink::on_upcoming(const model::Event& event, bool near) {
  ingest_.tracer_->expect(event, near);
}

void RunSink::on_progress(std::uint64_t bytes) {
  if (ingest_.request_.progress) ingest_.request_.progress(bytes, inputs_.total_bytes(), ingest_.result_.lines);
}

void RunSink::on_text(const TextPiece& piece) {
  KnownLog& log = ingest_.known_[piece.source];
  log.identity.take(piece.position, piece.text);
  ingest_.result_.lines += piece.lines;
  ingest_.result_.bytes += piece.text.size();
  if (ingest_.failure_) return;
  if (const Result<Done> declared = ingest_.archive_.declare_source(piece.source, log.source.name); !declared.ok()) {
    return ingest_.fail(declared.error());
  }
  archive::Piece raw;
  raw.source = piece.source;
  const auto joint = ingest_.archive_.joint(piece.source);
  const std::uint64_t cut = piece.position - std::exchange(log.text_end, piece.position + piece.text.size());
  if (joint && joint->in_line) {
    ingest_.note_.cuts.push_back({piece.source, joint->next_position, cut});
    // A line that was cut because it is too long: its end is not among what is read.
    raw.lines = 0;
    raw.first_line = joint->next_line;
    raw.position = joint->next_position;
    raw.continues_line = true;
    raw.text = "\n";
    if (const Result<Done> ended = ingest_.archive_.append(raw); !ended.ok()) return ingest_.fail(ended.error());
    raw.continues_line = false;
    raw.position += 1;
  } else {
    raw.position = joint ? joint->next_position : 0;
  }
  raw.lines = piece.lines;
  raw.first_line = piece.first_line;
  raw.text = piece.text;
  raw.first_time = piece.first_time;
  raw.last_time = piece.last_time;
  if (const Result<Done> appended = ingest_.archive_.append(raw); !appended.ok()) ingest_.fail(appended.error());
}

bool RunSink::on_pause(const std::function<PipelineStand()>& stand) {
  if (ingest_.failure_) return false;
  const bool stop = ingest_.request_.is_stopping && ingest_.request_.is_stopping();
  if (stop) {
    ingest_.result_.stopped = true;
    return false;
  }
  const Micros span = first_ ? *last_ - *first_ : 0;
  const std::uint64_t most = ingest_.request_.commit_bytes;
  const bool much = ingest_.result_.bytes - committed_at_ >= (span < kShortSpan ? most : most / 8);
  if (!much && span < kLongestSpan) return true;
  committed_at_ = ingest_.result_.bytes;
  first_.reset(), last_.reset();
  const PipelineStand now = stand();
  ingest_.commit(inputs_, now.states, now.stats, ingest_.tracer_->save(), false);
  return !ingest_.failure_;
}

trace::TracerOptions Ingest::tracer_options() const {
  trace::TracerOptions options;
  options.keep_details = true;
  options.memory_limit = request_.tracer_memory;
  return options;
}

// What the last commit left.
Result<Done> Ingest::load() {
  const Result<std::vector<store::Source>> sources = store_.sources();
  if (!sources.ok()) return sources.error();
  for (const store::Source& source : *sources) {
    Result<SourceState> state = SourceState::restore(source.resume);
    if (!state.ok()) return Error{state.error().what, source.name, "mailtrail rebuild makes the database anew"};
    Result<LogIdentity> identity = LogIdentity::restore(source.identity, state->text_end);
    if (!identity.ok()) return Error{identity.error().what, source.name, "mailtrail rebuild makes the database anew"};
    known_[source.number] = {source, {}, std::move(*identity), std::move(*state)};
    known_[source.number].text_end = known_[source.number].state.text_end;
  }
  const Result<std::string> tracer = store_.state(kTracerState);
  if (!tracer.ok()) return tracer.error();
  tracer_state_ = *tracer;
  const Result<std::string> summary = store_.state(kReadSummary);
  if (!summary.ok()) return summary.error();
  if (!summary->empty()) {
    Result<RoadSummary> restored = RoadSummary::restore(*summary);
    if (!restored.ok()) return restored.error();
    before_ = std::move(*restored);
  }
  const Result<std::string> unfinished = store_.state(kUnfinished);
  if (!unfinished.ok()) return unfinished.error();
  unfinished_ = !unfinished->empty();
  const Result<std::string> rounds = store_.state(kRounds);
  if (!rounds.ok()) return rounds.error();
  rounds_ = to_number<std::uint64_t>(*rounds).value_or(0);
  tracer_ = std::make_unique<trace::Tracer>(store_.settled(), tracer_options());
  if (!tracer_state_.empty()) {
    if (const Result<Done> restored = tracer_->restore(tracer_state_); !restored.ok()) {
      return Error{restored.error().what, restored.error().where, "mailtrail rebuild makes the database anew"};
    }
  }
  count_ = std::make_unique<EventCount>(std::string());
  count_->go_on_from(before_);
  return Done{};
}

// The files that are meant: of a directory its regular files, by name.
std::vector<std::string> Ingest::files() {
  std::vector<std::string> files;
  for (const std::string& path : request_.logs) {
    const Result<sys::PathInfo> info = sys::look_at(path);
    if (path == "-" || !info.ok() || info->kind != sys::PathKind::kDirectory) {
      files.push_back(path);
      continue;
    }
    const Result<std::vector<std::string>> names = sys::list_directory(path);
    if (!names.ok()) {
      result_.problems.push_back(names.error());
      continue;
    }
    for (const std::string& name : *names) {
      const std::string file = path + (path.ends_with('/') ? "" : "/") + name;
      const Result<sys::PathInfo> inside = sys::look_at(file);
      if (!name.starts_with('.') && inside.ok() && inside->kind == sys::PathKind::kFile) files.push_back(file);
    }
  }
  return files;
}

Result<IngestResult> Ingest::run() {
  if (const Result<Done> loaded = load(); !loaded.ok()) return loaded.error();
  std::vector<std::string> paths = files();
  // A log that another of the same command may hold as well comes in a round of its own: then it is known.
  while (!paths.empty() && !result_.stopped) {
    Result<std::vector<std::string>> later = take(paths);
    if (!later.ok()) return later.error();
    paths = std::move(*later);
  }
  return std::move(result_);
}

Match Ingest::match_one(Input& input) {
  std::string beginning = input.head;
  if (input.source->seekable()) {
    beginning.resize(LogIdentity::kCompared);
    const Result<std::size_t> got = input.source->read_at(0, beginning.data(), beginning.size());
    beginning.resize(got.ok() ? *got : 0);
  }
  if (beginning.empty()) return Match::kNothingNew;
  for (auto& [number, known] : known_) {
    if (!known.beginning.empty()) {
      // Begun by this very round: looked at again when that is over.
      const std::size_t both = std::min({known.beginning.size(), beginning.size(), LogIdentity::kCompared});
      if (known.beginning.compare(0, both, beginning, 0, both) == 0) return Match::kLater;
      continue;
    }
    if (!known.identity.may_be(beginning)) continue;
    if (const std::optional<Match> found = match_known(input, known.identity, known.state, result_.problems)) {
      input.number = number;
      input.start = known.state.position;
      return *found;
    }
  }
  const std::uint32_t number = known_.empty() ? 0 : known_.rbegin()->first + 1;
  KnownLog log;
  log.source.number = number;
  log.source.name = input.name;
  log.beginning = std::move(beginning);
  known_[number] = std::move(log);
  input.number = number;
  return Match::kNew;
}

std::vector<Match> Ingest::match(Inputs& inputs, std::vector<std::string>& later) {
  std::erase_if(known_, [](const auto& one) { return !one.second.state.begun(); });
  for (auto& [number, known] : known_) known.beginning.clear();
  std::vector<Match> matches;
  std::vector<std::uint32_t> taken;
  for (Input& input : inputs.all()) {
    Match match = match_one(input);
    const bool twice = std::find(taken.begin(), taken.end(), input.number) != taken.end();
    if (match == Match::kGrown && twice) match = Match::kLater;
    if (match == Match::kNew || match == Match::kGrown) taken.push_back(input.number);
    if (match == Match::kLater) later.push_back(input.name == "standard input" ? "-" : input.name);
    matches.push_back(match);
  }
  return matches;
}

Result<std::vector<std::string>> Ingest::take(const std::vector<std::string>& paths) {
  Inputs inputs = Inputs::open(paths, request_.zone, true);
  std::vector<std::string> later;
  const std::vector<Match> matches = match(inputs, later);
  std::vector<bool> wanted;
  for (const Match match : matches) {
    wanted.push_back(match == Match::kNew || match == Match::kGrown);
    result_.files_new += match == Match::kNew ? 1 : 0;
    result_.files_grown += match == Match::kGrown ? 1 : 0;
    result_.files_known += match == Match::kNothingNew ? 1 : 0;
  }
  inputs.select(wanted);
  if (!inputs.all().empty() || unfinished_) {
    inputs.hold_back_incomplete(true);
    RunSink sink(*this, inputs);
    std::vector<SourceState> states;
    const PipelineOptions options = pipeline_options(inputs);
    note_ = begin_note(++rounds_, request_.zone.name(), inputs, options.states);
    const PipelineStats stats = run_pipeline(inputs, options, sink, &states);
    before_.stats = joined(before_.stats, stats);
    if (!failure_) finish(inputs, std::move(states));
  }
  for (const Error& problem : inputs.problems()) tell(problem);
  if (failure_) {
    store_.roll_back();
    return *failure_;
  }
  return later;
}

PipelineOptions Ingest::pipeline_options(const Inputs& inputs) const {
  PipelineOptions options;
  options.zone = request_.zone;
  options.threads = request_.threads;
  options.block_size = request_.block_size;
  options.turn = request_.turn;
  for (const Input& input : inputs.all()) options.states.push_back(known_.at(input.number).state);
  return options;
}

RoadSummary Ingest::summary_of(const PipelineStats& stats, const EventCount& count,
                               const trace::TracerStats& tracer) const {
  RoadSummary summary;
  summary.stats = stats;
  summary.tracer = tracer;
  count.fill(summary);
  return summary;
}

// Tells the tail, what the logs say as they end here, to the store, and commits.
void Ingest::finish(Inputs& inputs, std::vector<SourceState> states) {
  const std::string tracer_state = tracer_->save();
  trace::Tracer tail(store_.tail(), tracer_options());
  if (const Result<Done> restored = tail.restore(tracer_state); !restored.ok()) return fail(restored.error());
  EventCount count = *count_;
  PipelineStats stats = before_.stats;
  std::vector<bool> open_ended;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const Input& input = inputs.all()[i];
    const bool grows = input.source->seekable() && input.hold_back && states[i].position < input.source->size();
    open_ended.push_back(!result_.stopped && (grows || input.held_back));
  }
  std::vector<store::Source> sources;
  const std::vector<SourceState> all_states = states;
  std::vector<std::uint32_t> numbers;
  for (const Input& input : inputs.all()) numbers.push_back(input.number);
  for (std::size_t i = 0; i < numbers.size(); ++i) known_.at(numbers[i]).state = all_states[i];
  if (std::find(open_ended.begin(), open_ended.end(), true) != open_ended.end()) {
    inputs.hold_back_incomplete(false);
    inputs.select(open_ended);
    for (Input& input : inputs.all()) {
      input.hold_back = false;
      input.end.reset();
      input.start = known_.at(input.number).state.position;
    }
    TailSink sink(tail, count);
    stats = joined(stats, run_pipeline(inputs, pipeline_options(inputs), sink));
  }
  tail.finish();
  shown_summary_ = summary_of(stats, count, tail.stats()).save();
  unfinished_ = result_.stopped;
  std::vector<SourceState> none;
  commit(inputs, none, {}, tracer_state, true);
}

void Ingest::commit(const Inputs& inputs, const std::vector<SourceState>& states, const PipelineStats& stats,
                    const std::string& tracer_state, bool at_end) {
  for (std::size_t i = 0; i < states.size(); ++i) known_.at(inputs.all()[i].number).state = states[i];
  store::Commit commit;
  for (auto& [number, log] : known_) {
    if (!log.state.begun()) continue;
    std::string resume = log.state.save(), identity = log.identity.save();
    if (log.source.resume == resume && log.source.identity == identity) continue;
    log.source.bytes = log.state.text_end;
    log.source.lines = log.state.text_lines;
    log.source.resume = std::move(resume);
    log.source.identity = std::move(identity);
    commit.sources.push_back(log.source);
  }
  note_.sources = commit.sources;
  note_.stats = joined(before_.stats, stats);
  note_.is_whole = at_end && !result_.stopped;
  note_.has_tail = at_end;
  note_.is_unfinished = !at_end || unfinished_;
  if (const Result<Done> noted = archive_.note(note_.save()); !noted.ok()) return fail(noted.error());
  note_.cuts.clear();
  const Result<std::string> mark = archive_.sync();
  if (!mark.ok()) return fail(mark.error());
  const std::string summary = summary_of(note_.stats, *count_, tracer_->stats()).save();
  commit.states = {{std::string(kArchiveMark), *mark},
                   {std::string(kTracerState), tracer_state},
                   {std::string(kReadSummary), summary},
                   {std::string(kShownSummary), at_end ? shown_summary_ : summary},
                   {std::string(kUnfinished), note_.is_unfinished ? "1" : ""},
                   {std::string(kRounds), std::to_string(rounds_)}};
  if (const Result<Done> done = store_.commit(commit); !done.ok()) return fail(done.error());
  ++result_.commits;
  if (const Result<Done> confirmed = archive_.confirm(); !confirmed.ok()) fail(confirmed.error());
}

}  // namespace

Result<IngestResult> ingest(const IngestRequest& request, store::Store& store, archive::Writer& archive) {
  return Ingest(request, store, archive).run();
}

}  // namespace mailtrail::app
