# Standalone Asio has no CMake project of its own. Take, in this order: a target asio::asio that is there already, a
# package named asio, the header where the compiler or CMAKE_PREFIX_PATH finds it (Asio_INCLUDE_DIR overrides).
if(NOT TARGET asio::asio)
  find_package(asio QUIET CONFIG)
endif()
if(NOT TARGET asio::asio)
  find_path(Asio_INCLUDE_DIR asio/awaitable.hpp PATH_SUFFIXES asio/include)
  if(NOT Asio_INCLUDE_DIR)
    message(FATAL_ERROR
      "codicom needs standalone Asio 1.22 or later. Debian and Ubuntu: apt-get install libasio-dev. "
      "Elsewhere: set Asio_INCLUDE_DIR to the folder that holds asio.hpp.")
  endif()
  mark_as_advanced(Asio_INCLUDE_DIR)
  add_library(asio::asio INTERFACE IMPORTED GLOBAL)
  # Implicit folders of the compiler (/usr/include) must not be named: -isystem would reorder the standard headers.
  if(NOT Asio_INCLUDE_DIR IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
    set_target_properties(asio::asio PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${Asio_INCLUDE_DIR}")
  endif()
endif()
