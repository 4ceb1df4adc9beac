#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace codicom {

namespace detail {
// The text of a constant, as it is: five hundred loops in every unit would cost more time than all else that is compiled here.
struct uid_text {
  std::array<char, 64> characters;
};
}  // namespace detail

/// A UID (PS3.5 §9): up to 64 characters, kept in place, without padding. Whatever a peer sent is kept as it came,
/// cut at 64; `is_valid` tells whether it keeps the rules.
class unique_id {
 public:
  static constexpr std::size_t max_size = 64;

  constexpr unique_id() noexcept = default;
  /// Trailing NULs and spaces are padding and fall away (PS3.5 §6.2).
  constexpr unique_id(std::string_view text) noexcept {  // NOLINT: a UID is written as text everywhere
    const auto trim = [&text] {
      while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
    };
    trim();
    if (text.size() > max_size) {
      text = text.substr(0, max_size);
      trim();  // so that what was cut reads back as itself
    }
    size_ = static_cast<std::uint8_t>(text.size());
    for (std::size_t i = 0; i < size_; ++i) text_[i] = text[i];
  }
  constexpr unique_id(const char* text) noexcept : unique_id{std::string_view{text}} {}  // NOLINT
  unique_id(const std::string& text) noexcept : unique_id{std::string_view{text}} {}     // NOLINT

  constexpr unique_id(const detail::uid_text& text, std::uint8_t size) noexcept : text_{text.characters}, size_{size} {}

  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text_.data(), size_}; }
  [[nodiscard]] std::string str() const { return std::string{view()}; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

  /// Digits and dots, no empty component, no leading zero in one (PS3.5 §9.1).
  [[nodiscard]] constexpr bool is_valid() const noexcept {
    const auto text = view();
    std::size_t component = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '.') {
        if (component == 0) return false;
        component = 0;
      } else {
        if (text[i] < '0' || text[i] > '9') return false;
        if (component == 1 && text[i - 1] == '0') return false;
        ++component;
      }
    }
    return component != 0;
  }

  friend constexpr bool operator==(const unique_id& a, const unique_id& b) noexcept { return a.view() == b.view(); }
  friend constexpr auto operator<=>(const unique_id& a, const unique_id& b) noexcept { return a.view() <=> b.view(); }

 private:
  std::array<char, max_size> text_{};
  std::uint8_t size_ = 0;
};

[[nodiscard]] inline std::string to_string(const unique_id& uid) { return uid.str(); }

}  // namespace codicom

template <>
struct std::hash<codicom::unique_id> {
  std::size_t operator()(const codicom::unique_id& uid) const noexcept { return std::hash<std::string_view>{}(uid.view()); }
};
