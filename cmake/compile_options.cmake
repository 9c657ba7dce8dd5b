# Warnings, sanitizers and link options that every target shares.
add_library(mailtrail_options INTERFACE)
target_compile_options(mailtrail_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Werror -fno-omit-frame-pointer -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 reports these from inside the standard library's own headers at -O2.
  target_compile_options(mailtrail_options INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-maybe-uninitialized
    -Wno-array-bounds -Wno-stringop-overread -Wno-missing-field-initializers)
else()
  target_compile_options(mailtrail_options INTERFACE -Wno-missing-field-initializers)
endif()
if(MAILTRAIL_SANITIZE)
  target_compile_options(mailtrail_options INTERFACE -fsanitize=${MAILTRAIL_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(mailtrail_options INTERFACE -fsanitize=${MAILTRAIL_SANITIZE})
endif()
find_program(MAILTRAIL_CCACHE ccache)
if(MAILTRAIL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MAILTRAIL_CCACHE})
endif()
find_program(MAILTRAIL_LLD NAMES ld.lld ld.lld-14)
if(MAILTRAIL_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_link_options(mailtrail_options INTERFACE -fuse-ld=lld)
endif()
