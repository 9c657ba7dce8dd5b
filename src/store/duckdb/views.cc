#include "store/duckdb/views.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>

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

// Names the table of a kind in one place: a day, or the tail.
struct Place {
  std::function<std::string(std::string_view kind)> table;
  bool is_tail = false;
};

std::vector<Place> places_of(const std::vector<Day>& days) {
  std::vector<Place> places;
  for (const Day& day : days) {
    places.push_back({[number = day.number](std::string_view kind) { return day_table(kind, number); }});
  }
  places.push_back({[](std::string_view kind) { return tail_table(kind); }, true});
  return places;
}

std::string type_of(Table table, std::string_view name) {
  if (name == "no") return "BIGINT";
  for (const Column& column : columns_of(table)) {
    if (column.name == name) return std::string(sql_type(column.type));
  }
  return "BIGINT";
}

// The rows of a view as they are kept, of some places: those of its facts, and of what they belong to, joined by the
// fact's number.
class RowSource {
 public:
  RowSource(const Tables& tables, std::span<const Place> places, Table table, std::set<RawColumn> raws)
      : tables_(tables), places_(places), table_(table), raws_(std::move(raws)) {}

  std::string text() {
    const char base = base_prefix(table_);
    const bool takes_delivery = table_ == Table::kRecipient && wants('d');
    const bool takes_message = table_ != Table::kMessage && wants('m');
    if (takes_delivery) raws_.insert({{'f', "decided_by"}, {'d', "place"}});
    if (takes_message) raws_.insert({{'d', "stay"}, {'m', "stay"}});
    std::string from = "(" + rows_of(base) + ") " + base;
    const auto join = [&](char prefix, const std::string& condition) {
      from += std::string(" LEFT JOIN (") + rows_of(prefix) + ") " + prefix + " ON " + prefix + ".no = " + base +
              ".no AND " + prefix + ".tail = " + base + ".tail" + condition;
    };
    if (takes_delivery) join('d', " AND d.d_place = f.f_decided_by");
    if (takes_message) join('m', " AND m.m_stay = d.d_stay");
    if (base != 'j' && wants('j')) join('j', "");
    return from;
  }

  // The prefix under which the view's own table stands.
  static char base_prefix(Table table) {
    switch (table) {
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

 private:
  bool wants(char prefix) const {
    return std::any_of(raws_.begin(), raws_.end(), [&](const RawColumn& raw) { return raw.prefix == prefix; });
  }
  // All rows of the table of a prefix. Facts of the tail have numbers of their own.
  std::string rows_of(char prefix) const {
    const Table kind = table_of(prefix, table_);
    std::string rows;
    for (const Place& place : places_) {
      const auto found = tables_.find(place.table(name_of(kind)));
      if (found == tables_.end()) continue;
      rows += (rows.empty() ? "" : " UNION ALL ") + select_list(prefix, kind, found->second, place.is_tail) +
              " FROM main.\"" + found->first + '"';
    }
    return rows.empty() ? select_list(prefix, kind, {}, false) + " WHERE false" : rows;
  }
  std::string select_list(char prefix, Table kind, const Columns& there, bool is_tail) const {
    std::string list = std::string("SELECT ") + (there.contains("no") ? "no" : "NULL::BIGINT AS no") +
                       (is_tail ? ", true AS tail" : ", false AS tail");
    for (const RawColumn& raw : raws_) {
      if (raw.prefix != prefix) continue;
      list += ", ";
      list += there.contains(raw.name) ? '"' + std::string(raw.name) + '"' : "NULL::" + type_of(kind, raw.name);
      list += std::string(" AS \"") + prefix + '_' + std::string(raw.name) + '"';
    }
    return list;
  }

  const Tables& tables_;
  const std::span<const Place> places_;
  const Table table_;
  std::set<RawColumn> raws_;
};

// A column that is read from the view's own table alone: what is counted where a statement names none.
const ViewColumn* cheapest(Table table) {
  for (const ViewColumn& column : view_columns(table)) {
    const bool own = std::all_of(column.raws.begin(), column.raws.end(),
                                 [&](const RawColumn& raw) { return raw.prefix == RowSource::base_prefix(table); });
    if (own && !column.needs_sources && !column.type.ends_with(']') && column.type != "VARCHAR") return &column;
  }
  return &view_columns(table).front();
}

// The columns of a view that a statement gets.
struct Selected {
  std::string list;
  std::set<RawColumn> raws;
  bool needs_sources = false;
  bool joins = false;  // they do not stand in the view's own table alone
};

Selected select(Table table, const std::set<std::string>* names) {
  std::vector<const ViewColumn*> columns;
  for (const ViewColumn& column : view_columns(table)) {
    if (names == nullptr || names->contains(column.name)) columns.push_back(&column);
  }
  if (columns.empty()) columns.push_back(cheapest(table));
  Selected selected;
  for (const ViewColumn* column : columns) {
    selected.raws.insert(column->raws.begin(), column->raws.end());
    selected.needs_sources = selected.needs_sources || column->needs_sources;
    selected.list += (selected.list.empty() ? "" : ", ") + column->sql + " AS \"" + column->name + '"';
  }
  for (const RawColumn& raw : selected.raws) {
    selected.joins = selected.joins || raw.prefix != RowSource::base_prefix(table);
  }
  return selected;
}

std::string select_sql(const Tables& tables, std::span<const Place> places, Table table, const Selected& selected) {
  std::string sql = "SELECT " + selected.list + " FROM " + RowSource(tables, places, table, selected.raws).text();
  if (selected.needs_sources) {
    sql +=
        " CROSS JOIN (SELECT map(coalesce(list(number), []), coalesce(list(name), [])) AS source_names FROM "
        "main.\"source\")";
  }
  return sql;
}

// Rows of each table, about.
Result<std::map<std::string, std::int64_t>> sizes_of(const Connection& connection) {
  Result<Rows> rows =
      connection.rows("SELECT table_name, coalesce(estimated_size, 0)::BIGINT FROM duckdb_tables() WHERE NOT internal");
  if (!rows.ok()) return rows.error();
  std::map<std::string, std::int64_t> sizes;
  while (Chunk chunk = rows->next()) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) {
      sizes[std::string(chunk.text(0, row))] = chunk.data<std::int64_t>(1)[row];
    }
  }
  return sizes;
}

// Fills a table with the rows of a view, some places at a time: one join over all of them would need memory for all,
// and so would many small additions, each of which takes blocks of its own.
Result<Done> fill(const Connection& connection, const Tables& tables, std::span<const Place> places, Table table,
                  const Selected& selected) {
  constexpr std::int64_t kMostRows = 400'000;
  constexpr std::size_t kMostPlaces = 8;
  const Result<std::map<std::string, std::int64_t>> sizes = sizes_of(connection);
  if (!sizes.ok()) return sizes.error();
  const std::string name = '"' + std::string(name_of(table)) + '"';
  Result<Done> done =
      connection.run("CREATE TEMP TABLE " + name + " AS " + select_sql(tables, {}, table, selected) + " LIMIT 0");
  for (std::size_t begin = 0; begin < places.size() && done.ok();) {
    std::size_t end = begin;
    for (std::int64_t rows = 0; end < places.size() && end - begin < kMostPlaces; ++end) {
      const auto size = sizes->find(places[end].table(name_of(table)));
      rows += size == sizes->end() ? 0 : size->second;
      if (rows > kMostRows && end > begin) break;
    }
    const std::span<const Place> some = places.subspan(begin, end - begin);
    // Several tables in one stream: each would else take blocks of its own in the one that is filled.
    const std::string rows = select_sql(tables, some, table, selected);
    done = connection.run("INSERT INTO temp." + name + ' ' +
                          (some.size() == 1 ? rows : "WITH rows AS MATERIALIZED (" + rows + ") FROM rows"));
    begin = end;
  }
  return done;
}

}  // namespace

std::optional<Table> view_of(std::string_view name) {
  for (std::size_t i = 0; i < kTables; ++i) {
    if (equals_ignoring_case(kTableNames[i], name)) return static_cast<Table>(i);
  }
  return std::nullopt;
}

Result<Done> make_views(const Connection& connection, const std::set<Table>& tables, const std::set<std::string>* names,
                        bool filled) {
  const Result<Tables> kept = tables_of(connection);
  if (!kept.ok()) return kept.error();
  const Result<std::vector<Day>> days = settled_days(connection);
  if (!days.ok()) return days.error();
  const std::vector<Place> places = places_of(*days);
  for (const Table table : tables) {
    const Selected selected = select(table, names);
    const Result<Done> made = filled && selected.joins
                                  ? fill(connection, *kept, places, table, selected)
                                  : connection.run("CREATE OR REPLACE TEMP VIEW \"" + std::string(name_of(table)) +
                                                   "\" AS " + select_sql(*kept, places, table, selected));
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
