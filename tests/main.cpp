// The one main of all test programs, compiled once.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <support/folders.hpp>

#include <doctest/doctest.h>

std::filesystem::path codicom::test_support::source_folder() { return CODICOM_SOURCE_DIR; }
