#pragma once
#include <codicom/core/config.hpp>
#include <codicom/data_set/detail/trimmed.hpp>
#include <codicom/data_set/number_string.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#if !defined(__cpp_lib_to_chars)
#include <locale>
#include <sstream>
#endif

namespace codicom {

namespace detail {

// Without the spaces around it and one plus sign; "" when that leaves nothing to read.
[[nodiscard]] inline std::string_view bare_number(std::string_view text) noexcept {
  text = trimmed(text);
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
  try {  // standard libraries without from_chars for double; libc++ reads a subnormal number and calls it a failure
    std::istringstream stream{std::string{text}};
    stream.imbue(std::locale::classic());
    if (!(stream >> value) && value != 0 && std::isfinite(value)) stream.clear();
    return stream && stream.peek() == std::istringstream::traits_type::eof();
  } catch (...) {}
  return false;
#endif
}

// Without zeros at the end of the fraction and the start of the exponent, nor a plus sign before that.
[[nodiscard]] inline std::string shortened(std::string_view number) {
  const auto e = number.find('e');
  auto mantissa = number.substr(0, e);
  if (mantissa.find('.') != std::string_view::npos) {
    mantissa = mantissa.substr(0, mantissa.find_last_not_of('0') + 1);
    if (mantissa.back() == '.') mantissa.remove_suffix(1);
  }
  std::string text{mantissa};
  if (e == std::string_view::npos) return text;
  auto exponent = number.substr(e + 1);
  text += exponent.front() == '-' ? "e-" : "e";
  exponent.remove_prefix(exponent.front() == '-' || exponent.front() == '+' ? 1 : 0);
  return text.append(exponent.substr(std::min(exponent.find_first_not_of('0'), exponent.size() - 1)));
}

}  // namespace detail

CODICOM_FUNCTION std::optional<std::int64_t> parse_integer_string(std::string_view text) noexcept {
  text = detail::bare_number(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

CODICOM_FUNCTION std::optional<double> parse_decimal_string(std::string_view text) noexcept {
  text = detail::bare_number(text);
  // Only the characters of PS3.5 Table 6.2-1: keeps "inf", "nan" and hexadecimal numbers out.
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  double value = 0;
  if (!detail::read_real(text, value) || !std::isfinite(value)) return std::nullopt;
  return value;
}

CODICOM_FUNCTION std::string format_decimal_string(double value) {
  constexpr std::size_t most = 16;
  if (!std::isfinite(value)) return {};
  std::array<char, 400> buffer{};
  const auto written = [&](auto... format) {
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format...).ptr;
    return detail::shortened({buffer.data(), end});
  };
  if (auto shortest = written(); shortest.size() <= most) return shortest;
  // With as many digits as there is room for; which form has more of them depends on the leading zeros.
  std::string nearest;
  double distance = std::numeric_limits<double>::infinity();
  for (const auto form : {std::chars_format::fixed, std::chars_format::scientific}) {
    for (int precision = 15; precision >= 0; --precision) {
      const auto text = written(form, precision);
      const auto back = text.size() <= most ? parse_decimal_string(text) : std::nullopt;
      if (!back) continue;
      if (std::abs(*back - value) < distance) {
        distance = std::abs(*back - value);
        nearest = text;
      }
      break;
    }
  }
  return nearest;
}

}  // namespace codicom
