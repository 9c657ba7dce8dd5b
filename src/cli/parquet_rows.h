// ParquetRows: rows of a search as rows of a Parquet file.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "query/row.h"
#include "store/parquet.h"

namespace mailtrail::cli {

// The columns of query::columns(per) with their types: times as points in time, numbers as numbers, lists as lists of
// texts as query::append_row_values words them, all else as text.
std::vector<store::ParquetColumn> parquet_columns(query::Per per);

class ParquetRows {
 public:
  // `path` is written anew. `sources` name the inputs and MUST outlive it. Error: store::ParquetWriter::create says.
  static Result<ParquetRows> create(const std::string& path, query::Per per, const std::vector<std::string>& sources);

  void write(const query::Row& row);
  Result<Done> finish() { return writer_->finish(); }

 private:
  ParquetRows(std::unique_ptr<store::ParquetWriter> writer, query::Per per, const std::vector<std::string>& sources)
      : writer_(std::move(writer)), columns_(parquet_columns(per)), sources_(&sources) {}
  const std::vector<int>& fields_of(const model::Event& event);
  void write_event(const model::Event& event);
  void write_beside(std::string_view column, const model::Event& event);

  std::unique_ptr<store::ParquetWriter> writer_;
  std::vector<store::ParquetColumn> columns_;
  const std::vector<std::string>* sources_;
  std::array<std::vector<int>, model::kKindCount> event_fields_;  // by kind, made when the first of it comes
};

}  // namespace mailtrail::cli
