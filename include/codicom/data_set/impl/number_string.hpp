#pragma once
#include <codicom/data_set/number_string.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#if !defined(__cpp_lib_to_chars)
#include <locale>
#include <sstream>
#endif

namespace codicom {

namespace detail {

// Without the spaces around it and one plus sign; "" when that leaves nothing to read.
[[nodiscard]] inline std::string_view bare_number(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-') return {};
  }
  return text;
}

template <class Real>
[[nodiscard]] bool read_real(std::string_view text, Real& value) noexcept {
#if defined(__cpp_lib_to_chars)
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
#else
  try {  // standard libraries without from_chars for double
    std::istringstream stream{std::string{text}};
    stream.imbue(std::locale::classic());
    return stream >> value && stream.peek() == std::istringstream::traits_type::eof();
  } catch (...) {
    return false;
  }
#endif
}

}  // namespace detail

inline std::optional<std::int64_t> parse_integer_string(std::string_view text) noexcept {
  text = detail::bare_number(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

inline std::optional<double> parse_decimal_string(std::string_view text) noexcept {
  text = detail::bare_number(text);
  // Only the characters of PS3.5 Table 6.2-1: keeps "inf", "nan" and hexadecimal numbers out.
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  double value = 0;
  if (!detail::read_real(text, value) || !std::isfinite(value)) return std::nullopt;
  return value;
}

inline std::string format_decimal_string(double value) {
  constexpr std::size_t most = 16;
  if (!std::isfinite(value)) return {};
  std::array<char, 400> buffer{};
  auto* const begin = buffer.data();
  auto result = std::to_chars(begin, begin + buffer.size(), value);
  // Fewer digits until it fits: 17 at most, and 6 characters can go to the sign, the point and an exponent.
  for (int precision = 16; static_cast<std::size_t>(result.ptr - begin) > most && precision > 0; --precision)
    result = std::to_chars(begin, begin + buffer.size(), value, std::chars_format::general, precision);
  return {begin, result.ptr};
}

}  // namespace codicom
