#include "store/duckdb/views.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.h"
#include "store/duckdb/catalog.h"

namespace mailtrail::store::duckdb {
namespace {

using Columns = std::set<std::string, std::less<>>;
// The columns of each table that there is.
using Tables = std::map<std::string, Columns, std::less<>>;

Result<Tables> tables_of(const Connection& connection) {
  Result<Rows> rows = connection.rows(
      "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND schema_name = 'main' AND "
      "database_name = current_database()");
  if (!rows.ok()) return rows.error();
  Tables tables;
  while (Chunk chunk = rows->next()) {
    for (std::size_t row = 0; row < chunk.rows(); ++row)
      tables[std::string(chunk.text(0, row))].emplace(chunk.text(1, row));
  }
  return tables;
}

std::string_view name_of(Table table) {
  return kTableNames[static_cast<std::size_t>(table)];
}

// Days of which there may be tables, and the tail: `suffix_of(kind)` names a table.
std::vector<std::function<std::string(std::string_view)>> places_of(const std::vector<Day>& days) {
  std::vector<std::function<std::string(std::string_view)>> places;
  for (const Day& day : days) {
    places.push_back([number = day.number](std::string_view kind) { return day_table(kind, number); });
  }
  places.push_back([](std::string_view kind) { return tail_table(kind); });
  return places;
}

std::string type_of(Table table, std::string_view name) {
  if (name == "no") return "BIGINT";
  for (const Column& column : columns_of(table)) {
    if (column.name == name) return std::string(sql_type(column.type));
  }
  return "BIGINT";
}

// The rows of one place: the tables of one kind of fact and of those that it belongs to, joined by the fact's number.
class PlaceSelect {
 public:
  PlaceSelect(const Tables& tables, Table table, const std::set<RawColumn>& raws)
      : tables_(tables), table_(table), raws_(raws) {}

  // Empty where the place has no such facts.
  std::string text(const std::function<std::string(std::string_view)>& name) const {
    const char base = base_prefix();
    const std::string own = name(name_of(table_));
    if (!tables_.contains(own)) return {};
    std::set<char> there = {base};
    std::string from = " FROM main.\"" + own + "\" " + base;
    const auto join = [&](char prefix, const std::string& condition) {
      const std::string other = name(name_of(table_of(prefix, table_)));
      const bool wanted =
          std::any_of(raws_.begin(), raws_.end(), [&](const RawColumn& raw) { return raw.prefix == prefix; });
      if (!wanted || prefix == base || !tables_.contains(other)) return;
      from += " LEFT JOIN main.\"" + other + "\" " + prefix + " ON " + prefix + ".no = " + base + ".no" + condition;
      there.insert(prefix);
    };
    if (table_ == Table::kRecipient && has(own, "decided_by") && has(name("delivery"), "place")) {
      join('d', " AND d.place = f.decided_by");
    }
    if (there.contains('d') && has(name("delivery"), "stay") && has(name("message"), "stay")) {
      join('m', " AND m.stay = d.stay");
    }
    join('j', "");
    return select_list(name, there) + from;
  }

  // No row, but the columns.
  std::string nothing() const { return select_list({}, {}) + " WHERE false"; }

 private:
  char base_prefix() const {
    switch (table_) {
      case Table::kJourney:
        return 'j';
      case Table::kMessage:
        return 'm';
      case Table::kDelivery:
        return 'd';
      default:
        return 'f';
    }
  }
  bool has(const std::string& table, std::string_view column) const {
    const auto found = tables_.find(table);
    return found != tables_.end() && found->second.contains(column);
  }
  std::string select_list(const std::function<std::string(std::string_view)>& name, const std::set<char>& there) const {
    std::string list = "SELECT ";
    for (const RawColumn& raw : raws_) {
      if (list.size() > 7) list += ", ";
      const Table of = table_of(raw.prefix, table_);
      const bool is_kept = there.contains(raw.prefix) && has(name(name_of(of)), raw.name);
      list +=
          is_kept ? std::string(1, raw.prefix) + ".\"" + std::string(raw.name) + '"' : "NULL::" + type_of(of, raw.name);
      list += std::string(" AS \"") + raw.prefix + '_' + std::string(raw.name) + '"';
    }
    return list;
  }

  const Tables& tables_;
  const Table table_;
  const std::set<RawColumn>& raws_;
};

std::string view_sql(const Tables& tables, const std::vector<Day>& days, Table table,
                     const std::set<std::string>* names) {
  std::vector<const ViewColumn*> columns;
  for (const ViewColumn& column : view_columns(table)) {
    if (names == nullptr || names->contains(column.name)) columns.push_back(&column);
  }
  // A statement may name none, as `SELECT count(*)` does: the first costs little.
  if (columns.empty()) columns.push_back(&view_columns(table).front());
  std::set<RawColumn> raws;
  bool needs_sources = false;
  std::string list;
  for (const ViewColumn* column : columns) {
    raws.insert(column->raws.begin(), column->raws.end());
    needs_sources = needs_sources || column->needs_sources;
    list += (list.empty() ? "" : ", ") + column->sql + " AS \"" + column->name + '"';
  }
  const PlaceSelect select(tables, table, raws);
  std::string rows;
  for (const auto& place : places_of(days)) {
    const std::string of_place = select.text(place);
    if (of_place.empty()) continue;
    rows += (rows.empty() ? "" : " UNION ALL ") + of_place;
  }
  if (rows.empty()) rows = select.nothing();
  std::string sql =
      "CREATE OR REPLACE TEMP VIEW \"" + std::string(name_of(table)) + "\" AS SELECT " + list + " FROM (" + rows + ")";
  if (needs_sources) {
    sql +=
        " CROSS JOIN (SELECT map(coalesce(list(number), []), coalesce(list(name), [])) AS source_names FROM "
        "main.\"source\")";
  }
  return sql;
}

}  // namespace

std::optional<Table> view_of(std::string_view name) {
  for (std::size_t i = 0; i < kTables; ++i) {
    if (equals_ignoring_case(kTableNames[i], name)) return static_cast<Table>(i);
  }
  return std::nullopt;
}

Result<Done> make_views(const Connection& connection, const std::set<Table>& tables,
                        const std::set<std::string>* names) {
  const Result<Tables> kept = tables_of(connection);
  if (!kept.ok()) return kept.error();
  const Result<std::vector<Day>> days = settled_days(connection);
  if (!days.ok()) return days.error();
  for (const Table table : tables) {
    const Result<Done> made = connection.run(view_sql(*kept, *days, table, names));
    if (!made.ok()) return made.error();
  }
  return Done{};
}

Result<Done> make_views(const Connection& connection) {
  std::set<Table> all;
  for (std::size_t i = 0; i < kTables; ++i) all.insert(static_cast<Table>(i));
  return make_views(connection, all);
}

}  // namespace mailtrail::store::duckdb
