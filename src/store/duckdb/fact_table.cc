#include "store/duckdb/fact_table.h"

#include <cstring>

#include "base/time.h"

namespace mailtrail::store::duckdb {
namespace {

namespace fact = model::fact;

struct ColumnLister {
  std::vector<Column>& columns;
  template <class T>
  void operator()(std::string_view name, const T& blank, fact::Role role = fact::Role::kPlain) const {
    Column& column = columns.emplace_back(Column{name, column_type<T>(), role});
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) std::memcpy(&column.blank, &blank, sizeof blank);
  }
};

template <class Fact>
std::vector<Column> list() {
  std::vector<Column> columns;
  const Fact fact{};
  duckdb::columns(KeptWith<Fact>{}, ColumnLister{columns});
  fact::columns(fact, ColumnLister{columns});
  return columns;
}

}  // namespace

std::string_view sql_type(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return "VARCHAR";
    case ColumnType::kTexts:
      return "VARCHAR[]";
    case ColumnType::kBool:
      return "BOOLEAN";
    case ColumnType::kUint8:
      return "UTINYINT";
    case ColumnType::kInt16:
      return "SMALLINT";
    case ColumnType::kUint16:
      return "USMALLINT";
    case ColumnType::kInt32:
      return "INTEGER";
    case ColumnType::kUint32:
      return "UINTEGER";
    case ColumnType::kInt64:
      return "BIGINT";
    case ColumnType::kUint64:
      return "UBIGINT";
    case ColumnType::kDouble:
      return "DOUBLE";
    case ColumnType::kLines:
      return "UBIGINT[]";
    case ColumnType::kBlob:
      return "BLOB";
  }
  return {};
}

const std::vector<Column>& columns_of(Table table) {
  static const std::array<std::vector<Column>, kTables> kColumns = {
      list<fact::Journey>(),    list<fact::Message>(),    list<fact::Delivery>(),  list<fact::Recipient>(),
      list<fact::AuthResult>(), list<fact::Verdict>(),    list<fact::Rejection>(), list<fact::Login>(),
      list<fact::Session>(),    list<fact::TlsSession>(), list<fact::Notice>(),    list<fact::Policy>(),
      list<fact::Gap>()};
  return kColumns[static_cast<std::size_t>(table)];
}

std::string day_table(std::string_view table, std::int64_t day) {
  std::string name(table);
  const std::int64_t least = days_from_civil(0, 1, 1), most = days_from_civil(9999, 12, 31);
  if (day < least || day > most) return name + "_d" + (day < 0 ? "m" : "") + std::to_string(day < 0 ? -day : day);
  const CivilTime civil = civil_from_micros(day * kDay);
  char text[16];
  std::snprintf(text, sizeof text, "_%04d%02d%02d", civil.year, civil.month, civil.day);
  return name + text;
}

std::string tail_table(std::string_view table) {
  return "tail_" + std::string(table);
}

std::string declaration(const Column& column) {
  return '"' + std::string(column.name) + "\" " + std::string(sql_type(column.type));
}

}  // namespace mailtrail::store::duckdb
