#pragma once
#include <codicom/core/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace codicom::detail {

// Of the first eight bytes, those in the middle and the last, so that there is no loop whose end must be guessed; the
// generator of the tables computes the same.
[[nodiscard]] constexpr std::size_t text_hash(std::string_view text) noexcept {
  std::uint64_t hash = text.size();
  const auto mix = [&hash, text](std::size_t at, std::size_t size) {
    std::uint64_t word = 0;
    if (!std::is_constant_evaluated() && size == 8) word = load_le<std::uint64_t>(as_bytes(text).data() + at);
    else
      for (std::size_t i = size; i-- > 0;) word = word << 8 | static_cast<unsigned char>(text[at + i]);
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  };
  if (text.size() < 8) {
    mix(0, text.size());
  } else {
    const std::size_t last = text.size() - 8;
    mix(0, 8);
    mix(last / 2, 8);
    mix(last, 8);
  }
  return static_cast<std::size_t>(hash * 0xBF58476D1CE4E5B9u >> 32 & 0xFFFFFFFFu);
}

// The place in a table whose key `is_it` accepts; `missing` when none.
template <class Slots, class IsIt>
[[nodiscard]] constexpr std::size_t find_slot(const Slots& slots, std::size_t hash, std::size_t missing, IsIt&& is_it) {
  auto slot = hash % slots.size();
  while (const std::size_t entry = slots[slot]) {
    if (is_it(entry - 1)) return entry - 1;
    slot = (slot + 1) % slots.size();
  }
  return missing;
}

}  // namespace codicom::detail
