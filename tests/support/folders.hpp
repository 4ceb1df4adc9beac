#pragma once
// Where the project and the sample data lie.
#include <cstdlib>
#include <filesystem>

namespace codicom::test_support {

/// The root of the project. Compiled into main.cpp alone, so that no other object depends on where the project lies.
[[nodiscard]] std::filesystem::path source_folder();

/// CODICOM_TEST_DATA, or `shared/data` beside the project. Need not exist.
[[nodiscard]] inline std::filesystem::path data_folder() {
  const char* set = std::getenv("CODICOM_TEST_DATA");
  return set != nullptr && *set != '\0' ? std::filesystem::path{set} : source_folder().parent_path() / "shared" / "data";
}

}  // namespace codicom::test_support
