#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/generate_uid.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace codicom {

CODICOM_FUNCTION unique_id generate_uid() {
  thread_local std::random_device entropy;
  std::array<std::uint32_t, 4> words{};
  for (auto& word : words) word = entropy();
  words[1] = (words[1] & 0xFFFF0FFFu) | 0x4000u;      // version 4
  words[2] = (words[2] & 0x3FFFFFFFu) | 0x80000000u;  // variant of RFC 4122
  std::array<char, 39> digits{};
  std::size_t count = 0;
  do {  // divide the 128-bit number by ten until nothing is left
    std::uint64_t rest = 0;
    for (auto& word : words) {
      const std::uint64_t current = rest << 32 | word;
      word = static_cast<std::uint32_t>(current / 10);
      rest = current % 10;
    }
    digits[count++] = static_cast<char>('0' + rest);
  } while (words[0] | words[1] | words[2] | words[3]);
  std::string text = "2.25.";
  while (count != 0) text += digits[--count];
  return unique_id{text};
}

}  // namespace codicom
