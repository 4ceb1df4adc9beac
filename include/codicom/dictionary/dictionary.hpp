#pragma once
#include <codicom/core/tag.hpp>
#include <codicom/core/vr.hpp>
#include <codicom/dictionary/implicit_vr.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace codicom {

/// What PS3.6 §6 (PS3.7 Annex E for group 0000) says of an attribute. The texts live as long as the program.
struct dictionary_entry {
  element_tag tag;            ///< as asked for; of a repeating group the first, e.g. (6000,3000)
  vr value_representation{};  ///< may be ambiguous
  std::uint32_t vm_min = 1;   ///< value multiplicity, e.g. "2-2n" is 2, 0, 2
  std::uint32_t vm_max = 1;   ///< 0: n
  std::uint32_t vm_step = 1;
  std::string_view keyword;  ///< "PatientName"; empty for seven withdrawn attributes
  std::string_view name;     ///< "Patient's Name"
  bool retired = false;
  bool repeating = false;  ///< stands for a range of tags: (60xx,3000)

  /// May an element have that many values? An empty one always may.
  [[nodiscard]] constexpr bool allows(std::uint32_t values) const noexcept {
    if (values == 0) return true;
    return values >= vm_min && (vm_max == 0 || values <= vm_max) && values % vm_step == 0;
  }
};

/// By tag: the dictionary, repeating groups such as (60xx,3000), group lengths ("GroupLength") and private creators
/// ("PrivateCreator"). Nothing when unknown or private.
[[nodiscard]] std::optional<dictionary_entry> find_attribute(element_tag tag) noexcept;
/// By keyword, with exactly its capital letters.
[[nodiscard]] std::optional<dictionary_entry> find_attribute(std::string_view keyword) noexcept;

/// The keyword of a tag, "" when unknown.
[[nodiscard]] std::string_view keyword(element_tag tag) noexcept;

/// A tag as people write it: a keyword, or `gggg,eeee`, `(gggg,eeee)`, `ggggeeee` in hexadecimal digits.
[[nodiscard]] std::optional<element_tag> parse_tag(std::string_view text) noexcept;

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dictionary/impl/dictionary.hpp>
#endif
