#pragma once
#include <codicom/data_set/data_set.hpp>
#include <codicom/encoding/byte_transform.hpp>
#include <codicom/encoding/data_set_builder.hpp>
#include <codicom/encoding/decoder.hpp>

#include <memory>
#include <vector>

namespace codicom {

/// A decoded data set and what was read over.
struct decoded {
  data_set value;
  std::vector<diagnosis> diagnoses;
  std::uint64_t consumed = 0;  ///< bytes of the input that are in `value`
};

/// Decode a data set that lies in memory. With `options.owner` large values refer to `bytes`, else they are copied.
/// Deflated data sets are inflated when <codicom/encoding/deflate.hpp> is part of the program; offsets then count
/// inflated bytes. Errors: errc::unsupported_transfer_syntax, errc::limit_exceeded; of strict decoding
/// errc::malformed_data_set and errc::truncated.
[[nodiscard]] decoded decode(byte_span bytes, const unique_id& transfer_syntax,
                                    const decode_options& options = {});
[[nodiscard]] decoded decode(byte_span bytes, wire_format format, const decode_options& options = {});

/// Builds a data set from bytes that come bit by bit:
///
///     data_set_reader reader{transfer_syntax, decode_options::until(tag::PixelData)};
///     while (!reader.stopped() && more()) reader.feed(next_bytes());
///     data_set head = reader.finish();
class data_set_reader {
 public:
  explicit data_set_reader(const unique_id& transfer_syntax, const decode_options& options = {});
  explicit data_set_reader(wire_format format, const decode_options& options = {});
  data_set_reader(const data_set_reader&) = delete;
  data_set_reader& operator=(const data_set_reader&) = delete;

  /// Bytes taken: all of them until `stopped()`. Errors as `decode` has them.
  std::size_t feed(byte_span input);
  [[nodiscard]] bool stopped() const noexcept { return decoder_.stopped(); }
  /// The data set may end here.
  [[nodiscard]] bool at_boundary() const noexcept { return decoder_.at_boundary(); }
  /// Bytes of the input, after inflating, that are understood; when stopped, where the element that stopped it begins.
  [[nodiscard]] std::uint64_t offset() const noexcept { return decoder_.offset(); }
  /// The format that the data set turned out to have.
  [[nodiscard]] wire_format format() const noexcept { return decoder_.format(); }
  [[nodiscard]] const std::vector<diagnosis>& diagnoses() const noexcept { return decoder_.diagnoses(); }

  /// The data set as far as it has been read. Unless stopped, an element that is not complete is a deviation.
  [[nodiscard]] data_set finish();
  /// The same, and the diagnoses.
  [[nodiscard]] decoded finish_all();

 private:
  std::size_t feed_deflated(byte_span input);

  data_set_builder builder_;
  decoder<data_set_builder> decoder_;
  std::unique_ptr<byte_transform> inflater_;  // of deflated syntaxes only
  std::uint64_t deflated_ = 0;                // bytes it has taken
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/encoding/impl/data_set_reader.hpp>
#endif
