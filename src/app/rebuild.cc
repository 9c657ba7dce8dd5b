#include "app/rebuild.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "app/archive_source.h"
#include "app/ingest.h"
#include "app/inputs.h"
#include "app/log_identity.h"
#include "app/pipeline.h"
#include "app/road_summary.h"
#include "app/round_note.h"
#include "archive/format.h"
#include "record/framing.h"
#include "trace/tracer.h"

namespace mailtrail::app {
namespace {

// As an ingest has them (ingest.cc): what a commit holds takes memory.
constexpr Micros kLongestSpan = 20 * kDay, kShortSpan = 2 * kDay;
// Bytes at the beginning of a log that tell what kind of log it is.
constexpr std::size_t kLook = 64 * 1024;

// A log so far.
struct Log {
  archive::ArchivedSource archived;
  store::Source source;
  SourceState state;
  LogIdentity identity;
  std::vector<LineCut> cuts;
  std::optional<std::string> head;  // its first bytes, once they were wanted
  bool is_known = false;            // `source` is as a note has it
};

class Rebuild;

// Takes the events of one round.
class RoundSink : public EventSink {
 public:
  RoundSink(Rebuild& rebuild, std::uint64_t most, bool takes_identity)
      : rebuild_(rebuild), left_(most), takes_identity_(takes_identity) {}
  void on_event(const model::Event& event) override;
  void on_upcoming(const model::Event& event, bool near) override;
  void on_progress(std::uint64_t bytes) override;
  void on_text(const TextPiece& piece) override;
  bool on_pause(const std::function<PipelineStand()>& stand) override;

 private:
  Rebuild& rebuild_;
  std::uint64_t left_;  // events that are still to be told
  const bool takes_identity_;
  std::uint64_t done_ = 0;
};

class Rebuild {
 public:
  Rebuild(const RebuildRequest& request, archive::Reader& archive, store::Store& store)
      : request_(request), archive_(archive), store_(store), tracer_(store.settled(), tracer_options()) {}

  Result<RebuildResult> run();

 private:
  friend class RoundSink;

  void look_at_archive();
  void take_note(RoundNote note);
  void play_round();
  // The logs of the round, as far as they were read in it. False in `is_same`: they were not read from where they
  // stand.
  Inputs inputs_of(const RoundNote& round, std::vector<SourceState>& states, bool& is_same);
  Input input_of(Log& log, const RoundNote::Part& part, const store::Source& after);
  const std::string& head_of(Log& log);
  void settle(const Inputs& inputs, const std::vector<SourceState>& states, bool is_exact);
  void play_rest();
  void finish();
  Result<Done> write(store::Commit commit);
  TimeZone zone_of(const std::string& name);
  trace::TracerOptions tracer_options() const;
  RoadSummary summary_of(const EventCount& count, const trace::TracerStats& tracer) const;
  void tell(const Error& problem) {
    const auto is_same = [&](const Error& told) { return told.what == problem.what && told.where == problem.where; };
    if (std::none_of(result_.problems.begin(), result_.problems.end(), is_same)) result_.problems.push_back(problem);
  }
  void tell(const std::vector<Error>& problems) {
    for (const Error& problem : problems) tell(problem);
  }
  bool is_over() const { return failure_ || result_.is_stopped; }

  const RebuildRequest& request_;
  archive::Reader& archive_;
  store::Store& store_;
  trace::Tracer tracer_;
  EventCount count_{std::string()};
  PipelineStats stats_;
  std::map<std::uint32_t, Log> logs_;
  std::optional<RoundNote> round_;                // that is gathered: its last note
  std::map<std::uint32_t, store::Source> after_;  // the logs as they stand behind it
  std::uint64_t rounds_ = 0;
  bool has_tail_ = true, is_unfinished_ = false;
  std::uint64_t total_ = 0, done_before_ = 0;
  // Of what was told since the last commit.
  std::uint64_t bytes_ = 0;
  std::optional<Micros> first_, last_;
  std::optional<Error> failure_;
  RebuildResult result_;
};

void RoundSink::on_event(const model::Event& event) {
  if (left_ == 0) return;
  --left_;
  if (event.has_time) {
    rebuild_.first_ = std::min(rebuild_.first_.value_or(event.time), event.time);
    rebuild_.last_ = std::max(rebuild_.last_.value_or(event.time), event.time);
  }
  if (rebuild_.count_.wants(event)) rebuild_.tracer_.take(event);
}

void RoundSink::on_upcoming(const model::Event& event, bool near) {
  rebuild_.tracer_.expect(event, near);
}

void RoundSink::on_progress(std::uint64_t bytes) {
  rebuild_.bytes_ += bytes - done_;
  rebuild_.done_before_ += bytes - done_;
  done_ = bytes;
  if (rebuild_.request_.progress) rebuild_.request_.progress(rebuild_.done_before_, rebuild_.total_);
}

void RoundSink::on_text(const TextPiece& piece) {
  rebuild_.result_.lines += piece.lines;
  rebuild_.result_.bytes += piece.text.size();
  if (takes_identity_) rebuild_.logs_.at(piece.source).identity.take(piece.position, piece.text);
}

bool RoundSink::on_pause(const std::function<PipelineStand()>&) {
  if (rebuild_.request_.is_stopping && rebuild_.request_.is_stopping()) rebuild_.result_.is_stopped = true;
  if (rebuild_.is_over() || left_ == 0) return false;
  const Micros span = rebuild_.first_ ? *rebuild_.last_ - *rebuild_.first_ : 0;
  const std::uint64_t most = rebuild_.request_.commit_bytes;
  if (rebuild_.bytes_ < (span < kShortSpan ? most : most / 8) && span < kLongestSpan) return true;
  if (const Result<Done> done = rebuild_.write({}); !done.ok()) rebuild_.failure_ = done.error();
  return !rebuild_.failure_;
}

trace::TracerOptions Rebuild::tracer_options() const {
  trace::TracerOptions options;
  options.keep_details = true;
  options.memory_limit = request_.tracer_memory;
  return options;
}

Result<Done> Rebuild::write(store::Commit commit) {
  bytes_ = 0;
  first_.reset(), last_.reset();
  return store_.commit(commit);
}

// The logs, and where their lines were cut.
void Rebuild::look_at_archive() {
  for (archive::ArchivedSource& archived : archive_.sources()) {
    total_ += archived.bytes;
    Log& log = logs_[archived.number];
    log.source.number = archived.number;
    log.source.name = archived.name;
    log.archived = std::move(archived);
  }
  tell(archive_.read_notes([&](const archive::Note& bytes) {
    const Result<RoundNote> note = RoundNote::restore(bytes.bytes);
    if (!note.ok()) return true;  // told when it is played
    for (const LineCut& cut : note->cuts) logs_[cut.source].cuts.push_back(cut);
    return true;
  }));
  tell(archive_.faults());
}

void Rebuild::take_note(RoundNote note) {
  if (round_ && round_->round != note.round) play_round();
  for (store::Source& source : note.sources) after_[source.number] = std::move(source);
  note.sources.clear();
  round_ = std::move(note);
}

const std::string& Rebuild::head_of(Log& log) {
  if (log.head) return *log.head;
  log.head.emplace();
  // What cannot be read here is told when the log is.
  (void)archive_.read_source(log.archived.number, [&](const archive::Piece& piece) {
    if (piece.position == log.head->size()) log.head->append(piece.text.substr(0, kLook - log.head->size()));
    return piece.position + piece.text.size() == log.head->size() && log.head->size() < kLook;
  });
  return *log.head;
}

Input Rebuild::input_of(Log& log, const RoundNote::Part& part, const store::Source& after) {
  const Result<SourceState> state = SourceState::restore(after.resume);
  Input input;
  input.name = after.name;
  input.number = part.source;
  input.first_year = part.first_year;
  input.journal_export = part.journal_export;
  input.table = record::find_table(head_of(log));
  input.start = log.state.position;
  input.starts_there = true;
  log.archived.number = part.source;
  log.archived.name = after.name;
  // Where the state is damaged the log is read as far as it is archived.
  input.source = open_archived(
      archive_, log.archived, std::nullopt,
      {log.state.position, log.state.lines, state.ok() ? std::optional(state->text_end) : std::nullopt, log.cuts});
  return input;
}

Inputs Rebuild::inputs_of(const RoundNote& round, std::vector<SourceState>& states, bool& is_same) {
  std::vector<Input> inputs;
  std::vector<std::vector<std::uint32_t>> streams;
  for (const std::vector<RoundNote::Part>& parts : round.streams) {
    std::vector<std::uint32_t> stream;
    for (const RoundNote::Part& part : parts) {
      Log& log = logs_[part.source];
      const auto after = after_.find(part.source);
      // One that the round did not come to, or that has nothing new.
      if (after == after_.end()) continue;
      is_same = is_same && part.position == log.state.position && part.told == log.state.told;
      stream.push_back(static_cast<std::uint32_t>(inputs.size()));
      inputs.push_back(input_of(log, part, after->second));
      states.push_back(log.state);
    }
    if (!stream.empty()) streams.push_back(std::move(stream));
  }
  return Inputs::arranged(std::move(inputs), std::move(streams));
}

TimeZone Rebuild::zone_of(const std::string& name) {
  if (name == request_.zone.name()) return request_.zone;
  if (const Result<TimeZone> zone = TimeZone::load(name); zone.ok()) return *zone;
  if (const TimeZone system = TimeZone::system(); system.name() == name) return system;
  tell(Error{"the time zone in which the logs were read is unknown here: times without a zone are taken for " +
                 request_.zone.name(),
             name, "name it with --timezone"});
  return request_.zone;
}

// Tells the store what the ingest told in the round.
void Rebuild::play_round() {
  const RoundNote round = std::move(*round_);
  round_.reset();
  if (is_over()) return;
  std::vector<SourceState> states, at_end;
  bool is_same = true;
  Inputs inputs = inputs_of(round, states, is_same);
  const bool is_cut = !round.is_whole && is_same;
  PipelineOptions options;
  options.zone = zone_of(round.zone);
  options.threads = request_.threads;
  options.states = std::move(states);
  // A round that was cut off is told to the very event.
  if (is_cut) options.turn = 1;
  const bool is_empty = is_cut && round.events == 0;
  RoundSink sink(*this, is_cut ? round.events : UINT64_MAX, false);
  PipelineStats stats;
  if (!inputs.all().empty() && !is_empty) stats = run_pipeline(inputs, options, sink, &at_end);
  if (is_empty) at_end = options.states;
  if (is_over()) return;
  const bool is_sound = inputs.problems().empty() && result_.problems.empty();
  tell(inputs.problems());
  settle(inputs, at_end, round.is_whole || (is_cut && is_sound));
  stats_ = is_same && is_sound ? round.stats : joined(stats_, stats);
  rounds_ = round.round;
  has_tail_ = round.has_tail;
  is_unfinished_ = round.is_unfinished;
}

// The logs stand where the ingest left them; where that is not sure, where they were read to now.
void Rebuild::settle(const Inputs& inputs, const std::vector<SourceState>& states, bool is_exact) {
  for (std::size_t i = 0; i < inputs.all().size(); ++i) {
    Log& log = logs_.at(inputs.all()[i].number);
    const store::Source& after = after_.at(inputs.all()[i].number);
    Result<SourceState> state = SourceState::restore(after.resume);
    log.source = after;
    log.is_known = true;
    if (is_exact && state.ok()) {
      log.state = std::move(*state);
    } else {
      log.state = states[i];
      log.source.resume = log.state.save();
    }
    if (Result<LogIdentity> identity = LogIdentity::restore(after.identity, log.state.text_end); identity.ok()) {
      log.identity = std::move(*identity);
    }
  }
  // Those that the round had notes of, and nothing to read.
  for (auto& [number, after] : after_) {
    Log& log = logs_[number];
    const auto is_it = [&, &which = number](const Input& input) { return input.number == which; };
    if (std::any_of(inputs.all().begin(), inputs.all().end(), is_it)) continue;
    Result<SourceState> state = SourceState::restore(after.resume);
    if (!state.ok()) continue;
    log.source = after;
    log.state = std::move(*state);
    log.is_known = true;
  }
  after_.clear();
}

// What is archived, and no note tells of: read side by side, merged by time.
void Rebuild::play_rest() {
  std::vector<Inputs::OpenSource> sources;
  for (auto& [number, log] : logs_) {
    const std::uint64_t end = place_in_log(log.cuts, log.archived.first_position + log.archived.bytes);
    if (log.archived.bytes == 0 || (log.state.begun() && end <= log.state.text_end)) continue;
    std::optional<Micros> written;
    (void)archive_.read_source(number, [&](const archive::Piece& piece) {
      written = piece.first_time;
      return !written;
    });
    const std::uint64_t begin = log.state.begun() ? log.state.position : log.archived.first_position;
    const std::uint64_t lines = log.state.begun() ? log.state.lines : log.archived.first_line - 1;
    sources.push_back({open_archived(archive_, log.archived, written, {begin, lines, std::nullopt, log.cuts}), number});
  }
  if (sources.empty()) return;
  tell(Error{"the archive does not tell how all logs were read: they are merged by time", "",
             "search and report answer as usual; how mails of two hosts hang together may differ from before"});
  Inputs inputs = Inputs::of(std::move(sources), request_.zone);
  PipelineOptions options;
  options.zone = request_.zone;
  options.threads = request_.threads;
  for (Input& input : inputs.all()) {
    const Log& log = logs_.at(input.number);
    input.start = log.state.begun() ? log.state.position : log.archived.first_position;
    input.starts_there = true;
    options.states.push_back(log.state);
  }
  RoundSink sink(*this, UINT64_MAX, true);
  std::vector<SourceState> at_end;
  stats_ = joined(stats_, run_pipeline(inputs, options, sink, &at_end));
  if (is_over()) return;
  tell(inputs.problems());
  for (std::size_t i = 0; i < inputs.all().size(); ++i) {
    Log& log = logs_.at(inputs.all()[i].number);
    log.state = at_end[i];
    log.source.identity = log.identity.save();
    log.source.resume = log.state.save();
    log.source.bytes = log.state.text_end;
    log.source.lines = log.state.text_lines;
    log.is_known = log.state.begun();
  }
  ++rounds_;
  has_tail_ = true;
  is_unfinished_ = false;
}

RoadSummary Rebuild::summary_of(const EventCount& count, const trace::TracerStats& tracer) const {
  RoadSummary summary;
  summary.stats = stats_;
  summary.tracer = tracer;
  count.fill(summary);
  return summary;
}

void Rebuild::finish() {
  const std::string tracer_state = tracer_.save();
  const std::string summary = summary_of(count_, tracer_.stats()).save();
  std::string shown = summary;
  if (has_tail_) {
    trace::Tracer tail(store_.tail(), tracer_options());
    if (const Result<Done> restored = tail.restore(tracer_state); !restored.ok()) {
      failure_ = restored.error();
      return;
    }
    tail.finish();
    shown = summary_of(count_, tail.stats()).save();
  }
  store::Commit commit;
  for (auto& [number, log] : logs_) {
    if (log.is_known) commit.sources.push_back(log.source);
  }
  result_.logs = commit.sources.size();
  commit.states = {{std::string(kArchiveMark), archive_.mark()},
                   {std::string(kTracerState), tracer_state},
                   {std::string(kReadSummary), summary},
                   {std::string(kShownSummary), shown},
                   {std::string(kUnfinished), is_unfinished_ ? "1" : ""},
                   {std::string(kRounds), std::to_string(rounds_)}};
  if (const Result<Done> done = write(std::move(commit)); !done.ok()) failure_ = done.error();
}

Result<RebuildResult> Rebuild::run() {
  look_at_archive();
  (void)archive_.read_notes([&](const archive::Note& bytes) {
    Result<RoundNote> note = RoundNote::restore(bytes.bytes);
    if (!note.ok()) tell(note.error());
    if (note.ok()) take_note(std::move(*note));
    return !is_over();
  });
  if (round_) play_round();
  if (!is_over()) play_rest();
  if (!is_over()) finish();
  if (is_over()) store_.roll_back();
  if (failure_) return *failure_;
  return std::move(result_);
}

}  // namespace

Result<std::string> mark_of_last_ingest(const std::string& archive_directory, std::vector<Error>& problems) {
  const Result<std::unique_ptr<archive::Reader>> all =
      archive::Reader::open(archive_directory, archive::Reader::kEverything);
  if (!all.ok()) return all.error();
  std::string last;
  // What cannot be read is told by `rebuild`.
  (void)(*all)->read_notes([&](const archive::Note& note) {
    last = note.mark;
    return true;
  });
  const std::string confirmed = archive::confirmed_mark(archive_directory);
  const archive::Place noted = archive::mark_of(last).value_or(archive::Mark{}).place;
  const archive::Place kept = archive::mark_of(confirmed).value_or(archive::Mark{}).place;
  if (kept > noted) {
    const Result<std::unique_ptr<archive::Reader>> there = archive::Reader::open(archive_directory, confirmed);
    if (there.ok()) return confirmed;
    problems.push_back(there.error());
  }
  if (noted.segment != 0) return last;
  return (*all)->mark();
}

Result<RebuildResult> rebuild(const RebuildRequest& request, archive::Reader& archive, store::Store& store) {
  return Rebuild(request, archive, store).run();
}

}  // namespace mailtrail::app
