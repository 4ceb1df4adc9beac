# codicom::separate: the library with its bodies compiled once, for programs of many units. Built where it is used, with the
# options of that project, and only if something links it: link it in place of codicom::codicom in every unit of a program.
if(NOT TARGET codicom_separate)
  add_library(codicom_separate STATIC EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/separate.cpp)
  add_library(codicom::separate ALIAS codicom_separate)
  target_link_libraries(codicom_separate PUBLIC codicom::codicom)
  target_compile_definitions(codicom_separate PUBLIC CODICOM_SEPARATE_COMPILATION ASIO_SEPARATE_COMPILATION)
  set_target_properties(codicom_separate PROPERTIES CXX_EXTENSIONS OFF)
endif()
