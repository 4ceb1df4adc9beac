#pragma once
#include <codicom/data_set/data_set.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace codicom {

/// How to write the DICOM JSON model.
class json_encode_options {
 public:
  json_encode_options() = default;

  /// Asked for every value that may be bulk data (PS3.18 §F.2.2): gives its BulkDataURI, or "" to have it in the text.
  /// `path` leads from the root to the element, as `data_set::find` takes it: "52009230[0].00280030".
  std::function<std::string(std::string_view path, const element& value)> bulk_data_uri;
};

/// A data set in the DICOM JSON model (PS3.18 Annex F), as one line of UTF-8. How it is written:
/// - Group lengths are left out; of a tag that came more than once, the first is written. Trailing padding is left out.
/// - Text is decoded; Specific Character Set stands there as it is in the data set (§F.2.2, note 3). A byte that is no
///   text becomes U+EF00 plus the byte, see `to_utf8`.
/// - IS, DS, SV and UV are numbers where every reader prints the same number again, else strings (§F.2.3): at most 15
///   digits, no exponent, no plus sign, no superfluous zero; for SV and UV at most 2^53 - 1.
/// - NaN and the infinities, which JSON lacks, are the strings "NaN", "Infinity" and "-Infinity".
/// - Encapsulated pixel data are an InlineBinary of the items as they stand in a file (PS3.5 §A.4), basic offset table
///   first, without the delimiter at the end.
/// - A UN of undefined length is the SQ that it holds (PS3.5 §6.2.2). Numbers with bytes missing are InlineBinary.
[[nodiscard]] std::string encode_json(const data_set& from, const json_encode_options& options = {});
/// An array of data sets, as query services answer with (PS3.18 §F.2).
[[nodiscard]] std::string encode_json(std::span<const data_set> from, const json_encode_options& options = {});

namespace detail {
void encode_json_to(const data_set& from, void (*sink)(void*, std::string_view), void* target,
                    const json_encode_options& options);
}

/// The same piece by piece: `sink` is called with one std::string_view after the other.
template <class Sink>
  requires std::is_invocable_v<Sink&, std::string_view>
void encode_json(const data_set& from, Sink&& sink, const json_encode_options& options = {}) {
  using target = std::remove_reference_t<Sink>;
  const auto call = [](void* to, std::string_view text) { (*static_cast<target*>(to))(text); };
  detail::encode_json_to(from, call, const_cast<void*>(static_cast<const void*>(std::addressof(sink))), options);
}

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/encoding/impl/encode_json.hpp>
#endif
