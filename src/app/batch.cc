#include "app/batch.h"

#include <algorithm>
#include <cstring>

namespace mailtrail::app {

void Batch::clear() {
  text = {};
  arena.clear();
  events.clear();
  days.clear();
  counts = {};
  error.reset();
  position = size = begin = end = 0;
  loaded = cut = false;
}

// Whether the line begins with the month and day of the one before it: then, skipped, it tells nothing of the year
// either.
bool BlockParser::same_day(std::string_view line) {
  constexpr std::size_t kDayStamp = 6;
  if (line.size() < kDayStamp) return false;
  if (std::memcmp(line.data(), day_stamp_, kDayStamp) == 0) return true;
  std::memcpy(day_stamp_, line.data(), kDayStamp);
  return false;
}

void BlockParser::parse(Batch& batch) {
  day_stamp_[0] = '\0';
  framer_.set_table(batch.table);
  dialect::Emitter emitter(batch.arena, batch.events);
  record::Record record;
  const std::uint64_t begin = batch.begin;
  Micros last_day = INT64_MIN;
  std::uint64_t line = 1;
  for (std::size_t at = 0; at < batch.text.size();) {
    const record::Unit unit = record::next_unit(batch.text, at);
    const std::uint64_t position = begin + at;
    const std::uint64_t number = line;
    at += unit.size;
    // The last line of a source may have no end, and a line that is too long is cut before its own.
    line += unit.whole ? unit.lines : std::max<std::uint32_t>(unit.lines, 1);
    if (unit.bytes.empty()) {
      ++batch.counts.empty;
      continue;
    }
    const std::string_view bytes = unit.bytes.substr(0, record::kMaxLine);
    if (filter_ != nullptr && same_day(bytes) && !filter_->may_want(bytes, batch.source, position)) {
      ++batch.counts.skipped;
      continue;
    }
    framer_.frame(bytes, batch.arena, record);
    record.line = number;
    record.position = position;
    record.source = batch.source;
    if (filter_ != nullptr && !filter_->wants(record)) {
      ++batch.counts.skipped;
      if (record.has_time && record.wall && record.time / kDay != last_day) {
        last_day = record.time / kDay;
        batch.days.push_back({batch.events.size(), record.time, record.wall, record.yearless});
      }
      continue;
    }
    const std::size_t first = batch.events.size();
    if (!unit.whole && (batch.cut || batch.error)) {
      // The source breaks off in this line: what is left of it may say what the whole line did not.
      emitter.begin(record, {});
      emitter.set_instance({});
      emitter.emit<model::event::Unparsed>().text = record.text.empty() ? record.raw : record.text;
      emitter.emit<model::event::Gap>().reason = "truncated";
    } else {
      parser_.parse(record, emitter);
    }
    const std::uint64_t writer = model::process_hash(record.host, record.program, record.pid);
    for (std::size_t i = first; i < batch.events.size(); ++i) {
      model::Event& event = batch.events[i];
      event.writer_hash = writer;
      if (!event.queue_id.empty()) event.id_hash = hash_bytes(event.queue_id);
    }
    if (unit.bytes.size() > record::kMaxLine) {
      ++batch.counts.overlong;
      emitter.emit<model::event::Gap>().reason = "truncated";
    }
  }
  batch.counts.lines = line - 1;
  batch.counts.bytes = batch.text.size();
}

}  // namespace mailtrail::app
