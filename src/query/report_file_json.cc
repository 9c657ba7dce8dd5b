// The table of a report file as JSON.
#include "base/json_writer.h"
#include "query/report_file_layout.h"
#include "query/report_file_page.h"

namespace mailtrail::query {
namespace {

using Type = ReportCell::Type;

// Rises when a name of the shape changes or goes.
constexpr int kSchema = 1;

class TableWriter {
 public:
  TableWriter(std::string& out, const ReportTable& table) : json_(out), table_(table) {}

  void write(const ReportScope& scope) {
    json_.begin_object();
    json_.key("schema"), json_.value(kSchema);
    json_.field("title", std::string_view(table_.file.title));
    json_.field("summary", std::string_view(table_.file.summary));
    write_scope(scope);
    json_.key("taken");
    json_.begin_object();
    for (const auto& [per, count] : table_.taken) json_.key(word(per)), json_.value(count);
    json_.end_object();
    json_.key("groups"), json_.value(table_.groups);
    json_.key("approximate"), json_.value(table_.approximate);
    write_columns();
    json_.key("rows");
    json_.begin_array();
    for (const ReportRow& row : table_.rows) write_row(row);
    json_.end_array();
    json_.end_object();
  }

 private:
  std::string time_text(Micros time) const { return format_rfc3339(time, table_.zone.offset_at(time)); }

  void write_scope(const ReportScope& scope) {
    if (scope.whole && scope.lines.first) json_.field("first", std::string_view(time_text(*scope.lines.first)));
    if (scope.whole && scope.lines.last) json_.field("last", std::string_view(time_text(*scope.lines.last)));
    json_.field("timezone", std::string_view(table_.zone.name()));
    json_.key("lines");
    json_.begin_object();
    if (scope.whole) {
      json_.key("total"), json_.value(scope.lines.lines);
      json_.key("unparsed"), json_.value(scope.lines.unparsed);
    }
    json_.key("year_inferred"), json_.value(scope.lines.year_inferred);
    json_.key("zone_assumed"), json_.value(scope.lines.zone_assumed);
    json_.end_object();
  }

  void write_columns() {
    json_.key("columns");
    json_.begin_array();
    for (std::size_t item = 0; item < table_.file.items(); ++item) {
      json_.begin_object();
      json_.field("name", table_.file.item_name(item));
      const bool value = item < table_.file.values.size();
      json_.field("role", std::string_view(!value ? "measure" : table_.file.is_list ? "field" : "key"));
      json_.field("type", word(item_type(table_.file, item)));
      for (const ReportLayoutColumn& column : table_.file.columns) {
        if (column.item != item || column.heading.empty()) continue;
        json_.field("heading", std::string_view(column.heading));
        break;
      }
      json_.end_object();
    }
    json_.end_array();
  }

  void write_row(const ReportRow& row) {
    json_.begin_object();
    bool approximate = false;
    for (std::size_t item = 0; item < row.cells.size(); ++item) {
      const ReportCell& cell = row.cells[item];
      if (cell.type == Type::kAbsent) continue;
      approximate = approximate || cell.approximate;
      json_.key(table_.file.item_name(item));
      write_cell(cell);
    }
    if (approximate) {
      json_.key("approximate");
      json_.begin_array();
      for (std::size_t item = 0; item < row.cells.size(); ++item) {
        if (row.cells[item].approximate) json_.value(table_.file.item_name(item));
      }
      json_.end_array();
    }
    if (row.error != 0) json_.key("error"), json_.value(row.error);
    json_.end_object();
  }

  void write_cell(const ReportCell& cell) {
    switch (cell.type) {
      case Type::kAbsent:
        break;
      case Type::kText:
        return json_.value(std::string_view(cell.text));
      case Type::kInteger:
        return json_.value(cell.integer);
      case Type::kReal:
        return json_.value(cell.real);
      case Type::kTime:
        return json_.value(std::string_view(time_text(cell.integer)));
      case Type::kValues:
        write_values(cell);
    }
  }

  void write_values(const ReportCell& cell) {
    json_.begin_array();
    for (const auto& [value, count] : cell.values) {
      json_.begin_object();
      json_.key("value"), json_.value(std::string_view(value));
      json_.key("count"), json_.value(count);
      json_.end_object();
    }
    if (cell.others != 0) {
      json_.begin_object();
      json_.key("count"), json_.value(cell.others);
      json_.end_object();
    }
    json_.end_array();
  }

  JsonWriter json_;
  const ReportTable& table_;
};

}  // namespace

std::string report_table_json(const ReportTable& table, const ReportScope& scope) {
  std::string out;
  TableWriter(out, table).write(scope);
  return out;
}

}  // namespace mailtrail::query
