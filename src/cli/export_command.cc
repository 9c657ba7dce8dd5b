// `mailtrail export`.
#include <filesystem>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/log_reading.h"
#include "cli/parquet_rows.h"
#include "cli/row_reading.h"
#include "query/report_layout.h"
#include "sys/output_file.h"

namespace mailtrail::cli {
namespace {

using query::Per;

// Where the rows go: standard output, or a file that gets its name when it is whole.
class Destination {
 public:
  explicit Destination(const Streams& streams) : streams_(streams) {}

  // Error: the file cannot be made.
  Result<Done> open(const std::string& path) {
    if (path.empty() || path == "-") return Done{};
    path_ = path;
    Result<sys::OutputFile> made = sys::OutputFile::create(unfinished());
    if (!made.ok()) return made.error();
    file_ = std::move(*made);
    return Done{};
  }
  // Where another writes the bytes of the file, until `finish`.
  std::string unfinished() const { return path_ + ".tmp"; }
  void write(std::string_view bytes) {
    if (!file_) return streams_.out.write(bytes);
    // The file keeps what goes wrong: `finish` tells it.
    static_cast<void>(file_->write(bytes));
  }
  // Error: not all could be written; no file is left.
  Result<Done> finish() {
    if (!file_) {
      streams_.out.flush();
      return Done{};
    }
    Result<Done> closed = file_->close();
    if (closed.ok()) closed = sys::rename_file(unfinished(), path_);
    if (!closed.ok()) abandon();
    return closed;
  }
  void abandon() {
    if (file_) sys::remove_file(unfinished());
  }

 private:
  const Streams& streams_;
  std::string path_;
  std::optional<sys::OutputFile> file_;
};

// Nothing where `path` may be written to.
std::optional<Error> why_not(const Arguments& arguments, const std::string& path) {
  if (path.empty() || path == "-" || !sys::is_present(path)) return std::nullopt;
  for (std::size_t i = 1; i < arguments.words.size(); ++i) {
    std::error_code none;
    if (std::filesystem::equivalent(path, arguments.words[i], none)) {
      return Error{printable(path) + " is one of the logs", "export", "write to another file"};
    }
  }
  if (arguments.has("force")) return std::nullopt;
  return Error{printable(path) + " exists", "export", "--force writes it anew"};
}

class RowWriter {
 public:
  RowWriter(Per per, bool json, const app::Road& road, Destination& destination)
      : json_(json), road_(road), destination_(destination) {
    if (json_) return;
    std::vector<std::string> names;
    for (const std::string_view name : query::columns(per)) names.emplace_back(name);
    write_csv(names);
  }
  void write(const query::Row& row) {
    if (json_) {
      line_.clear();
      query::append_row_json(line_, row, road_.sources());
      line_ += '\n';
      destination_.write(line_);
    } else {
      values_.clear();
      query::append_row_values(values_, row, road_.sources());
      write_csv(values_);
    }
  }

 private:
  void write_csv(const std::vector<std::string>& values) {
    line_.clear();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i != 0) line_ += ',';
      // On one line, and without what would steer a terminal: JSON has the bytes as they were logged.
      append_csv_field(line_, printable(values[i]));
    }
    line_ += "\r\n";  // RFC 4180
    destination_.write(line_);
  }

  bool json_;
  const app::Road& road_;
  Destination& destination_;
  std::string line_;
  std::vector<std::string> values_;
};

// Rows of one of the formats.
class RowsOut {
 public:
  // Error: the library that writes Parquet is missing.
  Result<Done> open(const Arguments& arguments, Per per, const app::Road& road, Destination& destination) {
    const std::string_view format = arguments.value("format").value_or(arguments.has("json") ? "json" : "csv");
    if (format != "parquet") {
      lines_.emplace(per, format == "json", road, destination);
      return Done{};
    }
    Result<ParquetRows> made = ParquetRows::create(destination.unfinished(), per, road.sources());
    if (!made.ok()) return made.error();
    parquet_.emplace(std::move(*made));
    return Done{};
  }
  void write(const query::Row& row) {
    if (lines_) {
      lines_->write(row);
    } else {
      parquet_->write(row);
    }
  }
  // Error: not all could be written.
  Result<Done> finish() { return parquet_ ? parquet_->finish() : Result<Done>(Done{}); }

 private:
  std::optional<RowWriter> lines_;
  std::optional<ParquetRows> parquet_;
};

int refuse(const Streams& streams, const Error& error, int status) {
  say(streams, error.to_string());
  return status;
}

}  // namespace

int export_rows(const Arguments& arguments, const Streams& streams) {
  const Result<std::uint64_t> limit = number_of(arguments, "limit", 1, 1'000'000'000, 1'000'000'000);
  if (!limit.ok()) return refuse(streams, limit.error(), kWrongUse);
  const std::string path(arguments.value("output").value_or(""));
  if (const std::optional<Error> error = why_not(arguments, path)) return refuse(streams, *error, kWrongUse);
  if (arguments.value("format") == "parquet" && (path.empty() || path == "-")) {
    return refuse(streams, {"Parquet needs a file", "export", "name it with -o FILE"}, kWrongUse);
  }
  const Per per = query::per_from_word(arguments.value("per").value_or("attempt")).value_or(Per::kAttempt);
  LogReading reading(arguments, streams);
  if (!reading.open()) return reading.status(kDone);
  const std::optional<query::Plan> plan = reading.plan();
  if (!plan) return reading.status(kDone);
  Destination destination(streams);
  if (const Result<Done> done = destination.open(path); !done.ok()) return refuse(streams, done.error(), kUnreadable);

  RowsOut rows;
  if (const Result<Done> done = rows.open(arguments, per, reading.road(), destination); !done.ok()) {
    destination.abandon();
    return refuse(streams, done.error(), kUnreadable);
  }
  std::uint64_t count = 0;
  OtherRows others;
  const auto take = [&](const query::Row& row) {
    if (++count <= *limit) rows.write(row);
  };
  read_rows(reading.road(), *plan, per, take, others);
  reading.tell_problems();
  if (count == 0) {
    destination.abandon();
    say(streams, "export: " + nothing_found_text(per, others));
    return reading.status(kNothingFound);
  }
  if (const Result<Done> done = rows.finish(); !done.ok()) {
    destination.abandon();
    return refuse(streams, done.error(), kUnreadable);
  }
  if (const Result<Done> done = destination.finish(); !done.ok()) return refuse(streams, done.error(), kUnreadable);
  if (count > *limit) say(streams, "export: " + query::grouped(count - *limit) + " more rows match (--limit)");
  return reading.status(kDone);
}

}  // namespace mailtrail::cli
