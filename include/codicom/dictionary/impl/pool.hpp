#pragma once
#include <codicom/core/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace codicom::detail {

// Eight bytes at a time; the generator of the tables computes the same.
[[nodiscard]] inline std::size_t text_hash(std::string_view text) noexcept {
  std::uint64_t hash = text.size();
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 32;
  };
  while (text.size() >= 8) {
    mix(load_le<std::uint64_t>(as_bytes(text).data()));
    text.remove_prefix(8);
  }
  if (!text.empty()) {
    std::byte rest[8]{};
    std::memcpy(rest, text.data(), text.size());
    mix(load_le<std::uint64_t>(rest));
  }
  return static_cast<std::size_t>(hash & 0xFFFFFFFFu);
}

// The place in a table whose key `is_it` accepts; `missing` when none.
template <class Slots, class IsIt>
[[nodiscard]] inline std::size_t find_slot(const Slots& slots, std::size_t hash, std::size_t missing, IsIt&& is_it) {
  auto slot = hash % slots.size();
  while (const std::size_t entry = slots[slot]) {
    if (is_it(entry - 1)) return entry - 1;
    slot = (slot + 1) % slots.size();
  }
  return missing;
}

}  // namespace codicom::detail
