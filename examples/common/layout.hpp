#pragma once
#include <codicom/data_set/data_set.hpp>
#include <codicom/dictionary/dictionary.hpp>

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

/// A value as the name of a folder: it can neither leave the output folder nor hide, nor mean anything to a shell.
[[nodiscard]] inline std::string folder_name(std::string_view value) {
  constexpr std::size_t longest = 64;
  std::string name;
  for (const char c : value.substr(0, longest)) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
                       c == '-' || c == '_' || c == '^' || c == '=' || static_cast<unsigned char>(c) >= 0x80;
    name += plain ? c : '_';
  }
  // A character of several bytes is not cut in two.
  while (value.size() > longest && !name.empty() && (static_cast<unsigned char>(name.back()) & 0xC0) == 0x80)
    name.pop_back();
  if (value.size() > longest && !name.empty() && static_cast<unsigned char>(name.back()) >= 0xC0) name.pop_back();
  if (name.empty()) return "unknown";
  if (name.front() == '.' || name.front() == '-') name.front() = '_';
  return name;
}

/// Where objects go below the output folder: `{PatientID}/{StudyDate}_{StudyInstanceUID}`, attributes by keyword.
class folder_layout {
 public:
  folder_layout() = default;
  /// @throws std::invalid_argument with what is wrong, for a person.
  explicit folder_layout(std::string_view pattern);

  [[nodiscard]] bool empty() const noexcept { return folders_.empty(); }
  [[nodiscard]] std::filesystem::path of(const codicom::data_set& object) const;

 private:
  struct piece {
    std::string text;
    codicom::element_tag key{};
    bool is_key = false;
  };
  std::vector<std::vector<piece>> folders_;
};

inline folder_layout::folder_layout(std::string_view pattern) {
  const auto wrong = [pattern](std::string_view why) {
    return std::invalid_argument{fmt::format(
        "--layout {}: {}; write folders like {{PatientID}}/{{StudyDate}}_{{StudyInstanceUID}}", pattern, why)};
  };
  folders_.emplace_back();
  for (std::size_t i = 0; i < pattern.size();) {
    auto& folder = folders_.back();
    if (pattern[i] == '/') {
      if (folder.empty()) throw wrong("a folder without a name");
      folders_.emplace_back();
      ++i;
    } else if (pattern[i] == '{') {
      const auto end = pattern.find('}', i);
      if (end == std::string_view::npos) throw wrong("a brace is not closed");
      const auto name = pattern.substr(i + 1, end - i - 1);
      const auto key = codicom::parse_tag(name);
      if (!key) throw wrong(fmt::format("'{}' is no attribute", name));
      folder.push_back({{}, *key, true});
      i = end + 1;
    } else {
      const auto end = std::min(pattern.find_first_of("/{", i), pattern.size());
      folder.push_back({std::string{pattern.substr(i, end - i)}, {}, false});
      i = end;
    }
  }
  if (folders_.back().empty()) throw wrong("a folder without a name");
}

inline std::filesystem::path folder_layout::of(const codicom::data_set& object) const {
  std::filesystem::path path;
  for (const auto& folder : folders_) {
    std::string name;
    for (const auto& each : folder) {
      if (!each.is_key) {
        name += each.text;
        continue;
      }
      const auto value = object.text(each.key);
      name += value.empty() ? "unknown" : value;
    }
    path /= folder_name(name);
  }
  return path;
}

}  // namespace tools
