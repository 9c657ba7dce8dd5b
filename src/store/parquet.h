// ParquetWriter: rows of typed columns into one Parquet file.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace mailtrail::store {

enum class ParquetType : std::uint8_t {
  kText,     // string
  kTexts,    // list of strings
  kInteger,  // 64 bits
  kDouble,
  kBool,
  kTime,  // microseconds, UTC (isAdjustedToUTC)
};
// The name of the type in SQL.
std::string_view parquet_type_name(ParquetType type);

struct ParquetColumn {
  std::string name;
  ParquetType type = ParquetType::kText;
};

// Rows are kept in bounded memory, beyond it in a folder beside the file that goes away with the writer; the file is
// written by `finish`, with zstd. Each row is one call a column, in their order, of the column's type or `null`; then
// `end_row`. What fails on the way is told by `finish`. Not thread-safe.
class ParquetWriter {
 public:
  // `path` is written anew, in place. Error: the database library is missing.
  static Result<std::unique_ptr<ParquetWriter>> create(const std::string& path, std::span<const ParquetColumn> columns);
  virtual ~ParquetWriter() = default;

  // May be any bytes: what is no UTF-8, and each of the last private characters (U+10FF00 and above), becomes U+FFFD.
  virtual void text(std::string_view value) = 0;
  virtual void texts(std::span<const std::string_view> values) = 0;
  virtual void integer(std::int64_t value) = 0;
  virtual void number(double value) = 0;
  virtual void flag(bool value) = 0;
  virtual void time(Micros value) = 0;
  virtual void null() = 0;
  virtual void end_row() = 0;
  // Writes the file. Error: it cannot be written, such as a full disk; what stands there then is no whole file.
  virtual Result<Done> finish() = 0;
};

}  // namespace mailtrail::store
