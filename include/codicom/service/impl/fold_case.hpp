#pragma once
#include <codicom/core/utf8.hpp>

#include <string>
#include <string_view>

namespace codicom::service::detail {

// Simple case folding of the alphabets that DICOM's single-byte character sets have: Latin, Greek, Cyrillic. Locales
// play no part, so that an answer is the same on every machine.
[[nodiscard]] constexpr char32_t folded(char32_t c) noexcept {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if ((c >= 0x100 && c <= 0x12F) || (c >= 0x132 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c | 1;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c % 2 == 1 ? c + 1 : c;
  if (c == 0x178) return 0xFF;
  if (c == 0x386) return 0x3AC;
  if (c >= 0x388 && c <= 0x38A) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (c == 0x38E || c == 0x38F) return c + 63;
  if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 32;
  if (c == 0x3C2) return 0x3C3;  // final sigma
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x460 && c <= 0x481) return c | 1;
  return c;
}

[[nodiscard]] inline std::string folded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto c = next_utf8(text);
    if (c.size == 0) result += text.front();  // undecodable: it stands for itself
    else append_utf8(result, folded(c.code));
    text.remove_prefix(c.size == 0 ? 1 : c.size);
  }
  return result;
}

}  // namespace codicom::service::detail
