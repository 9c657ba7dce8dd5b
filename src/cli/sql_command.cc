// `mailtrail sql`.
#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/log_reading.h"
#include "cli/sql_document.h"
#include "cli/store_opening.h"
#include "cli/value_table.h"
#include "query/report_layout.h"
#include "store/sql.h"

namespace mailtrail::cli {
namespace {

using store::SqlCell;
using store::SqlKind;

constexpr std::size_t kFlushed = 64 * 1024;

enum class Format : std::uint8_t { kTable, kJson, kCsv };

int refuse(const Streams& streams, const Error& error, int status) {
  say(streams, "sql: " + error.to_string());
  return status;
}

// Writes a result as it comes; a table is kept until its end, because its widths follow from all of it.
class ResultWriter {
 public:
  ResultWriter(Format format, const Streams& streams) : format_(format), streams_(streams) {}

  void columns(const std::vector<store::SqlColumn>& columns) {
    names_.clear();
    for (const store::SqlColumn& column : columns) names_.push_back(column.name);
    if (format_ != Format::kCsv) return;
    for (std::size_t i = 0; i < names_.size(); ++i) append_csv(names_[i], i);
    text_ += "\r\n";
  }
  void row(const std::vector<SqlCell>& cells) {
    if (format_ == Format::kTable) {
      rows_.push_back(cells);
      return;
    }
    if (format_ == Format::kJson) {
      append_json(cells);
    } else {
      for (std::size_t i = 0; i < cells.size(); ++i) append_csv(cells[i].text, i);
      text_ += "\r\n";
    }
    if (text_.size() < kFlushed) return;
    streams_.out.write(text_);
    text_.clear();
  }
  void finish(bool may_page) {
    if (format_ == Format::kTable) {
      std::vector<ValueColumn> columns;
      for (std::size_t i = 0; i < names_.size(); ++i) columns.push_back({names_[i], is_numeric(i)});
      std::vector<std::vector<std::string>> texts;
      for (const std::vector<SqlCell>& cells : rows_) {
        std::vector<std::string>& line = texts.emplace_back();
        for (const SqlCell& cell : cells) line.push_back(cell.kind == SqlKind::kNull ? "-" : cell.text);
      }
      show_page(streams_, value_table(columns, texts, streams_.width), may_page);
    } else {
      streams_.out.write(text_);
    }
    streams_.out.flush();
  }

 private:
  bool is_numeric(std::size_t column) const {
    bool any = false;
    for (const std::vector<SqlCell>& cells : rows_) {
      if (cells[column].kind == SqlKind::kNull) continue;
      if (cells[column].kind != SqlKind::kNumber) return false;
      any = true;
    }
    return any;
  }
  void append_csv(std::string_view text, std::size_t column) {
    if (column != 0) text_ += ',';
    append_csv_field(text_, printable(text));
  }
  void append_json(const std::vector<SqlCell>& cells) {
    text_ += '{';
    bool first = true;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].kind == SqlKind::kNull) continue;
      if (!first) text_ += ',';
      first = false;
      append_json_string(text_, names_[i]);
      text_ += ':';
      if (cells[i].kind == SqlKind::kText) {
        append_json_string(text_, cells[i].text);
      } else {
        text_ += cells[i].text;
      }
    }
    text_ += "}\n";
  }

  const Format format_;
  const Streams& streams_;
  std::vector<std::string> names_;
  std::vector<std::vector<SqlCell>> rows_;
  std::string text_;
};

// The words that are no statement: they begin with a full stop.
int show(std::string_view words, const Streams& streams, ResultWriter& writer, bool may_page) {
  std::string_view rest = trim(words);
  const std::string_view command = take_until(rest, ' ');
  const std::string_view name = trim(rest);
  const auto text_cell = [](std::string_view text) { return SqlCell{SqlKind::kText, std::string(text)}; };
  if (command == ".help" && name.empty()) {
    show_page(streams, sql_help(page_width(streams)), may_page);
    return kDone;
  }
  if (command == ".tables" && name.empty()) {
    writer.columns({{"view", "", ""}, {"meaning", "", ""}});
    for (const store::SqlView& view : store::sql_views()) writer.row({text_cell(view.name), text_cell(view.meaning)});
    writer.finish(may_page);
    return kDone;
  }
  if (command != ".columns") {
    return refuse(streams, {"`" + printable(command) + "` is none of .tables, .columns VIEW and .help", "", ""},
                  kWrongUse);
  }
  for (const store::SqlView& view : store::sql_views()) {
    if (!equals_ignoring_case(view.name, name)) continue;
    writer.columns({{"column", "", ""}, {"type", "", ""}, {"meaning", "", ""}});
    for (const store::SqlColumn& column : view.columns) {
      writer.row({text_cell(column.name), text_cell(column.type), text_cell(column.meaning)});
    }
    writer.finish(may_page);
    return kDone;
  }
  std::vector<std::string_view> names;
  for (const store::SqlView& view : store::sql_views()) names.push_back(view.name);
  std::string remedy = suggestion(name, names);
  if (remedy.empty()) remedy = "mailtrail sql .tables lists the views";
  return refuse(streams, {"there is no view `" + printable(name) + "`", "", remedy}, kWrongUse);
}

int run_statement(const std::string& statement, const TimeZone& zone, const store::SqlLimits& limits,
                  const Streams& streams, ResultWriter& writer, bool may_page) {
  const Result<std::unique_ptr<store::SqlRunner>> runner = streams.store->store.sql();
  if (!runner.ok()) return refuse(streams, runner.error(), kUnreadable);
  const store::SqlRunner::Sink sink{[&](const std::vector<store::SqlColumn>& columns) { writer.columns(columns); },
                                    [&](const std::vector<SqlCell>& cells) { writer.row(cells); }};
  const Result<store::SqlOutcome> outcome = (*runner)->run(statement, zone, limits, sink);
  if (!outcome.ok()) return refuse(streams, outcome.error(), kWrongUse);
  writer.finish(may_page);
  if (outcome->more) {
    say(streams, "sql: there are more rows than " + query::grouped(limits.rows) + " (--limit)");
  }
  if (outcome->rows == 0) say(streams, "sql: no row");
  return outcome->rows == 0 ? kNothingFound : kDone;
}

}  // namespace

int sql(const Arguments& arguments, const Streams& streams) {
  const Result<std::uint64_t> limit = number_of(arguments, "limit", 1, 1'000'000'000, 10'000);
  if (!limit.ok()) return refuse(streams, {limit.error().what, "", limit.error().remedy}, kWrongUse);
  const Result<std::uint64_t> timeout = number_of(arguments, "timeout", 1, 86'400, 60);
  if (!timeout.ok()) return refuse(streams, {timeout.error().what, "", timeout.error().remedy}, kWrongUse);
  if (arguments.has("json") && arguments.has("csv")) {
    return refuse(streams, {"--json and --csv exclude each other", "", ""}, kWrongUse);
  }
  const Format format = arguments.has("json") ? Format::kJson : arguments.has("csv") ? Format::kCsv : Format::kTable;
  const bool may_page = !arguments.has("no-pager");
  ResultWriter writer(format, streams);
  const std::string& statement = arguments.words.front();
  if (trim(statement).substr(0, 1) == ".") return show(statement, streams, writer, may_page);
  if (streams.store == nullptr) {
    return refuse(streams, {"there is no store yet", "", "mailtrail ingest /var/log/mail.log* makes it"}, kUnreadable);
  }
  const Result<TimeZone> zone = zone_of(arguments, streams.store->zone);
  if (!zone.ok()) return refuse(streams, zone.error(), kWrongUse);
  store::SqlLimits limits;
  limits.rows = *limit;
  limits.time = std::chrono::seconds(*timeout);
  return run_statement(statement, *zone, limits, streams, writer, may_page);
}

}  // namespace mailtrail::cli
