// The functions of DuckDB's C API that the store calls, loaded on first use: 60 MB of library are not loaded by the
// commands that need no store.
#pragma once

#include <duckdb.h>

#include "base/result.h"

namespace mailtrail::store::duckdb {

// Every function that is called, without `duckdb_`. One list: the table and its loading are made from it.
// It would indent each line further than the one before.
// clang-format off
#define MAILTRAIL_DUCKDB_FUNCTIONS(F) \
  F(append_data_chunk) F(appender_close) F(appender_create) F(appender_destroy) F(appender_error) \
  F(appender_flush) F(bind_blob) F(bind_boolean) F(bind_double) F(bind_int64) F(bind_null) \
  F(bind_timestamp_tz) F(bind_uint64) F(bind_varchar_length) F(close) F(column_count) F(column_name) \
  F(connect) F(create_config) F(create_data_chunk) F(create_list_type) F(create_logical_type) \
  F(data_chunk_get_column_count) F(data_chunk_get_size) F(data_chunk_get_vector) F(data_chunk_reset) \
  F(data_chunk_set_size) F(destroy_config) F(destroy_data_chunk) F(destroy_logical_type) F(destroy_prepare) \
  F(destroy_result) F(disconnect) F(execute_prepared) F(fetch_chunk) F(free) F(library_version) \
  F(list_vector_get_child) F(list_vector_get_size) F(list_vector_reserve) F(list_vector_set_size) F(open_ext) \
  F(prepare) F(prepare_error) F(query) F(result_error) F(result_error_type) F(set_config) \
  F(vector_reference_vector) F(vector_ensure_validity_writable) F(vector_get_data) F(vector_get_validity)
// clang-format on

struct Api {
#define MAILTRAIL_DUCKDB_MEMBER(name) decltype(&::duckdb_##name) name = nullptr;
  MAILTRAIL_DUCKDB_FUNCTIONS(MAILTRAIL_DUCKDB_MEMBER)
#undef MAILTRAIL_DUCKDB_MEMBER
};

// Loads the library, once a process: the first call decides. Thread-safe.
Result<Done> load_api();

// The functions. MUST NOT be called before load_api() has succeeded.
const Api& api();

}  // namespace mailtrail::store::duckdb
