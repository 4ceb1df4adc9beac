#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/utf8.hpp>
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/data_set/detail/access.hpp>
#include <codicom/data_set/detail/repertoires.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace codicom {
namespace detail {

// One text of a tree that is not the same bytes in every set.
struct placed_text {
  const data_set* owner;
  std::size_t element;
  vr representation;
  std::string utf8;
};

// All of them, and the data sets that say which set they are in.
struct tree_texts {
  explicit tree_texts(const data_set& root) {
    std::vector<const data_set*> left_to_do{&root};
    while (!left_to_do.empty()) {
      const auto& d = *left_to_do.back();
      left_to_do.pop_back();
      if (&d == &root || d.contains(specific_character_set_tag)) naming.push_back(&d);
      const codicom::specific_character_set set{d.specific_character_set()};
      for (std::size_t i = 0; i < d.size(); ++i) {
        const auto& e = d.begin()[i];
        for (const auto& item : e.items()) left_to_do.push_back(&item);
        const auto v = e.value_representation();
        if (has_character_set(v) && !is_invariant(as_text(e.bytes())))
          texts.push_back({&d, i, v, to_utf8(e.bytes(), set, v)});
      }
    }
  }

  std::vector<placed_text> texts;
  std::vector<const data_set*> naming;
};

// Nothing when the set lacks a character, or would read something else.
[[nodiscard]] inline std::optional<std::string> exact_text(const placed_text& text, const specific_character_set& set) {
  auto bytes = from_utf8(text.utf8, set, text.representation);
  if (bytes && set.initial() != specific_character_set::repertoire::utf8 &&
      to_utf8(as_bytes(*bytes), set, text.representation) != text.utf8)
    bytes.reset();
  return bytes;
}

// The sets for code extensions, of one byte first (PS3.3 Tables C.12-3 and C.12-4).
inline constexpr std::array<std::string_view, 16> extension_terms{
    "100", "101", "109", "110", "144", "127", "126", "138", "148", "203", "166", "13", "87", "159", "149", "58"};
inline constexpr std::size_t single_byte_terms = 12;

// The next larger number with as many bits set (Gosper).
[[nodiscard]] constexpr unsigned next_choice(unsigned bits) noexcept {
  const unsigned lowest = bits & (~bits + 1);
  const unsigned carried = bits + lowest;
  return carried | ((bits ^ carried) >> (std::countr_zero(lowest) + 2));
}

// The terms whose bits are set; the first must be of one byte, or empty.
[[nodiscard]] inline std::string extension_value(unsigned terms) {
  std::string value;
  for (std::size_t i = 0; i < extension_terms.size(); ++i) {
    if ((terms >> i & 1u) == 0) continue;
    if (i >= single_byte_terms || !value.empty()) value += '\\';
    value.append("ISO 2022 IR ").append(extension_terms[i]);
  }
  return value;
}

}  // namespace detail

CODICOM_FUNCTION bool data_set::convert_text(std::string_view character_set) {
  const codicom::specific_character_set set{character_set};
  const std::string value{character_set};  // it may lie in this data set
  const detail::tree_texts tree{*this};
  std::vector<std::string> converted;
  for (const auto& text : tree.texts) {
    auto bytes = detail::exact_text(text, set);
    if (!bytes) return false;
    // less its padding, which may now be one too many
    while (!bytes->empty() && bytes->back() == padding(text.representation)) bytes->pop_back();
    converted.push_back(*std::move(bytes));
  }
  // They are parts of this tree, which may be changed.
  for (std::size_t i = 0; i < converted.size(); ++i) {
    auto& d = const_cast<data_set&>(*tree.texts[i].owner);
    detail::data_set_access::assign(d, d.elements_[tree.texts[i].element], tree.texts[i].representation,
                                    as_bytes(converted[i]));
  }
  for (const auto* named : tree.naming) {
    auto& d = const_cast<data_set&>(*named);
    if (value.empty() && &d == this && !is_nested()) erase(detail::specific_character_set_tag);
    else d.set_bytes(detail::specific_character_set_tag, vr::cs, as_bytes(value));
  }
  return true;
}

CODICOM_FUNCTION void data_set::convert_to_utf8() { convert_text("ISO_IR 192"); }

CODICOM_FUNCTION std::string data_set::smallest_character_set() const {
  const detail::tree_texts tree{*this};
  const auto holds = [&tree](const codicom::specific_character_set& set) {
    return std::ranges::all_of(tree.texts, [&](const auto& text) { return detail::exact_text(text, set).has_value(); });
  };
  const std::string_view here = specific_character_set();
  const codicom::specific_character_set current{here};
  if (current.is_known() && current.initial() != codicom::specific_character_set::repertoire::utf8 && holds(current))
    return std::string{here};
  if (holds({})) return {};
  for (std::size_t i = 0; i < detail::single_byte_terms; ++i)
    if (auto value = "ISO_IR " + std::string{detail::extension_terms[i]}; holds(value)) return value;

  // Which of the sets have which of the characters.
  std::vector<std::string_view> characters;
  for (const auto& text : tree.texts)
    for (std::string_view rest = text.utf8; !rest.empty(); rest.remove_prefix(characters.back().size()))
      characters.push_back(rest.substr(0, next_utf8(rest).size));
  std::ranges::sort(characters);
  const auto twice = std::ranges::unique(characters);
  characters.erase(twice.begin(), twice.end());
  std::vector<unsigned> holders(characters.size());
  for (std::size_t i = 0; i < detail::extension_terms.size(); ++i) {
    const codicom::specific_character_set set{detail::extension_value(1u << i)};
    for (std::size_t k = 0; k < characters.size(); ++k)
      if (from_utf8(characters[k], set)) holders[k] |= 1u << i;
  }
  constexpr std::size_t most = 3;
  for (const std::size_t among : {detail::single_byte_terms, detail::extension_terms.size()})
    for (std::size_t count = 1; count <= most; ++count)
      for (unsigned terms = (1u << count) - 1; terms < 1u << among; terms = detail::next_choice(terms))
        if (std::ranges::all_of(holders, [terms](unsigned who) { return (who & terms) != 0; }))
          if (auto value = detail::extension_value(terms); holds(value)) return value;
  return "ISO_IR 192";
}

}  // namespace codicom
