#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/tag.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/core/vr.hpp>

#include <cstdint>
#include <string>

namespace codicom {

namespace detail {

template <vr V>
[[nodiscard]] consteval auto value_type_of() {
  if constexpr (V == vr::us) return std::uint16_t{};
  else if constexpr (V == vr::ss) return std::int16_t{};
  else if constexpr (V == vr::ul) return std::uint32_t{};
  else if constexpr (V == vr::sl || V == vr::us_or_ss) return std::int32_t{};
  else if constexpr (V == vr::uv) return std::uint64_t{};
  else if constexpr (V == vr::sv || V == vr::is) return std::int64_t{};
  else if constexpr (V == vr::fl) return float{};
  else if constexpr (V == vr::fd || V == vr::ds) return double{};
  else if constexpr (V == vr::at) return element_tag{};
  else if constexpr (V == vr::ui) return unique_id{};
  else if constexpr (is_text(V)) return std::string{};
  else return byte_span{};
}

}  // namespace detail

/// What a value of a VR is in C++: the number that US, SS, UL, SL, UV, SV, FL and FD hold; `std::int64_t` for IS,
/// `double` for DS, `std::int32_t` for "US or SS", `element_tag` for AT, `unique_id` for UI, UTF-8 `std::string` for
/// all other text, and the bytes, as a view, for the rest.
template <vr V>
using value_type = decltype(detail::value_type_of<V>());

}  // namespace codicom
