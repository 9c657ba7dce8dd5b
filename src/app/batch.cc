#include "app/batch.h"

#include <algorithm>

namespace mailtrail::app {

void Batch::clear() {
  text = {};
  arena.clear();
  events.clear();
  days.clear();
  counts = {};
  error.reset();
  position = size = 0;
  loaded = false;
}

void BlockParser::parse(Batch& batch) {
  dialect::Emitter emitter(batch.arena, batch.events);
  record::Record record;
  const std::uint64_t begin = batch.position + static_cast<std::uint64_t>(batch.text.data() - batch.buffer.data());
  Micros last_day = INT64_MIN;
  std::uint64_t line = 1;
  for (std::size_t at = 0; at < batch.text.size();) {
    const record::Unit unit = record::next_unit(batch.text, at);
    record = record::Record{};
    const std::string_view bytes = unit.bytes.substr(0, record::kMaxLine);
    framer_.frame(bytes, batch.arena, record);
    record.line = line;
    record.position = begin + at;
    record.source = batch.source;
    at += unit.size;
    // The last line of a source may have no end, and a line that is too long is cut before its own.
    line += unit.whole ? unit.lines : std::max<std::uint32_t>(unit.lines, 1);
    if (unit.bytes.empty()) {
      ++batch.counts.empty;
      continue;
    }
    if (filter_ != nullptr && !filter_->wants(record)) {
      ++batch.counts.skipped;
      if (record.has_time && record.wall && record.time / kDay != last_day) {
        last_day = record.time / kDay;
        batch.days.push_back({batch.events.size(), record.time, record.wall, record.yearless});
      }
      continue;
    }
    parser_.parse(record, emitter);
    if (unit.bytes.size() > record::kMaxLine) {
      ++batch.counts.overlong;
      emitter.emit<model::event::Gap>().reason = "truncated";
    }
  }
  batch.counts.lines = line - 1;
  batch.counts.bytes = batch.text.size();
}

}  // namespace mailtrail::app
