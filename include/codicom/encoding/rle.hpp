#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/diagnosis.hpp>
#include <codicom/encoding/decode_options.hpp>
#include <codicom/encoding/frames.hpp>

#include <cstddef>
#include <vector>

namespace codicom {

/// A frame after decompression.
class decoded_frame {
 public:
  decoded_frame() = default;

  std::vector<std::byte> bytes;  ///< little endian, the samples of a pixel side by side (Planar Configuration 0)
  std::vector<diagnosis> diagnoses;
};

/// Decode a frame of the transfer syntax RLE Lossless (PS3.5 Annex G) to a native one. Samples of 8, 16, 24, 32 bits ...
/// and of single bits. What is missing at the end is zero, with a diagnosis. Memory is taken only for what so many bytes
/// of RLE can hold. Errors: errc::malformed_data_set, errc::truncated for a frame that cannot be whole or, strictly
/// decoded, is not.
[[nodiscard]] decoded_frame decode_rle(byte_span frame, const frame_format& format,
                                              strictness mode = strictness::tolerant);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/encoding/impl/rle.hpp>
#endif
