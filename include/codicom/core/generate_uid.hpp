#pragma once
#include <codicom/core/unique_id.hpp>

namespace codicom {

/// A new UID under 2.25, from a random (version 4) UUID (PS3.5 §B.2).
[[nodiscard]] unique_id generate_uid();

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/core/impl/generate_uid.hpp>
#endif
