#pragma once
#include <codicom/data_set/detail/trimmed.hpp>
#include <codicom/data_set/number_string.hpp>

#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

namespace codicom::detail {

// One number as another type; nothing when it does not fit.
template <class To, class From>
[[nodiscard]] std::optional<To> convert_number(From value) noexcept {
  if constexpr (std::integral<To> && std::integral<From>) {
    if (!std::in_range<To>(value)) return std::nullopt;
  } else if constexpr (std::integral<To>) {
    // both bounds are powers of two, or zero, so that they are exact
    constexpr auto above = static_cast<double>(std::numeric_limits<To>::max() / 2 + 1) * 2.0;
    if (!(static_cast<double>(value) >= static_cast<double>(std::numeric_limits<To>::min()) &&
          static_cast<double>(value) < above))
      return std::nullopt;
    if (static_cast<From>(static_cast<To>(value)) != value) return std::nullopt;
  }
  return static_cast<To>(value);
}

// A number in decimal, spaces around it and a plus sign allowed (PS3.5 §6.2, DS and IS). Nothing when it is none, or
// does not fit in T.
template <class T>
[[nodiscard]] std::optional<T> parse_number(std::string_view text) {
  if constexpr (std::integral<T>) {
    if constexpr (sizeof(T) == 8 && std::unsigned_integral<T>) {  // beyond what IS can say
      T value{};
      const auto digits = trimmed(text);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (error == std::errc{} && end == digits.data() + digits.size()) return value;
    }
    if (const auto whole = parse_integer_string(text)) {
      if (!std::in_range<T>(*whole)) return std::nullopt;
      return static_cast<T>(*whole);
    }
    if (const auto number = parse_decimal_string(text)) return convert_number<T>(*number);  // "1.0", "1e3"
    return std::nullopt;
  } else {
    const auto number = parse_decimal_string(text);
    if (!number) return std::nullopt;
    return static_cast<T>(*number);
  }
}

template <class T>
[[nodiscard]] std::string number_text(T value) {
  char text[40];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc{} ? std::string{text, end} : std::string{};
}

}  // namespace codicom::detail
