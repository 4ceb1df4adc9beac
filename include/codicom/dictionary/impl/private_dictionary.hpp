#pragma once
#include <codicom/dictionary/generated/private_table.hpp>
#include <codicom/dictionary/impl/pool.hpp>
#include <codicom/dictionary/private_dictionary.hpp>

#include <cstddef>

namespace codicom {

namespace detail {

// The entry of a creator under a key, null when there is none.
[[nodiscard]] inline const private_entry* private_entry_at(std::string_view creator, std::size_t creator_hash,
                                                           std::uint32_t key) noexcept {
  const std::size_t hash = creator_hash ^ (std::uint64_t{key} * 0x9E3779B1u >> 7 & 0xFFFFFF);
  const auto row = find_slot(private_slots, hash, private_entries.size(), [=](std::size_t r) {
    return private_entries[r].key == key && private_creators[private_entries[r].creator] == creator;
  });
  return row == private_entries.size() ? nullptr : &private_entries[row];
}

[[nodiscard]] inline const private_entry* find_private_entry(std::string_view creator, element_tag tag) noexcept {
  if (!tag.is_private() || tag.element() < 0x1000) return nullptr;
  const auto hash = text_hash(creator);
  if (const auto* found = private_entry_at(creator, hash, tag.value)) return found;                // in full
  if (const auto* found = private_entry_at(creator, hash, tag.value & 0xFFFF00FFu)) return found;  // (gggg,xxee)
  return private_entry_at(creator, hash, tag.value & 0xFF0000FFu);                                 // (ggxx,xxee)
}

}  // namespace detail

inline std::optional<private_attribute> find_private_attribute(std::string_view creator, element_tag tag) noexcept {
  const auto* const found = detail::find_private_entry(creator, tag);
  if (found == nullptr) return std::nullopt;
  const auto& vm = detail::private_multiplicities[found->vm];
  private_attribute result;
  result.value_representation = found->value_representation;
  result.vm_min = vm.min;
  result.vm_max = vm.max;
  result.vm_step = vm.step;
  result.name = {detail::private_texts[found->literal] + found->offset, found->name_size};
  return result;
}

inline vr find_private_vr(std::string_view creator, element_tag tag) noexcept {
  const auto* const found = detail::find_private_entry(creator, tag);
  return found == nullptr ? vr::un : found->value_representation;
}

}  // namespace codicom
