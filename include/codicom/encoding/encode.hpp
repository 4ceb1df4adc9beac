#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/encoding/wire_format.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace codicom {

namespace detail {
struct encoding;
}

/// Append the encoded data set. Sequences and items keep the kind of length they were read with; group lengths are
/// computed anew; odd values are padded; a value too long for the short form of its VR is written as UN
/// (PS3.5 §6.2.2). Errors: errc::unsupported_transfer_syntax, also for deflated ones unless
/// <codicom/encoding/deflate.hpp> is part of the program; errc::invalid_argument when fragments would have to be written
/// in a syntax that has none.
void encode(const data_set& from, const unique_id& transfer_syntax, std::vector<std::byte>& out);
void encode(const data_set& from, wire_format format, std::vector<std::byte>& out);
[[nodiscard]] std::vector<std::byte> encode(const data_set& from, const unique_id& transfer_syntax);

/// How many bytes `encode` writes.
[[nodiscard]] std::uint64_t encoded_size(const data_set& from, const unique_id& transfer_syntax);

/// An encoded data set as a list of buffers, for a sink that can gather: large values are referred to where they lie in
/// the data set, which must stay as it is meanwhile; all else is in a block of its own.
class encoded_buffers {
 public:
  encoded_buffers() noexcept = default;
  [[nodiscard]] std::span<const byte_span> buffers() const noexcept { return buffers_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  friend struct detail::encoding;
  std::vector<std::byte> block_;
  std::vector<byte_span> buffers_;
  std::uint64_t size_ = 0;
};

/// Values of at least `by_reference_from` bytes are not copied (unless their words must be swapped).
[[nodiscard]] encoded_buffers encode_buffers(const data_set& from, wire_format format,
                                                    std::size_t by_reference_from = 4096);
[[nodiscard]] inline encoded_buffers encode_buffers(const data_set& from, const unique_id& transfer_syntax,
                                                    std::size_t by_reference_from = 4096) {
  return encode_buffers(from, wire_format_of(transfer_syntax), by_reference_from);
}

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/encoding/impl/encode.hpp>
#endif
