#pragma once
#include <codicom/core/error.hpp>
#include <codicom/core/limits.hpp>
#include <codicom/data_set/data_set.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace codicom {

/// Text that is not JSON (RFC 8259), or not the DICOM JSON model; errc::malformed_json.
class json_error : public std::system_error {
 public:
  json_error(std::size_t offset, const std::string& what)
      : std::system_error{errc::malformed_json, "byte " + std::to_string(offset) + ": " + what}, offset_{offset} {}
  /// Of the byte where it was noticed.
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

 private:
  std::size_t offset_;
};

/// How to read the DICOM JSON model.
class json_decode_options {
 public:
  json_decode_options() = default;

  /// Asked for every BulkDataURI: gives the value as it travels in little endian, text in UTF-8. Without it, or when it
  /// gives nothing, the element is there but empty.
  std::function<std::optional<std::vector<std::byte>>(std::string_view uri, element_tag tag, vr representation)>
      bulk_data;
  codicom::limits limits{};  ///< data_set_bytes (of the text), value_bytes, arena_bytes, elements, depth, fragments
};

/// A data set of the DICOM JSON model (PS3.18 Annex F), members in any order. Read strictly: attributes are named by
/// eight digits, capital letters, and each at most once; numbers must be of the VR's kind and fit. Read over are: group
/// lengths (dropped), members of an attribute that the standard does not know, numbers as strings, a person name as a
/// string, InlineBinary and BulkDataURI in an array of one (as in the example of §F.4).
///
/// Text is encoded in the Specific Character Set that the data set names; when that cannot hold it, or there is none,
/// the whole data set is turned to ISO_IR 192. See `encode_json` for NaN and for encapsulated pixel data.
///
/// Errors: `json_error`; errc::limit_exceeded.
[[nodiscard]] data_set decode_json(std::string_view text, const json_decode_options& options = {});
/// An array of such data sets.
[[nodiscard]] std::vector<data_set> decode_json_array(std::string_view text,
                                                             const json_decode_options& options = {});

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/encoding/impl/decode_json.hpp>
#endif
