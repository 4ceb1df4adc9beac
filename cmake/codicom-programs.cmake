# Settings of our own programs; the library hands none of them on.

add_library(codicom_program_settings INTERFACE)
# g++ 12 takes the operators new and delete of Asio's coroutine frames for a mismatch when it inlines one of them only.
target_compile_options(codicom_program_settings INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>
  $<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-Wall;-Wextra;-Wpedantic;-Wconversion>
  $<$<CXX_COMPILER_ID:MSVC>:/W4;/permissive->
  $<$<AND:$<BOOL:${CODICOM_WERROR}>,$<CXX_COMPILER_ID:GNU,Clang,AppleClang>>:-Werror>)

add_library(codicom_program INTERFACE)
target_link_libraries(codicom_program INTERFACE codicom_program_settings codicom::separate)

# A program NAME of the given sources, in <build>/bin.
function(codicom_add_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE codicom_program)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()

# Found here, in the scope of the whole project: the tests link what the examples link.
if(CODICOM_BUILD_EXAMPLES)
  find_package(CLI11 REQUIRED)
  find_package(fmt REQUIRED)
  find_package(spdlog REQUIRED)
  find_package(nlohmann_json REQUIRED)
  find_package(PNG REQUIRED)
  find_package(SQLite3 REQUIRED)
endif()
