#include "record/table.h"

#include <algorithm>
#include <atomic>

#include "base/csv_cell.h"
#include "base/text.h"

namespace mailtrail::record {
namespace {

constexpr char kComma = ',';

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
  CsvCell cell;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!take_csv_cell(line, kComma, cell) || trim(cell.text) != columns_[i] || cell.last != (i + 1 == columns_.size()))
      return false;
  }
  return true;
}

bool Table::split(std::string_view line, Arena& arena, std::vector<std::string_view>& cells) const {
  cells.clear();
  CsvCell cell;
  while (!cell.last) {
    if (cells.size() == columns_.size() || !take_csv_cell(line, kComma, cell)) return false;
    cells.push_back(value_of(cell, arena));
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
  CsvCell cell;
  for (std::size_t i = 0; i <= time_column_; ++i) {
    if (cell.last || !take_csv_cell(rest, kComma, cell)) return;
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
  for (CsvCell cell; !cell.last;) {
    if (!take_csv_cell(names, kComma, cell)) return nullptr;
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
