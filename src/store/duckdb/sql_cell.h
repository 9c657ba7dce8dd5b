// CellReader: values of any column of a result, as cells.
#pragma once

#include <string>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "base/time_zone.h"
#include "store/duckdb/connection.h"
#include "store/sql.h"

namespace mailtrail::store::duckdb {

// What a column holds, as far as its values are told by it.
struct CellType {
  duckdb_type id = DUCKDB_TYPE_INVALID;
  duckdb_type stored_as = DUCKDB_TYPE_INVALID;  // of a DECIMAL or an ENUM
  int scale = 0;                                // of a DECIMAL
  std::uint64_t length = 0;                     // of an ARRAY
  std::vector<std::string> names;               // of the parts of a STRUCT; the words of an ENUM
  std::vector<CellType> parts;                  // of a LIST, ARRAY, STRUCT or MAP (key, value)
};

// The type of a column. Error: one whose values cannot be shown, with what to cast it to.
Result<CellType> cell_type(duckdb_logical_type type, std::string_view column);

// Reads the values of one column of one chunk; points in time are shown in `zone`, which MUST outlive it. Texts are
// told as they were logged (text_code.h).
class CellReader {
 public:
  CellReader(const CellType& type, duckdb_vector vector, const TimeZone& zone)
      : type_(type), vector_(vector), zone_(zone) {}
  void read(std::size_t row, SqlCell& cell) const;

 private:
  void append_json(std::size_t row, std::string& out) const;

  const CellType& type_;
  duckdb_vector vector_;
  const TimeZone& zone_;
};

}  // namespace mailtrail::store::duckdb
