# mailtrail_bytes(FILE VARIABLE): the bytes of FILE (a path below the root) as the elements of a C++ array. Where FILE
# changes, CMake runs again.
function(mailtrail_bytes file variable)
  set(path ${CMAKE_SOURCE_DIR}/${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(READ ${path} bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  set(${variable} "${bytes}" PARENT_SCOPE)
endfunction()

# mailtrail_embed(TARGET FILE FUNCTION): builds FILE (a path below the root) into TARGET as
# `std::string_view mailtrail::cli::FUNCTION()`, declared by whoever uses it.
function(mailtrail_embed target file function)
  mailtrail_bytes(${file} bytes)
  set(out ${CMAKE_BINARY_DIR}/generated/embedded_${function}.cc)
  file(CONFIGURE OUTPUT ${out} CONTENT "// Made by cmake/embed.cmake from ${file}.
#include <string_view>
namespace mailtrail::cli {
std::string_view ${function}();
std::string_view ${function}() {
  static constexpr unsigned char kBytes[] = {
${bytes}
  };
  return {reinterpret_cast<const char*>(kBytes), sizeof kBytes};
}
}  // namespace mailtrail::cli
" @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()
