#pragma once
// Optional: what vendors' private elements are. Not part of <codicom/data_set.hpp>, as few programs need its 300 KB.
#include <codicom/core/tag.hpp>
#include <codicom/core/vr.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace codicom {

/// What is known of a private element. The lists come from conformance statements and from files: hints, not law.
struct private_attribute {
  vr value_representation = vr::un;
  std::uint16_t vm_min = 1;
  std::uint16_t vm_max = 1;   ///< 0: any number
  std::uint16_t vm_step = 1;  ///< of the number of values, e.g. 2 of "2-2n"
  std::string_view name;      ///< UTF-8, static storage
};

/// A private element by the creator of its block (PS3.5 §7.8.1), without padding; `tag` as it stands in the data set,
/// whatever block that is.
[[nodiscard]] inline std::optional<private_attribute> find_private_attribute(std::string_view creator,
                                                                             element_tag tag) noexcept;

/// The VR alone, `vr::un` when it is not known. To read private elements of implicit VR as what they are:
///
///     decode_options options;
///     options.private_vr = find_private_vr;
[[nodiscard]] inline vr find_private_vr(std::string_view creator, element_tag tag) noexcept;

}  // namespace codicom

#include <codicom/dictionary/impl/private_dictionary.hpp>
