#pragma once
#include <codicom/core/tag.hpp>
#include <codicom/core/vr.hpp>

namespace codicom {

/// The VR that an element has by its tag alone, as an implicit VR decoder needs it (PS3.5 §A.1): from the dictionary,
/// repeating groups such as (60xx,3000) included; UL for group lengths, LO for private creators, UN for everything
/// unknown, `vr::none` for items and delimiters. An ambiguous VR is given as such.
[[nodiscard]] vr implicit_vr(element_tag tag) noexcept;

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dictionary/impl/implicit_vr.hpp>
#endif
