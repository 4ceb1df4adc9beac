#pragma once
#include <codicom/data_set/data_set.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace codicom {

/// The creator of the block of a private element, "" when nobody has reserved it (PS3.5 §7.8.1).
[[nodiscard]] std::string private_creator(const data_set& of, element_tag tag);

/// The tag under which element `number` of a creator's private elements stands in this data set, nothing when the
/// creator has no block in that group. The element itself may be absent.
///
///     if (const auto tag = find_private_tag(image, 0x0029, "SIEMENS CSA HEADER", 0x10)) use(image.bytes(*tag));
[[nodiscard]] std::optional<element_tag> find_private_tag(const data_set& in, std::uint16_t group,
                                                                 std::string_view creator, std::uint8_t number);

/// The same; reserves the first free block when the creator has none.
///
///     image.set_text(reserve_private_tag(image, 0x0029, "ACME 1.0", 0x01), vr::lo, "tuned");
///
/// Errors: errc::invalid_argument when the group is none for private elements, the creator is no LO, or no block is
/// free.
[[nodiscard]] element_tag reserve_private_tag(data_set& in, std::uint16_t group, std::string_view creator,
                                                     std::uint8_t number);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/data_set/impl/private_block.hpp>
#endif
