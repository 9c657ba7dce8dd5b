#include "app/pipeline.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "app/block_stream.h"
#include "app/repeated_lines.h"
#include "base/byte_stream.h"
#include "record/wall_clock.h"

namespace mailtrail::app {
namespace {

// 1 had no `repeated`.
constexpr std::uint64_t kStateVersion = 2;

// A batch on its way: claimed by the thread that reads and parses it, then ready.
struct Slot {
  std::unique_ptr<Batch> batch;
  bool ready = false;
};

// One stream with its batches in order.
struct Lane {
  Lane(Inputs& inputs, const std::vector<std::uint32_t>& sources, std::size_t block_size)
      : blocks(inputs, sources, block_size) {}
  BlockStream blocks;
  std::deque<std::shared_ptr<Slot>> slots;
  bool reading = false;  // a thread is in blocks.next
  bool exhausted = false;
};

// Hands blocks to threads and gives them back in order.
class Workshop {
 public:
  Workshop(Inputs& inputs, const PipelineOptions& options) : filter_(options.filter) {
    for (const auto& sources : inputs.streams()) {
      lanes_.push_back(std::make_unique<Lane>(inputs, sources, options.block_size));
    }
    unsigned threads = options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    window_ = lanes_.size() == 1 ? threads + 2 : 2;
    for (unsigned i = 1; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Workshop() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  std::size_t lanes() const { return lanes_.size(); }

  // The next batch of a lane, parsed; null when there is none. The caller works while it waits.
  std::unique_ptr<Batch> take(std::size_t number) {
    Lane& lane = *lanes_[number];
    std::unique_lock lock(mutex_);
    while (true) {
      if (!lane.slots.empty() && lane.slots.front()->ready) {
        std::unique_ptr<Batch> batch = std::move(lane.slots.front()->batch);
        lane.slots.pop_front();
        changed_.notify_all();
        return batch;
      }
      if (lane.slots.empty() && lane.exhausted && !lane.reading) return nullptr;
      const bool mine = lane.slots.empty() && !lane.reading && !lane.exhausted;
      if (mine ? claim(lane, lock, parser_for_caller()) : claim_any(lock, parser_for_caller())) continue;
      if (!lane.slots.empty() && lane.slots.front()->ready) continue;
      if (lane.slots.empty() && lane.exhausted && !lane.reading) continue;
      changed_.wait(lock);
    }
  }
  void give_back(std::unique_ptr<Batch> batch) {
    const std::lock_guard lock(mutex_);
    spare_.push_back(std::move(batch));
  }

 private:
  BlockParser& parser_for_caller() { return caller_parser_; }

  void work() {
    BlockParser parser(filter_);
    std::unique_lock lock(mutex_);
    while (!closing_) {
      if (!claim_any(lock, parser)) changed_.wait(lock);
    }
  }

  // Takes the next block of the lane that has the fewest waiting, and parses it without the lock. False: nothing to do.
  bool claim_any(std::unique_lock<std::mutex>& lock, BlockParser& parser) {
    Lane* best = nullptr;
    for (const auto& lane : lanes_) {
      if (lane->exhausted || lane->reading || lane->slots.size() >= window_) continue;
      if (best == nullptr || lane->slots.size() < best->slots.size()) best = lane.get();
    }
    return best != nullptr && claim(*best, lock, parser);
  }

  bool claim(Lane& lane, std::unique_lock<std::mutex>& lock, BlockParser& parser) {
    std::unique_ptr<Batch> batch;
    if (spare_.empty()) {
      batch = std::make_unique<Batch>();
    } else {
      batch = std::move(spare_.back());
      spare_.pop_back();
    }
    lane.reading = true;
    lock.unlock();
    const bool some = lane.blocks.next(*batch);
    lock.lock();
    lane.reading = false;
    if (!some) {
      lane.exhausted = true;
      spare_.push_back(std::move(batch));
      changed_.notify_all();
      return true;
    }
    auto slot = std::make_shared<Slot>();
    lane.slots.push_back(slot);
    lock.unlock();
    changed_.notify_all();
    if (filter_ == nullptr || !filter_->skips(*batch)) {
      lane.blocks.load(*batch);
      parser.parse(*batch);
    }
    lock.lock();
    slot->batch = std::move(batch);
    slot->ready = true;
    changed_.notify_all();
    return true;
  }

  const RecordFilter* filter_;
  BlockParser caller_parser_{filter_};
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::size_t window_ = 2;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closing_ = false;
  std::vector<std::unique_ptr<Batch>> spare_;
  std::vector<std::thread> threads_;
};

// The settled events of one lane, one after another.
class Cursor {
 public:
  Cursor(Workshop& workshop, std::size_t lane, Inputs& inputs, const PipelineOptions& options, PipelineStats& stats,
         EventSink& sink, std::vector<SourceState>& states)
      : workshop_(workshop),
        lane_(lane),
        inputs_(inputs),
        options_(options),
        stats_(stats),
        sink_(sink),
        states_(states) {
    for (const std::uint32_t source : inputs.streams()[lane]) {
      const SourceState& state = states[source];
      if (!state.begun()) break;
      last_time_ = state.last_time;
      last_dated_day_ = state.last_dated_day;
      time_ = std::max(time_, state.order_time);
    }
    advance_batch();
  }

  bool done() const { return batch_ == nullptr; }
  const model::Event& event() const { return batch_->events[at_]; }
  // The time by which the lane stands in the order: never goes back within a lane.
  Micros time() const { return time_; }
  // The event that comes `ahead` events later in the batch, or null.
  const model::Event* later(std::size_t ahead) const {
    return at_ + ahead < batch_->events.size() ? &batch_->events[at_ + ahead] : nullptr;
  }
  void next() {
    if (++at_ < batch_->events.size()) {
      time_ = std::max(time_, batch_->events[at_].time);
    } else {
      advance_batch();
    }
  }
  std::uint64_t bytes_done() const { return bytes_done_; }
  // Where the source that is now told stands, at its place in `states`.
  void stand(std::vector<SourceState>& states) const {
    if (batch_ == nullptr) return;
    states[source_] = before_;
    states[source_].told = at_;
    states[source_].order_time = time_;
  }
  // Of the batch that is now told: whoever goes on from `stand` counts it anew.
  LineCounts unfinished() const { return batch_ == nullptr ? LineCounts{} : batch_->counts; }

 private:
  // The next batch that has an event which is not yet told.
  void advance_batch() {
    do {
      if (batch_ != nullptr) {
        finish_batch();
        workshop_.give_back(std::move(batch_));
      }
      batch_ = workshop_.take(lane_);
      if (batch_ == nullptr) return;
      settle();
      tell_text();
      at_ = static_cast<std::size_t>(std::min<std::uint64_t>(to_skip_, batch_->events.size()));
      to_skip_ -= at_;
    } while (at_ == batch_->events.size());
    time_ = std::max(time_, batch_->events[at_].time);
  }

  // What is behind the batch: the source may end here.
  void finish_batch() {
    SourceState& state = states_[source_];
    remember(state);
    state.position = batch_->end;
    state.lines = lines_before_;
    state.told = 0;
  }
  void remember(SourceState& state) const {
    state.clock.clear();
    ByteWriter out(state.clock);
    clock_->save(out);
    state.last_time = last_time_;
    state.last_dated_day = last_dated_day_;
    state.order_time = time_;
    state.repeated = repeated_.save();
    state.text_end = text_end_;
    state.text_lines = text_lines_;
  }

  void enter_source() {
    source_ = batch_->source;
    const SourceState& state = states_[source_];
    lines_before_ = state.lines;
    to_skip_ = state.told;
    text_end_ = state.text_end;
    text_lines_ = state.text_lines;
    clock_.emplace(options_.zone, inputs_.all()[source_].first_year);
    if (!state.begun()) return;
    ByteReader in(state.clock);
    clock_->restore(in);
    repeated_.restore(state.repeated);
    last_time_ = state.last_time;
    last_dated_day_ = state.last_dated_day;
    time_ = std::max(time_, state.order_time);
  }

  // Hands on the text of the batch, but for what was handed on before the run was taken up again.
  void tell_text() {
    const Batch& batch = *batch_;
    TextPiece piece;
    piece.source = inputs_.all()[source_].number;
    piece.position = batch.begin;
    piece.text = batch.text;
    piece.first_line = lines_before_ - batch.counts.lines + 1;
    piece.lines = batch.counts.lines;
    if (piece.position < text_end_) {
      const std::size_t known =
          static_cast<std::size_t>(std::min<std::uint64_t>(text_end_ - batch.begin, batch.text.size()));
      piece.text.remove_prefix(known);
      piece.position += known;
      const std::uint64_t lines = std::min(text_lines_ - (piece.first_line - 1), piece.lines);
      piece.first_line += lines;
      piece.lines -= lines;
    }
    if (!piece.text.empty()) {
      text_end_ = piece.position + piece.text.size();
      text_lines_ = piece.first_line + piece.lines - 1;
      for (const model::Event& event : batch.events) {
        if (!event.has_time) continue;
        if (!piece.first_time || event.time < *piece.first_time) piece.first_time = event.time;
        if (!piece.last_time || event.time > *piece.last_time) piece.last_time = event.time;
      }
      sink_.on_text(piece);
    }
    before_.text_end = text_end_;
    before_.text_lines = text_lines_;
  }

  void settle() {
    Batch& batch = *batch_;
    if (batch.error) {
      Error error = *batch.error;
      if (error.where.empty()) error.where = inputs_.names()[batch.source];
      inputs_.problems().push_back(std::move(error));
    }
    if (source_ != batch.source || !clock_) enter_source();
    remember(before_);
    before_.position = batch.begin;
    before_.lines = lines_before_;
    const std::uint32_t number = inputs_.all()[source_].number;
    std::size_t mark = 0;
    const auto pass_days = [&](std::size_t before) {
      for (; mark < batch.days.size() && batch.days[mark].before <= before; ++mark) {
        clock_->settle(batch.days[mark].time, 0, 0, batch.days[mark].wall, batch.days[mark].yearless);
      }
    };
    for (std::size_t i = 0; i < batch.events.size(); ++i) {
      model::Event& event = batch.events[i];
      event.at.line += lines_before_;
      event.at.source = number;
      if (!batch.days.empty()) pass_days(i);
      if (!event.has_time) {
        event.time = last_time_;
        continue;
      }
      settle_time(event);
    }
    pass_days(batch.events.size());
    repeated_.apply(batch.events);
    lines_before_ += batch.counts.lines;
    bytes_done_ += batch.counts.bytes;
    stats_.lines.add(batch.counts);
  }

  void settle_time(model::Event& event) {
    if (event.wall || event.yearless) {
      const record::WallClock::Settled settled =
          clock_->settle(event.time, event.offset_minutes, event.time_notes, event.wall, event.yearless);
      event.time = settled.time;
      event.offset_minutes = settled.offset_minutes;
      event.time_notes = settled.notes;
      event.wall = event.yearless = false;
    } else if (event.time / kDay != last_dated_day_) {
      // A line that states its year moves the clock of those that do not.
      last_dated_day_ = event.time / kDay;
      clock_->settle(event.time, event.offset_minutes, event.time_notes, false, false);
    }
    last_time_ = event.time;
    stats_.year_inferred |= (event.time_notes & record::kYearInferred) != 0;
    stats_.zone_assumed |= (event.time_notes & record::kZoneAssumed) != 0;
    stats_.dst_ambiguous |= (event.time_notes & record::kDstAmbiguous) != 0;
    if (!stats_.first_time || event.time < *stats_.first_time) stats_.first_time = event.time;
    if (!stats_.last_time || event.time >= *stats_.last_time) {
      stats_.last_time = event.time;
      stats_.offset_minutes = event.offset_minutes;
    }
  }

  Workshop& workshop_;
  std::size_t lane_;
  Inputs& inputs_;
  const PipelineOptions& options_;
  PipelineStats& stats_;
  EventSink& sink_;
  std::vector<SourceState>& states_;
  SourceState before_;         // at the beginning of the batch
  std::uint64_t to_skip_ = 0;  // events that an earlier run has told
  std::uint64_t text_end_ = 0, text_lines_ = 0;
  std::unique_ptr<Batch> batch_;
  std::size_t at_ = 0;
  std::uint32_t source_ = 0;
  std::uint64_t lines_before_ = 0;
  std::uint64_t bytes_done_ = 0;
  std::optional<record::WallClock> clock_;
  RepeatedLines repeated_;
  Micros last_time_ = 0;
  Micros last_dated_day_ = INT64_MIN;
  Micros time_ = INT64_MIN;
};

using Cursors = std::vector<std::unique_ptr<Cursor>>;

// The lane that is behind the others, the first of those that are level; null when all are done. `next`: the time of
// the lane that follows it.
Cursor* find_behind(const Cursors& cursors, Micros& next) {
  Cursor* behind = nullptr;
  next = INT64_MAX;
  for (const auto& cursor : cursors) {
    if (cursor->done()) continue;
    if (behind == nullptr || cursor->time() < behind->time()) {
      if (behind != nullptr) next = std::min(next, behind->time());
      behind = cursor.get();
    } else {
      next = std::min(next, cursor->time());
    }
  }
  return behind;
}

// Tells all events in the order of time, until the sink says that it is enough.
void run(const Cursors& cursors, const PipelineStats& stats, const std::vector<SourceState>& finished,
         std::uint32_t turn, EventSink& sink) {
  std::uint64_t told = 0;
  const auto progress = [&] {
    std::uint64_t done = 0;
    for (const auto& cursor : cursors) done += cursor->bytes_done();
    if (done == told) return;
    told = done;
    sink.on_progress(done);
  };
  const auto stand = [&] {
    PipelineStand now{finished, stats};
    for (const auto& cursor : cursors) {
      cursor->stand(now.states);
      now.stats.lines.subtract(cursor->unfinished());
    }
    return now;
  };
  Micros next = 0;
  while (Cursor* behind = find_behind(cursors, next)) {
    std::uint32_t count = 0;
    do {
      if (const model::Event* later = behind->later(16)) sink.on_upcoming(*later, false);
      if (const model::Event* soon = behind->later(8)) sink.on_upcoming(*soon, true);
      sink.on_event(behind->event());
      behind->next();
    } while (!behind->done() && (cursors.size() == 1 || behind->time() < next) && ++count < turn);
    progress();
    if (!sink.on_pause(stand)) return;
  }
}

}  // namespace

std::string SourceState::save() const {
  std::string bytes;
  ByteWriter out(bytes);
  out.number(kStateVersion);
  for (const std::uint64_t value : {position, lines, told, text_end, text_lines}) out.number(value);
  out.text(clock);
  out.signed_number(last_time);
  out.signed_number(last_dated_day);
  out.signed_number(order_time);
  out.text(repeated);
  return bytes;
}

Result<SourceState> SourceState::restore(std::string_view bytes) {
  ByteReader in(bytes);
  SourceState state;
  const std::uint64_t version = in.number();
  const bool known = version >= 1 && version <= kStateVersion;
  for (std::uint64_t* value : {&state.position, &state.lines, &state.told, &state.text_end, &state.text_lines}) {
    *value = in.number();
  }
  state.clock = in.text();
  state.last_time = in.signed_number();
  state.last_dated_day = in.signed_number();
  state.order_time = in.signed_number();
  if (version >= 2) state.repeated = in.text();
  if (!known || !in.finished()) return Error{"the state of a log's reading is damaged or of a newer version", "", ""};
  return state;
}

PipelineStats run_pipeline(Inputs& inputs, const PipelineOptions& options, EventSink& sink,
                           std::vector<SourceState>* at_end) {
  PipelineStats stats;
  std::vector<SourceState> states = options.states;
  states.resize(inputs.all().size());
  std::vector<std::unique_ptr<Cursor>> cursors;
  {
    Workshop workshop(inputs, options);
    for (std::size_t lane = 0; lane < workshop.lanes(); ++lane) {
      cursors.push_back(std::make_unique<Cursor>(workshop, lane, inputs, options, stats, sink, states));
    }
    run(cursors, stats, states, options.turn, sink);
    for (const auto& cursor : cursors) {
      cursor->stand(states);
      stats.lines.subtract(cursor->unfinished());
    }
  }
  if (at_end != nullptr) *at_end = std::move(states);
  return stats;
}

}  // namespace mailtrail::app
