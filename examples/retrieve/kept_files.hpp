#pragma once
#include <codicom/core/diagnosis.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/file/read_file.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <unordered_set>
#include <vector>

namespace tools {

enum class kept_state : std::uint8_t {
  whole,
  cut,    ///< its end is missing, or it is no Part 10 file
  other,  ///< another object
};

[[nodiscard]] inline kept_state look_at(const std::filesystem::path& file, const codicom::unique_id& instance) {
  try {
    const auto header = codicom::read_file_header(file);
    if (header.meta.media_storage_sop_instance_uid != instance) return kept_state::other;
  } catch (const std::system_error&) {
    return kept_state::cut;
  }
  try {
    const auto read = codicom::read_file(file);
    // Other departures from the standard came with the object, and would again.
    const bool cut = std::any_of(read.diagnoses.begin(), read.diagnoses.end(), [](const codicom::diagnosis& each) {
      return each.what == codicom::deviation::truncated_value || each.what == codicom::deviation::trailing_bytes;
    });
    return cut ? kept_state::cut : kept_state::whole;
  } catch (const std::system_error& error) {
    return error.code() == codicom::errc::truncated ? kept_state::cut : kept_state::whole;
  }
}

/// What lies below the folder of some objects, each as `<SOP Instance UID>.dcm`.
class kept_files {
 public:
  kept_files() = default;
  kept_files(const std::filesystem::path& folder, const std::unordered_set<codicom::unique_id>& wanted);

  std::unordered_set<codicom::unique_id> whole;
  std::vector<std::filesystem::path> cut;
};

inline kept_files::kept_files(const std::filesystem::path& folder, const std::unordered_set<codicom::unique_id>& wanted) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::recursive_directory_iterator each{folder, fs::directory_options::skip_permission_denied, error};
       !error && each != fs::recursive_directory_iterator{}; each.increment(error)) {
    const auto& path = each->path();
    if (path.extension() != ".dcm") continue;
    const codicom::unique_id name{path.stem().string()};
    if (!wanted.contains(name)) continue;
    const auto state = look_at(path, name);
    if (state == kept_state::whole) whole.insert(name);
    if (state == kept_state::cut) cut.push_back(path);
  }
}

}  // namespace tools
