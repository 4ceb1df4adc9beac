#pragma once
// A name for a file of one test.
#include <filesystem>
#include <string>
#include <unistd.h>

namespace codicom::test_support {

/// A path in the system's temporary folder that no other process uses. What is there goes away with this object.
class temporary_path {
 public:
  explicit temporary_path(const char* name)
      : path_{std::filesystem::temp_directory_path() / ("codicom-" + std::to_string(::getpid()) + '-' + name)} {}
  ~temporary_path() { std::filesystem::remove(path_); }
  temporary_path(const temporary_path&) = delete;
  temporary_path& operator=(const temporary_path&) = delete;

  [[nodiscard]] const std::filesystem::path& get() const noexcept { return path_; }
  operator const std::filesystem::path&() const noexcept { return path_; }  // NOLINT

 private:
  std::filesystem::path path_;
};

}  // namespace codicom::test_support
