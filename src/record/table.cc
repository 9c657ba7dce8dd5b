#include "record/table.h"

#include <algorithm>
#include <atomic>

#include "base/text.h"

namespace mailtrail::record {
namespace {

// One cell of a row.
struct Cell {
  std::string_view text;  // between the quotes, where it has some
  bool doubled = false;   // quotes in it are doubled
  bool last = false;      // no comma follows
};

// Takes one cell, and the comma behind it, off `rest`. False: a quote does not close.
bool take_cell(std::string_view& rest, Cell& cell) {
  cell.doubled = false;
  std::size_t end;
  if (rest.empty() || rest.front() != '"') {
    end = std::min(rest.find(','), rest.size());
    cell.text = rest.substr(0, end);
  } else {
    std::size_t at = rest.find('"', 1);
    while (at != std::string_view::npos && at + 1 < rest.size() && rest[at + 1] == '"') {
      cell.doubled = true;
      at = rest.find('"', at + 2);
    }
    if (at == std::string_view::npos || (at + 1 < rest.size() && rest[at + 1] != ',')) return false;
    cell.text = rest.substr(1, at - 1);
    end = at + 1;
  }
  cell.last = end == rest.size();
  rest.remove_prefix(cell.last ? end : end + 1);
  return true;
}

std::string_view without_doubled(std::string_view cell, Arena& arena) {
  char* bytes = static_cast<char*>(arena.allocate(cell.size(), 1));
  std::size_t size = 0;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    bytes[size++] = cell[i];
    if (cell[i] == '"') ++i;
  }
  return {bytes, size};
}

std::string_view first_line(std::string_view& rest) {
  std::string_view line = take_until(rest, '\n');
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// A log of a known program: the columns that tell it, the first of which holds the time.
struct KnownTable {
  std::string_view program;
  std::string_view log_type;  // of `#Log-type:`, where the log has such lines
  std::vector<std::string_view> columns;
  bool utc = false;  // times without a zone are UTC
};

const std::vector<KnownTable>& known_tables() {
  static const std::vector<KnownTable> kTables = {
      {"exchange", "", {"date-time", "event-id", "source", "internal-message-id", "recipient-address"}},
      {"exchange-receive",
       "SMTP Receive Protocol Log",
       {"date-time", "session-id", "sequence-number", "event", "data"}},
      {"exchange-send", "SMTP Send Protocol Log", {"date-time", "session-id", "sequence-number", "event", "data"}},
      {"microsoft365", "", {"origin_timestamp_utc", "sender_address", "recipient_status", "message_id"}, true},
      {"microsoft365", "", {"Received", "SenderAddress", "RecipientAddress", "Status"}, true},
      {"powermta", "", {"timeLogged", "type"}},
  };
  return kTables;
}

}  // namespace

std::optional<std::size_t> Table::find(std::string_view column) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (equals_ignoring_case(columns_[i], column)) return i;
  }
  return std::nullopt;
}

bool Table::is_head(std::string_view line) const {
  if (line.starts_with('#')) return true;
  Cell cell;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!take_cell(line, cell) || trim(cell.text) != columns_[i] || cell.last != (i + 1 == columns_.size()))
      return false;
  }
  return true;
}

bool Table::split(std::string_view line, Arena& arena, std::vector<std::string_view>& cells) const {
  cells.clear();
  Cell cell;
  while (!cell.last) {
    if (cells.size() == columns_.size() || !take_cell(line, cell)) return false;
    cells.push_back(cell.doubled ? without_doubled(cell.text, arena) : cell.text);
  }
  cells.resize(columns_.size());
  return true;
}

void Table::frame(std::string_view line, StampReader& stamps, Record& record) const {
  record.program = program_;
  record.text = line;
  record.table = this;
  if (line.starts_with('#')) return;
  std::string_view rest = line;
  Cell cell;
  for (std::size_t i = 0; i <= time_column_; ++i) {
    if (cell.last || !take_cell(rest, cell)) return;
  }
  Record stamp;
  if (!stamps.take_iso(cell.text, stamp) || !cell.text.empty()) return;
  record.time = stamp.time;
  record.offset_minutes = stamp.offset_minutes;
  record.notes = stamp.notes;
  record.has_time = true;
  record.wall = stamp.wall && !utc_;
}

std::shared_ptr<const Table> find_table(std::string_view head) {
  constexpr std::size_t kMostLines = 16;
  consume(head, "\xEF\xBB\xBF");
  std::string_view log_type, names;
  for (std::size_t i = 0; i < kMostLines && names.empty() && !head.empty(); ++i) {
    std::string_view line = first_line(head);
    if (consume(line, "#Log-type: ")) {
      log_type = line;
    } else if (consume(line, "#Fields: ") || !line.starts_with('#')) {
      names = line;
    }
  }
  auto table = std::make_shared<Table>();
  for (Cell cell; !cell.last;) {
    if (!take_cell(names, cell)) return nullptr;
    table->columns_.emplace_back(trim(cell.text));
  }
  for (const KnownTable& known : known_tables()) {
    if (!known.log_type.empty() && known.log_type != log_type) continue;
    const auto has = [&](std::string_view column) { return table->find(column).has_value(); };
    if (!std::all_of(known.columns.begin(), known.columns.end(), has)) continue;
    static std::atomic<std::uint64_t> tables{0};
    table->id_ = ++tables;
    table->program_ = known.program;
    table->utc_ = known.utc;
    table->time_column_ = *table->find(known.columns.front());
    return table;
  }
  return nullptr;
}

}  // namespace mailtrail::record
