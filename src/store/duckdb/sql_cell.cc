#include "store/duckdb/sql_cell.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/text.h"
#include "store/duckdb/text_code.h"

namespace mailtrail::store::duckdb {
namespace {

__extension__ typedef unsigned __int128 Wide;

std::string wide_text(Wide value, bool negative) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string hugeint_text(const duckdb_hugeint& value) {
  const Wide bits = static_cast<Wide>(static_cast<std::uint64_t>(value.upper)) << 64 | value.lower;
  return wide_text(value.upper < 0 ? ~bits + 1 : bits, value.upper < 0);
}

std::string uhugeint_text(const duckdb_uhugeint& value) {
  return wide_text(static_cast<Wide>(value.upper) << 64 | value.lower, false);
}

std::string scaled(std::string digits, int scale) {
  if (scale == 0) return digits;
  const bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  const std::size_t places = static_cast<std::size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, ".");
  return negative ? '-' + digits : digits;
}

template <class Number>
void put_floating(Number value, SqlCell& cell) {
  if (!std::isfinite(value)) {
    cell.kind = SqlKind::kText;
    cell.text = std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
    return;
  }
  char digits[64];
  const auto [end, code] = std::to_chars(digits, digits + sizeof digits, value);
  cell.kind = SqlKind::kNumber;
  cell.text.assign(digits, end);
}

std::string two_digits(std::int64_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

// `10:41:07` or `10:41:07.102345`.
std::string clock_text(Micros time) {
  std::string text =
      two_digits(time / kHour) + ':' + two_digits(time / kMinute % 60) + ':' + two_digits(time / kSecond % 60);
  if (time % kSecond == 0) return text;
  const std::string micros = std::to_string(time % kSecond);
  return text + '.' + std::string(6 - micros.size(), '0') + micros;
}

std::string date_text(std::int32_t days) {
  if (days == INT32_MAX || days == -INT32_MAX) return days < 0 ? "-infinity" : "infinity";
  // Days of any year, without microseconds that would not fit (the civil calendar repeats every 400 years).
  constexpr std::int64_t kCycle = 146'097;
  std::int64_t cycles = days / kCycle, rest = days % kCycle;
  if (rest < 0) rest += kCycle, --cycles;
  const CivilTime civil = civil_from_micros(rest * kDay);
  const std::int64_t year = civil.year + cycles * 400;
  std::string digits = std::to_string(year < 0 ? -year : year);
  if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
  return (year < 0 ? "-" : "") + digits + '-' + two_digits(civil.month) + '-' + two_digits(civil.day);
}

std::string timestamp_text(Micros time) {
  if (time == INT64_MAX || time == -INT64_MAX) return time < 0 ? "-infinity" : "infinity";
  std::int64_t day = time / kDay, rest = time % kDay;
  if (rest < 0) rest += kDay, --day;
  return date_text(static_cast<std::int32_t>(day)) + 'T' + clock_text(rest);
}

std::string zoned_text(Micros time, const TimeZone& zone) {
  // What RFC 3339 can say: the years 0000 to 9999.
  constexpr Micros kLeast = days_from_civil(0, 1, 1) * kDay, kMost = days_from_civil(10000, 1, 1) * kDay - 1;
  if (time >= kLeast - kDay && time <= kMost + kDay) {
    const int offset = zone.offset_at(time);
    const Micros wall = time + offset * kMinute;
    if (wall >= kLeast && wall <= kMost) return format_rfc3339(time, offset);
  }
  const bool is_infinite = time == INT64_MAX || time == -INT64_MAX;
  return timestamp_text(time) + (is_infinite ? "" : "Z");
}

std::string interval_text(const duckdb_interval& value) {
  std::string text;
  const auto add = [&](std::int64_t count, const char* unit) {
    if (count == 0) return;
    text += (text.empty() ? "" : " ") + std::to_string(count) + ' ' + unit + (std::abs(count) == 1 ? "" : "s");
  };
  add(value.months / 12, "year");
  add(value.months % 12, "month");
  add(value.days, "day");
  if (value.micros == 0 && !text.empty()) return text;
  const std::uint64_t micros =
      value.micros < 0 ? 0 - static_cast<std::uint64_t>(value.micros) : static_cast<std::uint64_t>(value.micros);
  return text + (text.empty() ? "" : " ") + (value.micros < 0 ? "-" : "") +
         clock_text(static_cast<Micros>(std::min<std::uint64_t>(micros, INT64_MAX)));
}

std::string uuid_text(const duckdb_hugeint& value) {
  constexpr char kDigits[] = "0123456789abcdef";
  // It is kept with its first bit turned, so that it sorts.
  const std::uint64_t halves[] = {static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63), value.lower};
  std::string text;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    text += kDigits[halves[i / 16] >> (60 - 4 * (i % 16)) & 15];
  }
  return text;
}

std::string blob_text(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '\\') {
      text += c;
    } else {
      text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

bool is_nested(duckdb_type id) {
  return id == DUCKDB_TYPE_LIST || id == DUCKDB_TYPE_ARRAY || id == DUCKDB_TYPE_STRUCT || id == DUCKDB_TYPE_MAP;
}

// A type that is given back when it goes.
class OwnedType {
 public:
  explicit OwnedType(duckdb_logical_type type) : type_(type) {}
  OwnedType(const OwnedType&) = delete;
  OwnedType& operator=(const OwnedType&) = delete;
  ~OwnedType() { api().destroy_logical_type(&type_); }
  duckdb_logical_type get() const { return type_; }

 private:
  duckdb_logical_type type_;
};

std::string taken(char* text) {
  const std::string copy = text == nullptr ? "" : text;
  api().free(text);
  return copy;
}

Result<Done> add_part(CellType& type, duckdb_logical_type part, std::string_view column) {
  const OwnedType owned(part);
  Result<CellType> made = cell_type(owned.get(), column);
  if (!made.ok()) return made.error();
  type.parts.push_back(std::move(*made));
  return Done{};
}

}  // namespace

Result<CellType> cell_type(duckdb_logical_type logical, std::string_view column) {
  CellType type;
  type.id = api().get_type_id(logical);
  switch (type.id) {
    case DUCKDB_TYPE_DECIMAL:
      type.stored_as = api().decimal_internal_type(logical);
      type.scale = api().decimal_scale(logical);
      break;
    case DUCKDB_TYPE_ENUM:
      type.stored_as = api().enum_internal_type(logical);
      for (std::uint32_t i = 0; i < api().enum_dictionary_size(logical); ++i) {
        type.names.push_back(taken(api().enum_dictionary_value(logical, i)));
      }
      break;
    case DUCKDB_TYPE_LIST:
      if (auto done = add_part(type, api().list_type_child_type(logical), column); !done.ok()) return done.error();
      break;
    case DUCKDB_TYPE_ARRAY:
      type.length = api().array_type_array_size(logical);
      if (auto done = add_part(type, api().array_type_child_type(logical), column); !done.ok()) return done.error();
      break;
    case DUCKDB_TYPE_STRUCT:
      for (idx_t i = 0; i < api().struct_type_child_count(logical); ++i) {
        type.names.push_back(taken(api().struct_type_child_name(logical, i)));
        if (auto done = add_part(type, api().struct_type_child_type(logical, i), column); !done.ok())
          return done.error();
      }
      break;
    case DUCKDB_TYPE_MAP:
      if (auto done = add_part(type, api().map_type_key_type(logical), column); !done.ok()) return done.error();
      if (auto done = add_part(type, api().map_type_value_type(logical), column); !done.ok()) return done.error();
      break;
    case DUCKDB_TYPE_UNION:
    case DUCKDB_TYPE_BIT:
    case DUCKDB_TYPE_TIME_TZ:
    case DUCKDB_TYPE_TIME_NS:
    case DUCKDB_TYPE_BIGNUM:
    case DUCKDB_TYPE_ANY:
    case DUCKDB_TYPE_INVALID:
      return Error{"the values of column `" + printable(column) + "` cannot be shown", "",
                   "write CAST(... AS VARCHAR)"};
    default:
      break;
  }
  return type;
}

namespace {

template <class T>
const T& at(duckdb_vector vector, std::size_t row) {
  return static_cast<const T*>(api().vector_get_data(vector))[row];
}

// The text of a whole number, or nothing for another type.
std::optional<std::string> whole_text(duckdb_type id, duckdb_vector vector, std::size_t row) {
  switch (id) {
    case DUCKDB_TYPE_TINYINT:
      return std::to_string(at<std::int8_t>(vector, row));
    case DUCKDB_TYPE_SMALLINT:
      return std::to_string(at<std::int16_t>(vector, row));
    case DUCKDB_TYPE_INTEGER:
      return std::to_string(at<std::int32_t>(vector, row));
    case DUCKDB_TYPE_BIGINT:
      return std::to_string(at<std::int64_t>(vector, row));
    case DUCKDB_TYPE_UTINYINT:
      return std::to_string(at<std::uint8_t>(vector, row));
    case DUCKDB_TYPE_USMALLINT:
      return std::to_string(at<std::uint16_t>(vector, row));
    case DUCKDB_TYPE_UINTEGER:
      return std::to_string(at<std::uint32_t>(vector, row));
    case DUCKDB_TYPE_UBIGINT:
      return std::to_string(at<std::uint64_t>(vector, row));
    case DUCKDB_TYPE_HUGEINT:
      return hugeint_text(at<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_UHUGEINT:
      return uhugeint_text(at<duckdb_uhugeint>(vector, row));
    default:
      return std::nullopt;
  }
}

// The text of a value that is neither a number nor nested.
std::string plain_text(const CellType& type, duckdb_vector vector, std::size_t row, const TimeZone& zone) {
  switch (type.id) {
    case DUCKDB_TYPE_VARCHAR: {
      Arena arena;
      return std::string(decoded(text_of(at<duckdb_string_t>(vector, row)), arena));
    }
    case DUCKDB_TYPE_BLOB:
      return blob_text(text_of(at<duckdb_string_t>(vector, row)));
    case DUCKDB_TYPE_DATE:
      return date_text(at<std::int32_t>(vector, row));
    case DUCKDB_TYPE_TIME:
      return clock_text(at<std::int64_t>(vector, row));
    case DUCKDB_TYPE_TIMESTAMP:
      return timestamp_text(at<std::int64_t>(vector, row));
    case DUCKDB_TYPE_TIMESTAMP_S:
      return timestamp_text(at<std::int64_t>(vector, row) * kSecond);
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return timestamp_text(at<std::int64_t>(vector, row) * 1000);
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return timestamp_text(at<std::int64_t>(vector, row) / 1000);
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return zoned_text(at<std::int64_t>(vector, row), zone);
    case DUCKDB_TYPE_INTERVAL:
      return interval_text(at<duckdb_interval>(vector, row));
    case DUCKDB_TYPE_UUID:
      return uuid_text(at<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_ENUM: {
      const std::string number = whole_text(type.stored_as, vector, row).value_or("0");
      const std::size_t index = to_number<std::size_t>(number).value_or(0);
      return index < type.names.size() ? type.names[index] : number;
    }
    default:
      return {};
  }
}

bool is_null(duckdb_vector vector, std::size_t row) {
  const std::uint64_t* validity = api().vector_get_validity(vector);
  return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0;
}

void append_cell_json(const SqlCell& cell, std::string& out) {
  if (cell.kind == SqlKind::kNull) {
    out += "null";
  } else if (cell.kind == SqlKind::kText) {
    append_json_string(out, cell.text);
  } else {
    out += cell.text;
  }
}

}  // namespace

void CellReader::read(std::size_t row, SqlCell& cell) const {
  cell.text.clear();
  cell.kind = SqlKind::kNull;
  if (type_.id == DUCKDB_TYPE_SQLNULL || is_null(vector_, row)) return;
  if (is_nested(type_.id)) {
    cell.kind = SqlKind::kJson;
    append_json(row, cell.text);
  } else if (type_.id == DUCKDB_TYPE_BOOLEAN) {
    cell.kind = SqlKind::kBool;
    cell.text = at<bool>(vector_, row) ? "true" : "false";
  } else if (std::optional<std::string> whole = whole_text(type_.id, vector_, row)) {
    cell.kind = SqlKind::kNumber;
    cell.text = std::move(*whole);
  } else if (type_.id == DUCKDB_TYPE_DECIMAL) {
    cell.kind = SqlKind::kNumber;
    cell.text = scaled(whole_text(type_.stored_as, vector_, row).value_or("0"), type_.scale);
  } else if (type_.id == DUCKDB_TYPE_DOUBLE) {
    put_floating(at<double>(vector_, row), cell);
  } else if (type_.id == DUCKDB_TYPE_FLOAT) {
    put_floating(at<float>(vector_, row), cell);
  } else {
    cell.kind = SqlKind::kText;
    cell.text = plain_text(type_, vector_, row, zone_);
  }
}

void CellReader::append_json(std::size_t row, std::string& out) const {
  SqlCell cell;
  const auto append = [&](const CellReader& reader, std::size_t of) {
    reader.read(of, cell);
    append_cell_json(cell, out);
  };
  if (type_.id == DUCKDB_TYPE_STRUCT) {
    out += '{';
    for (std::size_t i = 0; i < type_.parts.size(); ++i) {
      if (i != 0) out += ',';
      append_json_string(out, type_.names[i]);
      out += ':';
      append(CellReader(type_.parts[i], api().struct_vector_get_child(vector_, i), zone_), row);
    }
    out += '}';
    return;
  }
  const bool is_array = type_.id == DUCKDB_TYPE_ARRAY;
  const duckdb_vector child = is_array ? api().array_vector_get_child(vector_) : api().list_vector_get_child(vector_);
  const duckdb_list_entry entry =
      is_array ? duckdb_list_entry{row * type_.length, type_.length} : at<duckdb_list_entry>(vector_, row);
  const bool is_map = type_.id == DUCKDB_TYPE_MAP;
  out += is_map ? '{' : '[';
  for (std::uint64_t i = 0; i < entry.length; ++i) {
    if (i != 0) out += ',';
    const std::size_t of = static_cast<std::size_t>(entry.offset + i);
    if (!is_map) {
      append(CellReader(type_.parts[0], child, zone_), of);
      continue;
    }
    // A key of JSON is a text.
    SqlCell key;
    CellReader(type_.parts[0], api().struct_vector_get_child(child, 0), zone_).read(of, key);
    append_json_string(out, key.text);
    out += ':';
    append(CellReader(type_.parts[1], api().struct_vector_get_child(child, 1), zone_), of);
  }
  out += is_map ? '}' : ']';
}

}  // namespace mailtrail::store::duckdb
