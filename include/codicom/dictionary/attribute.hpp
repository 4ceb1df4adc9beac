#pragma once
#include <codicom/core/tag.hpp>
#include <codicom/core/vr.hpp>

#include <cstdint>

namespace codicom {

/// A tag that knows its value representation and value multiplicity (PS3.6 §6), so that a wrong type does not compile.
/// `VmMax` 0 stands for "n". `V` may be one of the ambiguous ones, e.g. `vr::us_or_ss`.
template <vr V, std::uint32_t VmMin = 1, std::uint32_t VmMax = VmMin>
struct attribute : element_tag {
  static constexpr vr value_representation = V;
  static constexpr std::uint32_t vm_min = VmMin;
  static constexpr std::uint32_t vm_max = VmMax;

  constexpr explicit attribute(std::uint32_t group_and_element) noexcept : element_tag{group_and_element} {}
  constexpr attribute(std::uint16_t group, std::uint16_t element) noexcept : element_tag{group, element} {}
};

}  // namespace codicom
