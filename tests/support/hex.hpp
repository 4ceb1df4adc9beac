#pragma once
// Golden bytes one can read: hexadecimal digits, spaces between them mean nothing, text in 'quotes' stands for itself.
#include <codicom/core/bytes.hpp>

#include <cstddef>
#include <initializer_list>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace codicom::test_support {

[[nodiscard]] inline std::vector<std::byte> hex(std::initializer_list<std::string_view> pieces) {
  std::vector<std::byte> bytes;
  for (const auto piece : pieces) {
    bool quoted = false;
    int high = -1;
    for (const char c : piece) {
      if (c == '\'') {
        quoted = !quoted;
      } else if (quoted) {
        bytes.push_back(static_cast<std::byte>(c));
      } else if (c != ' ') {
        const auto digit = std::string_view{"0123456789ABCDEF"}.find(c);
        if (digit == std::string_view::npos) throw std::invalid_argument{"not a hexadecimal digit"};
        if (high < 0) {
          high = static_cast<int>(digit);
        } else {
          bytes.push_back(static_cast<std::byte>(high * 16 + static_cast<int>(digit)));
          high = -1;
        }
      }
    }
    if (quoted || high >= 0) throw std::invalid_argument{"a piece ends in the middle of a byte or text"};
  }
  return bytes;
}

/// The other way, to see where two byte strings part.
[[nodiscard]] inline std::string dump(byte_span bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const auto b : bytes) {
    text += digits[std::to_integer<std::size_t>(b) >> 4];
    text += digits[std::to_integer<std::size_t>(b) & 15];
    text += ' ';
  }
  return text;
}

}  // namespace codicom::test_support
