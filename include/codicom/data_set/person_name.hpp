#pragma once
#include <codicom/data_set/detail/trimmed.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace codicom {

/// One component group of a person name: five components with `^` between (PS3.5 §6.2.1). UTF-8.
class person_name_group {
 public:
  person_name_group() = default;
  /// A sixth and later component stay in `name_suffix`, with their `^`.
  explicit person_name_group(std::string_view text) {
    text = detail::without_end(text, "^ ");
    const std::array<std::string*, 5> parts{&family_name, &given_name, &middle_name, &name_prefix, &name_suffix};
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto end = i + 1 < parts.size() ? text.find('^') : std::string_view::npos;
      auto part = detail::without_end(text.substr(0, end), " ");
      while (part.starts_with(' ')) part.remove_prefix(1);
      *parts[i] = part;
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
  }

  std::string family_name;
  std::string given_name;
  std::string middle_name;
  std::string name_prefix;
  std::string name_suffix;

  [[nodiscard]] bool empty() const noexcept {
    return family_name.empty() && given_name.empty() && middle_name.empty() && name_prefix.empty() &&
           name_suffix.empty();
  }
  /// As in a data set; trailing empty components fall away.
  [[nodiscard]] std::string str() const {
    const auto text = family_name + '^' + given_name + '^' + middle_name + '^' + name_prefix + '^' + name_suffix;
    return std::string{detail::without_end(text, "^")};
  }
  /// For a person: "Rev. John Robert Quincy Adams, B.A. M.Div."
  [[nodiscard]] std::string display() const {
    std::string text;
    for (const auto* part : {&name_prefix, &given_name, &middle_name, &family_name}) {
      if (part->empty()) continue;
      if (!text.empty()) text += ' ';
      text += *part;
    }
    if (!name_suffix.empty()) text += (text.empty() ? "" : ", ") + name_suffix;
    return text;
  }

  friend bool operator==(const person_name_group&, const person_name_group&) = default;
};

/// A person name: up to three component groups with `=` between, the same name in different scripts (PS3.5 §6.2.1).
class person_name {
 public:
  person_name() = default;
  /// One value of a PN element, as UTF-8. Whatever follows a third `=` stays in `phonetic`.
  explicit person_name(std::string_view text) {
    text = detail::without_end(text, "=^ ");
    const std::array<person_name_group*, 3> groups{&alphabetic, &ideographic, &phonetic};
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const auto end = i + 1 < groups.size() ? text.find('=') : std::string_view::npos;
      *groups[i] = person_name_group{text.substr(0, end)};
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
  }

  person_name_group alphabetic;
  person_name_group ideographic;
  person_name_group phonetic;

  [[nodiscard]] bool empty() const noexcept { return alphabetic.empty() && ideographic.empty() && phonetic.empty(); }
  /// As in a data set; trailing empty groups fall away.
  [[nodiscard]] std::string str() const {
    const auto text = alphabetic.str() + '=' + ideographic.str() + '=' + phonetic.str();
    return std::string{detail::without_end(text, "=")};
  }
  /// For a person: the first group that is not empty.
  [[nodiscard]] std::string display() const {
    for (const auto* group : {&alphabetic, &ideographic, &phonetic})
      if (!group->empty()) return group->display();
    return {};
  }

  friend bool operator==(const person_name&, const person_name&) = default;
};

[[nodiscard]] inline std::string to_string(const person_name& name) { return name.str(); }

}  // namespace codicom
