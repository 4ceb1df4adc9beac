#pragma once
#include <codicom/core/tag.hpp>
#include <codicom/core/vr.hpp>

#include <string>
#include <string_view>

namespace codicom::detail {

inline constexpr std::string_view wrong_vr_section = "PS3.5 §7.1.1";

// May an element whose tag has the VR `listed` be encoded with that one? What is unknown has any, and UN is for those
// who do not know, but not for private creators (PS3.5 §6.2.2).
[[nodiscard]] constexpr bool may_stand_as(element_tag tag, vr listed, vr stated) noexcept {
  if (stated == listed || listed == vr::un) return true;
  if (stated == vr::un) return !tag.is_private_creator();
  switch (listed) {
    case vr::us_or_ss: return stated == vr::us || stated == vr::ss;
    case vr::ob_or_ow: return stated == vr::ob || stated == vr::ow;
    case vr::us_or_ow: return stated == vr::us || stated == vr::ow;
    case vr::us_or_ss_or_ow: return stated == vr::us || stated == vr::ss || stated == vr::ow;
    default: return false;
  }
}

[[nodiscard]] inline std::string in_words(vr v) {
  switch (v) {
    case vr::us_or_ss: return "US or SS";
    case vr::ob_or_ow: return "OB or OW";
    case vr::us_or_ow: return "US or OW";
    case vr::us_or_ss_or_ow: return "US or SS or OW";
    default: return std::string{code(v)};
  }
}

[[nodiscard]] inline std::string wrong_vr_detail(vr stated, vr listed) {
  return std::string{code(stated)} + ", not " + in_words(listed);
}

}  // namespace codicom::detail
