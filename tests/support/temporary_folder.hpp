#pragma once
// A folder of one's own, gone with this object.
#include <codicom/core/generate_uid.hpp>

#include <filesystem>

namespace codicom::test_support {

class temporary_folder {
 public:
  temporary_folder() : path_{std::filesystem::temp_directory_path() / ("codicom_" + generate_uid().str())} {
    std::filesystem::create_directory(path_);
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace codicom::test_support
