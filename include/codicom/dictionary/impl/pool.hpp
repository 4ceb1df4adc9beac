#pragma once
#include <codicom/core/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace codicom::detail {

// Eight bytes at a time, the last ones once more; the generator of the tables computes the same.
[[nodiscard]] constexpr std::size_t text_hash(std::string_view text) noexcept {
  std::uint64_t hash = text.size();
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  };
  const auto word = [text](std::size_t at, std::size_t size) {
    if (!std::is_constant_evaluated() && size == 8) return load_le<std::uint64_t>(as_bytes(text).data() + at);
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(text[at + i]);
    return value;
  };
  if (text.size() < 8) {
    mix(word(0, text.size()));
  } else {
    const std::size_t last = text.size() - 8;
    for (std::size_t at = 0; at < last; at += 8) mix(word(at, 8));
    mix(word(last, 8));
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
