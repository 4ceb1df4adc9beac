#pragma once
#include <string_view>

// Padding, and what else means nothing at the ends of a value.
namespace codicom::detail {

[[nodiscard]] constexpr std::string_view without_end(std::string_view text, std::string_view of) noexcept {
  return text.substr(0, text.find_last_not_of(of) + 1);
}

// Without padding and the spaces before.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

}  // namespace codicom::detail
