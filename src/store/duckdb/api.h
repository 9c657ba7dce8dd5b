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
  F(array_type_array_size) F(array_type_child_type) F(array_vector_get_child) F(bind_add_result_column) \
  F(bind_blob) F(bind_boolean) F(bind_double) F(bind_int64) F(bind_null) F(bind_set_bind_data) \
  F(bind_set_error) F(bind_timestamp_tz) F(bind_uint64) F(bind_varchar_length) F(close) F(column_count) \
  F(column_logical_type) F(column_name) F(connect) F(create_config) F(create_data_chunk) \
  F(create_list_type) F(create_logical_type) F(create_table_function) F(data_chunk_get_column_count) \
  F(data_chunk_get_size) F(data_chunk_get_vector) F(data_chunk_reset) F(data_chunk_set_size) \
  F(decimal_internal_type) F(decimal_scale) F(destroy_config) F(destroy_data_chunk) \
  F(destroy_logical_type) F(destroy_prepare) F(destroy_result) F(destroy_table_function) F(disconnect) \
  F(enum_dictionary_size) F(enum_dictionary_value) F(enum_internal_type) F(execute_prepared) \
  F(execute_prepared_streaming) F(fetch_chunk) F(free) F(function_get_bind_data) F(get_type_id) \
  F(interrupt) F(library_version) F(list_type_child_type) F(list_vector_get_child) F(list_vector_get_size) \
  F(list_vector_reserve) F(list_vector_set_size) F(map_type_key_type) F(map_type_value_type) F(open_ext) \
  F(prepare) F(prepare_error) F(prepared_statement_type) F(query) F(register_table_function) \
  F(result_error) F(result_error_type) F(set_config) F(struct_type_child_count) F(struct_type_child_name) \
  F(struct_type_child_type) F(struct_vector_get_child) F(table_function_set_bind) \
  F(table_function_set_function) F(table_function_set_init) F(table_function_set_name) \
  F(vector_ensure_validity_writable) F(vector_get_data) F(vector_get_validity) F(vector_reference_vector)
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
