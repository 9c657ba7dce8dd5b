// The tables that facts are kept in: one a kind of fact, made from the columns of model/fact_columns.h.
//
//   Text                VARCHAR, NULL where empty (text_code.h)      Texts           VARCHAR[]
//   an enum             UTINYINT, its number in the vocabulary       bool            BOOLEAN
//   time, number        BIGINT (microseconds UTC), as wide as is     key             UBIGINT
//   a line              UBIGINT: source << 40 | line                 lines           UBIGINT[]
//   steps, commands     BLOB (list_code.h)                           a double        DOUBLE
//
// Before these stands `no`: the number of the fact, given in the order of telling; the parts of a journey have its
// number, and columns that say what is left out of them (kept_journey.h).
//
// A table has only the columns in which some fact of it says something: most logs leave many empty, and each costs time
// and space. One that is not there is blank in every row; it is added when a fact first needs it, and NULL in the rows
// of before. So an older file needs nothing where a kind of fact has got a new column.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/fact_columns.h"
#include "store/duckdb/kept_journey.h"

namespace mailtrail::store::duckdb {

enum class Table : std::uint8_t {
  kJourney,
  kMessage,
  kDelivery,
  kRecipient,
  kAuthResult,
  kVerdict,
  kRejection,
  kLogin,
  kSession,
  kTls,
  kNotice,
  kPolicy,
  kGap,
};
inline constexpr std::size_t kTables = 13;
inline constexpr std::array<std::string_view, kTables> kTableNames = {
    "journey", "message", "delivery", "recipient", "auth_result", "verdict", "rejection",
    "login",   "session", "tls",      "notice",    "policy",      "gap"};

enum class ColumnType : std::uint8_t {
  kText,
  kTexts,
  kBool,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kDouble,
  kLines,
  kBlob,
};

// The name of the type in SQL.
std::string_view sql_type(ColumnType type);

// The type that a member of a fact is kept as.
template <class T>
constexpr ColumnType column_type() {
  using model::Text;
  if constexpr (std::is_same_v<T, Text>) {
    return ColumnType::kText;
  } else if constexpr (std::is_same_v<T, model::Texts>) {
    return ColumnType::kTexts;
  } else if constexpr (std::is_same_v<T, bool>) {
    return ColumnType::kBool;
  } else if constexpr (std::is_enum_v<T> || std::is_same_v<T, std::uint8_t>) {
    return ColumnType::kUint8;
  } else if constexpr (std::is_same_v<T, std::int16_t>) {
    return ColumnType::kInt16;
  } else if constexpr (std::is_same_v<T, std::uint16_t>) {
    return ColumnType::kUint16;
  } else if constexpr (std::is_same_v<T, std::int32_t>) {
    return ColumnType::kInt32;
  } else if constexpr (std::is_same_v<T, std::uint32_t>) {
    return ColumnType::kUint32;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return ColumnType::kInt64;
  } else if constexpr (std::is_same_v<T, std::uint64_t> || std::is_same_v<T, model::LineRef>) {
    return ColumnType::kUint64;
  } else if constexpr (std::is_same_v<T, double>) {
    return ColumnType::kDouble;
  } else if constexpr (std::is_same_v<T, std::span<const model::LineRef>>) {
    return ColumnType::kLines;
  } else if constexpr (std::is_same_v<T, std::span<const model::fact::Step>> ||
                       std::is_same_v<T, std::span<const model::CommandCount>>) {
    return ColumnType::kBlob;
  } else {
    return column_type<typename T::value_type>();  // an optional
  }
}

struct Column {
  std::string_view name;
  ColumnType type;
  model::fact::Role role = model::fact::Role::kPlain;
  // The bytes of a number that the fact has before anything is known of it; texts and lists are then empty.
  std::uint64_t blank = 0;
};

// The columns of a kind of fact, `no` aside.
const std::vector<Column>& columns_of(Table table);

// A line as it is kept, and back.
inline constexpr int kLineBits = 40;
inline std::uint64_t line_code(const model::LineRef& line) {
  return static_cast<std::uint64_t>(line.source) << kLineBits | line.line;
}
inline model::LineRef line_of(std::uint64_t code) {
  model::LineRef line;
  line.source = static_cast<std::uint32_t>(code >> kLineBits);
  line.line = code & ((std::uint64_t{1} << kLineBits) - 1);
  return line;
}

// The name of the table of a kind for a day (days since 1970-01-01): `journey_20261123`; days before the year 0 and
// behind 9999 are `journey_dNUMBER`.
std::string day_table(std::string_view table, std::int64_t day);
// `tail_journey`.
std::string tail_table(std::string_view table);

// `"NAME" TYPE`, as a column is declared.
std::string declaration(const Column& column);

}  // namespace mailtrail::store::duckdb
