#pragma once
#include <codicom/core/diagnosis.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/encoding/decode_options.hpp>
#include <codicom/encoding/wire_format.hpp>

#include <cstddef>
#include <cstdint>
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
  ~data_set_reader();

  /// Bytes taken: all of them until `stopped()`. Errors as `decode` has them.
  std::size_t feed(byte_span input);
  [[nodiscard]] bool stopped() const noexcept;
  /// The data set may end here.
  [[nodiscard]] bool at_boundary() const noexcept;
  /// Bytes of the input, after inflating, that are understood; when stopped, where the element that stopped it begins.
  [[nodiscard]] std::uint64_t offset() const noexcept;
  /// The format that the data set turned out to have.
  [[nodiscard]] wire_format format() const noexcept;
  [[nodiscard]] const std::vector<diagnosis>& diagnoses() const noexcept;

  /// The data set as far as it has been read. Unless stopped, an element that is not complete is a deviation.
  [[nodiscard]] data_set finish();
  /// The same, and the diagnoses.
  [[nodiscard]] decoded finish_all();

 private:
  friend decoded decode(byte_span, wire_format, const decode_options&);
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/encoding/impl/data_set_reader.hpp>
#endif
