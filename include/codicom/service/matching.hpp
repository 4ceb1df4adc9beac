#pragma once
#include <codicom/core/tag.hpp>
#include <codicom/core/vr.hpp>
#include <codicom/data_set/data_set.hpp>

#include <string_view>

namespace codicom::service {

/// What SOP Class Extended Negotiation adds to the matching of C-FIND (PS3.4 §C.5.1.1, Tables C.5-1 and C.5-2), each
/// in force only when both sides said so. Byte 5 of the item (enhanced multi-frame conversion) is always 0 here.
struct query_extensions {
  bool relational = false;          ///< byte 1: unique keys of the levels above may be left out, or name several
  bool combined_date_time = false;  ///< byte 2: a range of dates and one of times are one range of moments
  bool fuzzy_names = false;         ///< byte 3: person names match by meaning
  bool timezone = false;            ///< byte 4: dates and times are adjusted to Timezone Offset From UTC (0008,0201)
  bool empty_value = false;         ///< byte 6: the key `""` (two quotation marks) matches what has no value
  bool multiple_value = false;      ///< byte 7: of several values of a key, each must match a value

  [[nodiscard]] static constexpr query_extensions all() noexcept { return {true, true, true, true, true, true}; }
  /// What is in both.
  friend constexpr query_extensions operator&(query_extensions a, query_extensions b) noexcept {
    return {a.relational && b.relational,   a.combined_date_time && b.combined_date_time,
            a.fuzzy_names && b.fuzzy_names, a.timezone && b.timezone,
            a.empty_value && b.empty_value, a.multiple_value && b.multiple_value};
  }
  friend constexpr bool operator==(const query_extensions&, const query_extensions&) noexcept = default;
};

/// Does an object match a query? Every element of `keys` is compared with the element of that tag in `object`
/// (PS3.4 §C.2.2.2): universal matching, single value, list of UID, wild card, ranges of date, time and date-time,
/// sequences (one of the items must match all keys of the item). Text is compared as characters, whatever character
/// set each side uses; person names without regard to case, to trailing empty components and, where the key has one
/// component group, to which group it is; integer and decimal strings as numbers. `extensions`: what was negotiated
/// besides.
///
/// What the standard leaves open: several values of a key, where multiple value matching was not negotiated, match if
/// one does. A range of times across midnight matches nothing.
///
/// Not compared: group lengths, Specific Character Set, Query/Retrieve Level, Timezone Offset From UTC.
[[nodiscard]] bool matches(const data_set& keys, const data_set& object, query_extensions extensions = {});

/// The same for one attribute of `keys`. An attribute that `object` lacks, or has without a value, matches only an
/// empty key or "*", and `""` where that was negotiated. Of a date and a time that are matched as one, each gives the
/// answer for both.
[[nodiscard]] bool matches(element_tag key, const data_set& keys, const data_set& object,
                                  query_extensions extensions = {});

/// The same for the text of one attribute; `key` and `value` in UTF-8, several values separated by a backslash.
/// @param key_offset, value_offset  Timezone Offset From UTC (0008,0201) for date-times without their own; may be
/// empty.
[[nodiscard]] bool matches(vr value_representation, std::string_view key, std::string_view value,
                                  std::string_view key_offset = {}, std::string_view value_offset = {},
                                  query_extensions extensions = {});

/// Nothing, or "*": every entity matches (PS3.4 §C.2.2.2.3).
[[nodiscard]] bool is_universal(std::string_view key) noexcept;

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/matching.hpp>
#endif
