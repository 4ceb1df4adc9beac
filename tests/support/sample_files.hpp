#pragma once
// The sample files of data_folder(), for tests of whatever there is.
#include "folders.hpp"

#include <algorithm>
#include <cstddef>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <ios>
#include <vector>

namespace codicom::test_support {

[[nodiscard]] inline std::filesystem::path sample_folder() { return data_folder() / "dicom"; }

/// Whether there are any; says 'skipped' when not.
[[nodiscard]] inline bool has_samples() {
  if (std::filesystem::is_directory(sample_folder())) return true;
  MESSAGE("skipped: no sample files in ", sample_folder().string());
  return false;
}

/// All of them, sorted, without the tables and texts that describe them.
[[nodiscard]] inline std::vector<std::filesystem::path> sample_files() {
  std::vector<std::filesystem::path> files;
  if (!has_samples()) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{sample_folder()})
    if (entry.is_regular_file() && entry.path().extension() != ".tsv" && entry.path().extension() != ".md")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

[[nodiscard]] inline std::vector<std::byte> contents(const std::filesystem::path& path) {
  std::vector<std::byte> bytes;
  std::ifstream file{path, std::ios::binary | std::ios::ate};
  if (!file) return bytes;
  bytes.resize(static_cast<std::size_t>(file.tellg()));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

}  // namespace codicom::test_support
