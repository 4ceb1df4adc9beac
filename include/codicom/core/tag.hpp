#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace codicom {

/// A data element tag: group and element number (PS3.5 §7.1.1), ordered as elements stand in a data set.
struct element_tag {
  std::uint32_t value = 0;  ///< group in the upper, element in the lower 16 bits

  constexpr element_tag() noexcept = default;
  constexpr explicit element_tag(std::uint32_t group_and_element) noexcept : value{group_and_element} {}
  constexpr element_tag(std::uint16_t group, std::uint16_t element) noexcept
      : value{std::uint32_t{group} << 16 | element} {}

  [[nodiscard]] constexpr std::uint16_t group() const noexcept { return static_cast<std::uint16_t>(value >> 16); }
  [[nodiscard]] constexpr std::uint16_t element() const noexcept { return static_cast<std::uint16_t>(value); }
  /// Odd group: a private element (PS3.5 §7.8).
  [[nodiscard]] constexpr bool is_private() const noexcept { return (value & 0x10000u) != 0; }
  /// (odd group, 0010-00FF): reserves a block of private elements (PS3.5 §7.8.1).
  [[nodiscard]] constexpr bool is_private_creator() const noexcept {
    return is_private() && element() >= 0x10 && element() <= 0xFF;
  }
  /// (gggg,0000): retired except in command sets and file meta information (PS3.5 §7.2).
  [[nodiscard]] constexpr bool is_group_length() const noexcept { return element() == 0; }

  friend constexpr auto operator<=>(element_tag, element_tag) noexcept = default;
};

/// "(0010,0020)"
[[nodiscard]] inline std::string to_string(element_tag tag) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text = "(0000,0000)";
  constexpr int places[] = {1, 2, 3, 4, 6, 7, 8, 9};
  for (int i = 0; i < 8; ++i)
    text[static_cast<std::size_t>(places[i])] = digits[tag.value >> (28 - 4 * i) & 0xF];
  return text;
}

}  // namespace codicom
