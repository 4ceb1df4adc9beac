#pragma once
#include <codicom/core/tag.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace codicom {

/// A deviation from the standard that was read over. The enumerators are in the order in which a reader meets them.
enum class deviation : std::uint8_t {
  // PS3.10
  no_preamble,
  no_file_meta,
  file_meta_wrong_syntax,
  file_meta_group_length,
  missing_transfer_syntax,
  wrong_transfer_syntax,
  // PS3.5 §7
  odd_length,
  tag_out_of_order,
  duplicate_tag,
  unknown_vr,
  wrong_vr,
  wrong_group_length,
  missing_delimiter,
  unexpected_delimiter,
  delimiter_with_length,
  length_beyond_parent,
  truncated_value,
  trailing_bytes,
  invalid_item_tag,
  implicit_in_explicit,
  sequence_as_un,
  ambiguous_vr_guessed,
  bad_encapsulation,
  value_too_long,
  undecodable_text,
  unknown_character_set,
  // PS3.7 §6.3
  missing_element,
};

/// One deviation, where it stands and which rule it breaks.
struct diagnosis {
  deviation what{};
  std::uint64_t offset = 0;          ///< bytes from the start of what was decoded
  std::vector<element_tag> path;     ///< from the outermost element to the one concerned
  std::string_view section;          ///< of the standard, e.g. "PS3.5 §7.5"; static storage
  std::string detail;                ///< for a person; no patient data
};

}  // namespace codicom
