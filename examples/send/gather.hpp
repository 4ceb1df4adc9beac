#pragma once
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <glob.h>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tools {

/// A file that may be sent.
class found_file {
 public:
  explicit found_file(std::filesystem::path where, bool was_named = false) : path{std::move(where)}, named{was_named} {}

  std::filesystem::path path;
  bool named;  ///< by itself, and not by its folder or a pattern
};

/// Every file that the arguments name: files, folders with all that lies below, patterns like 'ct/*.dcm' where no file is
/// called so. In order of names within each; hidden files and folders are left out unless named.
/// @throws std::invalid_argument for one that names nothing, for a person.
[[nodiscard]] inline std::vector<found_file> gather(const std::vector<std::string>& names) {
  namespace fs = std::filesystem;
  const auto hidden = [](const fs::path& path) { return path.filename().string().starts_with('.'); };
  std::vector<found_file> files;
  const auto add_folder = [&](const fs::path& folder) {
    std::vector<fs::path> below;
    fs::recursive_directory_iterator each{folder, fs::directory_options::skip_permission_denied};
    for (; each != fs::recursive_directory_iterator{}; ++each) {
      if (hidden(each->path())) each.disable_recursion_pending();
      else if (each->is_regular_file()) below.push_back(each->path());
    }
    std::sort(below.begin(), below.end());
    for (auto& path : below) files.emplace_back(std::move(path));
  };
  for (const auto& name : names) {
    std::error_code ignored;
    if (fs::is_directory(name, ignored)) {
      add_folder(name);
    } else if (fs::exists(name, ignored)) {
      files.emplace_back(name, true);
    } else {
      glob_t matches{};
      const auto found = ::glob(name.c_str(), 0, nullptr, &matches) == 0;
      for (std::size_t i = 0; found && i < matches.gl_pathc; ++i) {
        if (fs::is_directory(matches.gl_pathv[i], ignored)) add_folder(matches.gl_pathv[i]);
        else files.emplace_back(matches.gl_pathv[i]);
      }
      ::globfree(&matches);
      if (!found) throw std::invalid_argument{fmt::format("there is no file or folder {}", name)};
    }
  }
  return files;
}

}  // namespace tools
