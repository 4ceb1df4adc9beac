#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace codicom {

/// An application entity title (PS3.5 §6.2, AE): up to 16 characters, kept in place; leading and trailing spaces
/// mean nothing and fall away, so that two titles compare as the standard has it (PS3.8 §9.3.2).
class ae_title {
 public:
  static constexpr std::size_t max_size = 16;

  constexpr ae_title() noexcept = default;
  constexpr ae_title(std::string_view text) noexcept {  // NOLINT: a title is written as text everywhere
    const auto trim_end = [&text] {
      while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
    };
    trim_end();
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    too_long_ = text.size() > max_size;
    if (too_long_) {
      text = text.substr(0, max_size);
      trim_end();  // so that what was cut reads back as itself
    }
    size_ = static_cast<std::uint8_t>(text.size());
    for (std::size_t i = 0; i < size_; ++i) text_[i] = text[i];
  }
  constexpr ae_title(const char* text) noexcept : ae_title{std::string_view{text}} {}  // NOLINT
  ae_title(const std::string& text) noexcept : ae_title{std::string_view{text}} {}     // NOLINT

  [[nodiscard]] constexpr std::string_view view() const noexcept { return {text_.data(), size_}; }
  [[nodiscard]] std::string str() const { return std::string{view()}; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

  /// 1 to 16 characters of the default repertoire, without backslash and control characters.
  [[nodiscard]] constexpr bool is_valid() const noexcept {
    for (const char c : view())
      if (c < ' ' || c > '~' || c == '\\') return false;
    return size_ != 0 && !too_long_;
  }

  friend constexpr bool operator==(const ae_title& a, const ae_title& b) noexcept { return a.view() == b.view(); }
  friend constexpr auto operator<=>(const ae_title& a, const ae_title& b) noexcept { return a.view() <=> b.view(); }

 private:
  std::array<char, max_size> text_{};
  std::uint8_t size_ = 0;
  bool too_long_ = false;
};

[[nodiscard]] inline std::string to_string(const ae_title& title) { return title.str(); }

}  // namespace codicom

template <>
struct std::hash<codicom::ae_title> {
  std::size_t operator()(const codicom::ae_title& title) const noexcept {
    return std::hash<std::string_view>{}(title.view());
  }
};
