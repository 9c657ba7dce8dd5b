# mailtrail_dialect_registry(TARGET): writes the table of src/dialect/NAME.cc into a source of TARGET.
# Each such file defines `const Dialect& NAME_dialect();`. dialect.cc is the interface's own file.
function(mailtrail_dialect_registry target)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/dialect/*.cc)
  set(declarations "")
  set(entries "")
  set(count 0)
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    if(NOT name STREQUAL "dialect")
      string(APPEND declarations "const Dialect& ${name}_dialect();\n")
      math(EXPR count "${count} + 1")
      string(APPEND entries "    &${name}_dialect(),\n")
    endif()
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/generated/dialect_registry.cc)
  file(CONFIGURE OUTPUT ${out} CONTENT "// Made by cmake/registry.cmake from the names of src/dialect/*.cc.
#include <array>

#include \"dialect/dialect.h\"
namespace mailtrail::dialect {
${declarations}
std::span<const Dialect* const> all_dialects() {
  static const std::array<const Dialect*, ${count}> kDialects = {
${entries}  };
  return kDialects;
}
}  // namespace mailtrail::dialect
" @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()

# mailtrail_report_registry(TARGET): builds the files src/query/reports/NAME.report into TARGET as
# query::shipped_reports(), sorted by name.
function(mailtrail_report_registry target)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/query/reports/*.report)
  list(SORT files)
  set(arrays "")
  set(entries "")
  foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    mailtrail_bytes(src/query/reports/${name}.report bytes)
    string(APPEND arrays "constexpr unsigned char k_${name}[] = {\n${bytes}\n};\n")
    string(APPEND entries "      {\"${name}\", text(k_${name}, sizeof k_${name})},\n")
  endforeach()
  set(out ${CMAKE_BINARY_DIR}/generated/report_registry.cc)
  file(CONFIGURE OUTPUT ${out} CONTENT "// Made by cmake/registry.cmake from src/query/reports/*.report.
#include <vector>

#include \"query/report_file.h\"
namespace mailtrail::query {
namespace {
${arrays}
std::string_view text(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}
}  // namespace
std::span<const ShippedReport> shipped_reports() {
  static const std::vector<ShippedReport> kReports = {
${entries}  };
  return kReports;
}
}  // namespace mailtrail::query
" @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()
