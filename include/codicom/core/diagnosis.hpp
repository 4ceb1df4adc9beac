#pragma once
#include <codicom/core/tag.hpp>

#include <cstddef>
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
  zlib_header,
  bad_deflation,
  value_too_long,
  undecodable_text,
  unknown_character_set,
  invalid_value,
  invalid_character,
  invalid_length,
  wrong_multiplicity,
  outdated_format,
  // PS3.7 §6.3
  missing_element,
  // PS3.3 Annex F
  wrong_directory_offset,
  directory_record_twice,
  unreachable_directory_record,
  invalid_file_id,
};

/// One deviation, where it stands and which rule it breaks.
struct diagnosis {
  static constexpr std::uint64_t no_offset = ~std::uint64_t{0};

  deviation what{};
  std::uint64_t offset = 0;          ///< bytes from the start of what was decoded; `no_offset` when nobody knows
  std::vector<element_tag> path;     ///< from the outermost element to the one concerned
  std::string_view section;          ///< of the standard, e.g. "PS3.5 §7.5"; static storage
  std::string detail;                ///< for a person; no patient data
};

/// In words: "a value of odd length".
[[nodiscard]] constexpr std::string_view to_string(deviation what) noexcept {
  switch (what) {
    case deviation::no_preamble: return "no preamble";
    case deviation::no_file_meta: return "no file meta information";
    case deviation::file_meta_wrong_syntax: return "file meta information in another syntax";
    case deviation::file_meta_group_length: return "wrong length of the file meta information";
    case deviation::missing_transfer_syntax: return "no transfer syntax given";
    case deviation::wrong_transfer_syntax: return "another transfer syntax than the one given";
    case deviation::odd_length: return "a value of odd length";
    case deviation::tag_out_of_order: return "an element out of order";
    case deviation::duplicate_tag: return "an element that is there twice";
    case deviation::unknown_vr: return "an unknown value representation";
    case deviation::wrong_vr: return "a value representation that the attribute does not have";
    case deviation::wrong_group_length: return "a wrong group length";
    case deviation::missing_delimiter: return "a delimiter is missing";
    case deviation::unexpected_delimiter: return "a delimiter with nothing to end";
    case deviation::delimiter_with_length: return "a delimiter with a length";
    case deviation::length_beyond_parent: return "a length beyond the end of what it is in";
    case deviation::truncated_value: return "a value cut short";
    case deviation::trailing_bytes: return "bytes after the end";
    case deviation::invalid_item_tag: return "something else where an item should be";
    case deviation::implicit_in_explicit: return "implicit VR inside explicit VR";
    case deviation::sequence_as_un: return "a sequence written as UN";
    case deviation::ambiguous_vr_guessed: return "a value representation that had to be guessed";
    case deviation::bad_encapsulation: return "badly encapsulated pixel data";
    case deviation::zlib_header: return "a deflated stream in the wrapping of zlib";
    case deviation::bad_deflation: return "a deflated stream that is broken";
    case deviation::value_too_long: return "a value that is too long";
    case deviation::undecodable_text: return "text that its character set cannot decode";
    case deviation::unknown_character_set: return "an unknown character set";
    case deviation::invalid_value: return "a value that its value representation does not allow";
    case deviation::invalid_character: return "a character that its value representation does not allow";
    case deviation::invalid_length: return "a length that its value representation does not allow";
    case deviation::wrong_multiplicity: return "a number of values that the attribute does not allow";
    case deviation::outdated_format: return "a value in a format of before 1993";
    case deviation::missing_element: return "an element is missing";
    case deviation::wrong_directory_offset: return "a wrong offset of a directory record";
    case deviation::directory_record_twice: return "a directory record that is reached twice";
    case deviation::unreachable_directory_record: return "a directory record that nothing leads to";
    case deviation::invalid_file_id: return "an invalid File ID";
  }
  return "a deviation";
}

/// In one line: "a value of odd length at byte 1080, (0008,0016): 27 bytes (PS3.5 §7.1.1)".
[[nodiscard]] inline std::string to_string(const diagnosis& found) {
  std::string text{to_string(found.what)};
  if (found.offset != diagnosis::no_offset) text += " at byte " + std::to_string(found.offset);
  for (std::size_t i = 0; i < found.path.size(); ++i) text += (i == 0 ? ", " : " > ") + to_string(found.path[i]);
  if (!found.detail.empty()) text += ": " + found.detail;
  if (!found.section.empty()) text.append(" (").append(found.section) += ')';
  return text;
}

}  // namespace codicom
