#include "record/framing.h"

#include "base/text.h"
#include "record/framer_state.h"
#include "record/table.h"

namespace mailtrail::record {

Framer::State::State() = default;
Framer::State::~State() = default;
Framer::Framer() : state_(std::make_unique<State>()) {}
Framer::~Framer() = default;

namespace {

void reset(Record& record, std::string_view unit) {
  record.time = 0;
  record.offset_minutes = 0;
  record.notes = 0;
  record.has_time = false;
  record.wall = false;
  record.yearless = false;
  record.pid = -1;
  record.repeat = 1;
  record.host = {};
  record.program = {};
  record.text = {};
  record.table = nullptr;
  record.raw = unit;
}

// A crash can leave blocks of NUL bytes before the next line; some editors put a byte order mark at the file's
// beginning.
std::string_view without_debris(std::string_view line) {
  while (!line.empty() && line.front() == '\0') line.remove_prefix(1);
  consume(line, "\xEF\xBB\xBF");
  return line;
}

}  // namespace

void Framer::set_table(const Table* table) {
  state_->table = table;
}

void Framer::frame(std::string_view unit, Arena& arena, Record& record) {
  reset(record, unit);
  if (!unit.empty() && unit.front() == '_' && frame_journal_entry(unit, record)) return;
  const bool cut = unit.size() > kMaxLine;
  std::string_view line = unit.substr(0, kMaxLine);
  if (!line.empty() && (line.front() == '\0' || line.front() == '\xEF')) line = without_debris(line);
  record.text = line;
  if (line.empty()) return;
  if (state_->table != nullptr) return state_->table->frame(line, state_->stamps, record);
  const char first = line.front();
  if (first == '{') {
    if (cut) return;
    if (state_->json == nullptr) state_->json = std::make_unique<JsonLineReader>();
    state_->json->frame(line, state_->stamps, arena, record);
    return;
  }
  if (first == '@' && frame_tai64n(line, record)) return;
  if (first == '<' && frame_rfc5424(line, state_->stamps, arena, record)) return;
  frame_syslog(line, state_->stamps, arena, record);
}

}  // namespace mailtrail::record
