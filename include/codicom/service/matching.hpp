#pragma once
#include <codicom/core/tag.hpp>
#include <codicom/core/vr.hpp>
#include <codicom/data_set/data_set.hpp>

#include <string_view>

namespace codicom::service {

/// Does an object match a query? Every element of `keys` is compared with the element of that tag in `object`
/// (PS3.4 §C.2.2.2): universal matching, single value, list of UID, wild card, ranges of date, time and date-time,
/// sequences (one of the items must match all keys of the item). Text is compared as characters, whatever character
/// set each side uses; person names without regard to case, to trailing empty components and, where the key has one
/// component group, to which group it is.
///
/// Not compared: group lengths, Specific Character Set, Query/Retrieve Level, Timezone Offset From UTC.
[[nodiscard]] inline bool matches(const data_set& keys, const data_set& object);

/// The same for one attribute of `keys`. An attribute that `object` lacks, or has without a value, matches only an
/// empty key or "*".
[[nodiscard]] inline bool matches(element_tag key, const data_set& keys, const data_set& object);

/// The same for the text of one attribute; `key` and `value` in UTF-8, several values separated by a backslash.
/// @param key_offset, value_offset  Timezone Offset From UTC (0008,0201) for date-times without their own; may be
/// empty.
[[nodiscard]] inline bool matches(vr value_representation, std::string_view key, std::string_view value,
                                  std::string_view key_offset = {}, std::string_view value_offset = {});

/// Nothing, or "*": every entity matches (PS3.4 §C.2.2.2.3).
[[nodiscard]] inline bool is_universal(std::string_view key) noexcept;

}  // namespace codicom::service

#include <codicom/service/impl/matching.hpp>
