# The folder table: each folder of src/ is a target, and may link only what stands here.
# scripts/check_layers.py reads the same lines, so that an #include cannot go round it.
#
# mailtrail_layer(FOLDER ALLOWED...): the sources of src/FOLDER become the target mt_FOLDER.
function(mailtrail_layer folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(sources)
    add_library(mt_${folder} STATIC ${sources})
    target_link_libraries(mt_${folder} PUBLIC mailtrail_options)
    target_include_directories(mt_${folder} PUBLIC ${CMAKE_SOURCE_DIR}/src ${CMAKE_BINARY_DIR}/generated)
    set(scope PUBLIC)
  else()
    add_library(mt_${folder} INTERFACE)
    target_link_libraries(mt_${folder} INTERFACE mailtrail_options)
    target_include_directories(mt_${folder} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    set(scope INTERFACE)
  endif()
  foreach(layer ${ARGN})
    target_link_libraries(mt_${folder} ${scope} mt_${layer})
  endforeach()
endfunction()

# mailtrail_uses(FOLDER LIBRARY...): libraries of third parties that src/FOLDER is built on.
function(mailtrail_uses folder)
  get_target_property(type mt_${folder} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    target_link_libraries(mt_${folder} INTERFACE ${ARGN})
  else()
    target_link_libraries(mt_${folder} PUBLIC ${ARGN})
  endif()
endfunction()
