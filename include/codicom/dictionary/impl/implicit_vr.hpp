#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/generated/attribute_table.hpp>
#include <codicom/dictionary/implicit_vr.hpp>

#include <cstddef>
#include <cstdint>

namespace codicom {

namespace detail {

inline constexpr std::size_t no_attribute = ~std::size_t{0};

[[nodiscard]] inline std::size_t exact_attribute_row(std::uint32_t tag) noexcept {
  auto slot = tag * attribute_hash_multiplier >> attribute_hash_shift;
  while (const std::uint16_t entry = attribute_slots[slot]) {
    if (attribute_tags[entry - 1u] == tag) return entry - 1u;
    slot = (slot + 1) % attribute_slots.size();
  }
  return no_attribute;
}

// A tag of a repeating group or element, in the form under which its pattern stands in the table; 0 when it is none.
[[nodiscard]] constexpr std::uint32_t repeating_form(std::uint32_t tag) noexcept {
  constexpr std::uint32_t pattern = 0x10000;  // the odd group, which no attribute has
  const std::uint32_t block = tag & 0xFF00u;
  switch (tag >> 24) {
    case 0x50:
    case 0x60:
    case 0x7F: return (tag & 0xFF00FFFFu) | pattern;  // (60xx,3000)
    default: break;
  }
  switch (tag >> 16) {
    case 0x0020: return block == 0x3100 ? (tag & 0xFFFFFF00u) | pattern : 0;                     // (0020,31xx)
    case 0x0028: return block == 0x0400 || block == 0x0800 ? (tag & 0xFFFFFF0Fu) | pattern : 0;  // (0028,04x0)
    case 0x1000: return (tag & 0xFFFF000Fu) | pattern;                                           // (1000,xxx0)
    case 0x1010: return (tag & 0xFFFF0000u) | pattern;                                           // (1010,xxxx)
    default: return 0;
  }
}

// The row of a tag in the dictionary, patterns included.
[[nodiscard]] inline std::size_t attribute_row(element_tag tag) noexcept {
  if (tag.is_private()) return no_attribute;
  const auto row = exact_attribute_row(tag.value);
  if (row != no_attribute) return row;
  const auto form = repeating_form(tag.value);
  return form == 0 ? no_attribute : exact_attribute_row(form);
}

// Of what does not stand in the dictionary by itself.
[[nodiscard]] inline vr vr_by_rule(element_tag tag) noexcept {
  if (tag.is_group_length()) return vr::ul;
  if (tag.is_private()) return tag.is_private_creator() ? vr::lo : vr::un;
  const auto form = repeating_form(tag.value);
  const auto row = form == 0 ? no_attribute : exact_attribute_row(form);
  return row == no_attribute ? vr::un : attribute_facts[row].value_representation;
}

}  // namespace detail

CODICOM_FUNCTION vr implicit_vr(element_tag tag) noexcept {
  if (!tag.is_private()) [[likely]] {
    const auto row = detail::exact_attribute_row(tag.value);
    if (row != detail::no_attribute) [[likely]] return detail::attribute_facts[row].value_representation;
  }
  return detail::vr_by_rule(tag);
}

}  // namespace codicom
