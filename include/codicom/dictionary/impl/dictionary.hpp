#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/dictionary.hpp>
#include <codicom/dictionary/generated/attribute_names.hpp>
#include <codicom/dictionary/impl/implicit_vr.hpp>
#include <codicom/dictionary/impl/pool.hpp>

namespace codicom {

namespace detail {

[[nodiscard]] inline std::string_view attribute_keyword(std::size_t row) noexcept {
  const auto& place = attribute_text_places[row];
  return {attribute_texts[place.literal] + place.offset, place.keyword_size};
}

[[nodiscard]] inline dictionary_entry attribute_entry(std::size_t row, element_tag tag) noexcept {
  const auto& place = attribute_text_places[row];
  const auto& fact = attribute_facts[row];
  const auto& vm = attribute_multiplicities[fact.vm & attribute_vm_mask];
  const char* text = attribute_texts[place.literal] + place.offset;
  dictionary_entry entry;
  entry.tag = tag;
  entry.value_representation = fact.value_representation;
  entry.vm_min = vm.min;
  entry.vm_max = vm.max;
  entry.vm_step = vm.step;
  entry.keyword = {text, place.keyword_size};
  entry.name = {place.shared ? text : text + place.keyword_size, place.name_size};
  entry.retired = (fact.vm & attribute_retired) != 0;
  entry.repeating = (fact.vm & attribute_repeats) != 0;
  return entry;
}

[[nodiscard]] inline dictionary_entry rule_entry(element_tag tag, vr v, std::string_view keyword,
                                                 std::string_view name) noexcept {
  dictionary_entry entry;
  entry.tag = tag;
  entry.value_representation = v;
  entry.keyword = keyword;
  entry.name = name;
  entry.repeating = true;
  return entry;
}

}  // namespace detail

CODICOM_FUNCTION std::optional<dictionary_entry> find_attribute(element_tag tag) noexcept {
  const auto row = detail::attribute_row(tag);
  if (row != detail::no_attribute) return detail::attribute_entry(row, tag);
  if (tag.is_group_length()) return detail::rule_entry(tag, vr::ul, "GroupLength", "Group Length");
  if (tag.is_private_creator()) return detail::rule_entry(tag, vr::lo, "PrivateCreator", "Private Creator");
  return std::nullopt;
}

CODICOM_FUNCTION std::optional<dictionary_entry> find_attribute(std::string_view keyword) noexcept {
  if (keyword.empty()) return std::nullopt;
  const auto row = detail::find_slot(detail::keyword_slots, detail::text_hash(keyword), detail::no_attribute,
                                     [keyword](std::size_t r) { return detail::attribute_keyword(r) == keyword; });
  if (row == detail::no_attribute) return std::nullopt;
  return detail::attribute_entry(row, element_tag{detail::attribute_tags[row] & ~0x10000u});
}

CODICOM_FUNCTION std::string_view keyword(element_tag tag) noexcept {
  const auto entry = find_attribute(tag);
  return entry ? entry->keyword : std::string_view{};
}

CODICOM_FUNCTION std::optional<element_tag> parse_tag(std::string_view text) noexcept {
  if (const auto entry = find_attribute(text)) return entry->tag;
  if (text.size() == 11 && text.front() == '(' && text.back() == ')') text = text.substr(1, 9);
  const bool comma = text.size() == 9 && text[4] == ',';
  if (!comma && text.size() != 8) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (comma && i == 4) continue;
    const char c = text[i];
    std::uint32_t digit = 0;
    if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0');
    else if (c >= 'A' && c <= 'F') digit = static_cast<std::uint32_t>(c - 'A') + 10;
    else if (c >= 'a' && c <= 'f') digit = static_cast<std::uint32_t>(c - 'a') + 10;
    else return std::nullopt;
    value = value << 4 | digit;
  }
  return element_tag{value};
}

}  // namespace codicom
