#pragma once
#include <codicom/core/bytes.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace codicom::detail {

// Change the byte order of every whole word of 2, 4 or 8 bytes; what is left at the end stays.
inline void swap_words(std::byte* at, std::size_t size, std::size_t unit) noexcept {
  std::size_t i = 0;
  if (unit == 2) {
    for (; i + 8 <= size; i += 8) {  // four words at a time
      auto word = load<std::uint64_t, std::endian::native>(at + i);
      word = (word & 0x00FF00FF00FF00FFu) << 8 | (word >> 8 & 0x00FF00FF00FF00FFu);
      store<std::endian::native>(at + i, word);
    }
    for (; i + 2 <= size; i += 2)
      store<std::endian::native>(at + i, swapped(load<std::uint16_t, std::endian::native>(at + i)));
  } else if (unit == 4) {
    for (; i + 4 <= size; i += 4)
      store<std::endian::native>(at + i, swapped(load<std::uint32_t, std::endian::native>(at + i)));
  } else if (unit == 8) {
    for (; i + 8 <= size; i += 8)
      store<std::endian::native>(at + i, swapped(load<std::uint64_t, std::endian::native>(at + i)));
  }
}

// The same of up to 8 bytes, the first of which is the lowest of a number.
[[nodiscard]] inline std::uint64_t swapped_words(std::uint64_t bytes, std::size_t size, std::size_t unit) noexcept {
  std::byte all[8];
  store_le(all, bytes);
  swap_words(all, size, unit);
  return load_le<std::uint64_t>(all);
}

}  // namespace codicom::detail
