#pragma once
#include <codicom/core/detail/inline.hpp>

#include <cstddef>
#include <cstring>

namespace codicom::detail {

// Copies at least 8 bytes. Most values are short, for which the way to memcpy and back costs more than the copying;
// here two pieces that may overlap do.
CODICOM_ALWAYS_INLINE void copy_8_or_more(std::byte* to, const std::byte* from, std::size_t size) noexcept {
  struct half {
    std::byte bytes[8];
  };
  struct whole {
    std::byte bytes[16];
  };
  if (size <= 16) {
    half first, last;
    std::memcpy(&first, from, 8);
    std::memcpy(&last, from + size - 8, 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + size - 8, &last, 8);
  } else if (size <= 32) {
    whole first, last;
    std::memcpy(&first, from, 16);
    std::memcpy(&last, from + size - 16, 16);
    std::memcpy(to, &first, 16);
    std::memcpy(to + size - 16, &last, 16);
  } else if (size <= 64) {
    whole first, second, third, last;
    std::memcpy(&first, from, 16);
    std::memcpy(&second, from + 16, 16);
    std::memcpy(&third, from + size - 32, 16);
    std::memcpy(&last, from + size - 16, 16);
    std::memcpy(to, &first, 16);
    std::memcpy(to + 16, &second, 16);
    std::memcpy(to + size - 32, &third, 16);
    std::memcpy(to + size - 16, &last, 16);
  } else {
    std::memcpy(to, from, size);
  }
}

// Copies words of 8 bytes that have just been written, of which larger pieces could not be read at once.
inline void copy_words(std::byte* to, const std::byte* from, std::size_t count) noexcept {
  for (const std::byte* const end = from + count * 8; from != end; from += 8, to += 8) std::memcpy(to, from, 8);
}

}  // namespace codicom::detail
