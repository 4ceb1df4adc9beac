#pragma once
#include <codicom/core/diagnosis.hpp>
#include <codicom/core/limits.hpp>
#include <codicom/core/tag.hpp>
#include <codicom/core/vr.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace codicom {

enum class strictness : std::uint8_t {
  tolerant,  ///< deviations are read over as far as possible and listed
  strict,    ///< the first one is an error; so is a VR that only an earlier edition of PS3.6 had (PS3.5 §7.1.1)
};

/// The VR of a private element by the creator of its block, `vr::un` when it is not known; `tag` as it stands in the
/// data set. `find_private_vr` of <codicom/dictionary/private_dictionary.hpp> is one.
using private_vr_lookup = vr (*)(std::string_view creator, element_tag tag) noexcept;

/// How to decode a data set.
class decode_options {
 public:
  decode_options(strictness how = strictness::tolerant) noexcept : mode{how} {}  // NOLINT: a strictness says enough
  /// Stop before the first element of the root data set with this tag or a higher one.
  [[nodiscard]] static decode_options until(element_tag stop) noexcept {
    decode_options options;
    options.stop_before = stop;
    return options;
  }

  strictness mode;
  codicom::limits limits{};
  std::optional<element_tag> stop_before;
  /// Stop before the first element of the root data set that is of another group, e.g. after group 0002.
  std::optional<std::uint16_t> only_group;
  /// Tells the VRs of private elements in implicit VR; without it they are UN.
  private_vr_lookup private_vr = nullptr;
  /// Keeps the bytes that are decoded. When set, values of at least `by_reference_from` bytes are not copied.
  std::shared_ptr<const void> owner;
  std::size_t by_reference_from = 4096;
};

}  // namespace codicom
