#pragma once
// Optional, and in no umbrella header: needs zlib (CMake: link codicom::zlib; elsewhere -lz). Once a unit of the program
// includes it, deflated transfer syntaxes are read and written wherever others are.
#include <codicom/core/limits.hpp>
#include <codicom/encoding/byte_transform.hpp>

#if !__has_include(<zlib.h>)
#error "codicom/encoding/deflate.hpp needs zlib. Debian and Ubuntu: apt-get install zlib1g-dev."
#endif
#include <zlib.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace codicom {

/// Inflates a deflated data set (PS3.5 §A.5): raw RFC 1951 with one byte of padding or none behind. A stream in the
/// wrapping of zlib (RFC 1950), one that is broken or cut short, one that is not deflated at all, and bytes behind it
/// are read as far as possible and listed, unless strict. Errors: errc::limit_exceeded for more than
/// `limits.data_set_bytes`, and for more than `limits.inflate_ratio` times the input once they are
/// `limits.inflate_ratio_from` or more: an image of nothing but zeros shrinks as much as a stream made to do harm, and
/// only their size tells them apart. Of strict inflating errc::malformed_data_set and errc::truncated.
class inflate_stream final : public byte_transform {
 public:
  explicit inflate_stream(const decode_options& options = {});
  inline ~inflate_stream() override;

  [[nodiscard]] inline byte_span next(byte_span& input) override;
  [[nodiscard]] inline byte_span finish() override;
  [[nodiscard]] std::vector<diagnosis> take_diagnoses() override { return std::move(diagnoses_); }

 private:
  enum class state : std::uint8_t { undecided, inflating, plain, ended, broken };

  [[nodiscard]] byte_span decide(byte_span& input, bool is_all);
  [[nodiscard]] byte_span produce(byte_span& input);
  void begin(int window_bits);
  void check_limits() const;
  void deviates(deviation what, const char* detail);

  state state_ = state::undecided;
  strictness mode_;
  codicom::limits limits_;
  z_stream zlib_{};
  bool begun_ = false;
  std::array<std::byte, 8> start_{};  // of the input, before it is decided what that is
  std::size_t started_ = 0;
  byte_span start_left_;
  std::uint64_t taken_ = 0;
  std::uint64_t made_ = 0;
  std::uint64_t behind_ = 0;          // bytes after the end
  std::byte last_behind_{};
  std::vector<diagnosis> diagnoses_;
  std::vector<std::byte> out_;
};

/// Deflates: raw RFC 1951, padded with a NUL to even length (PS3.5 §A.5).
class deflate_stream final : public byte_transform {
 public:
  /// @param level of zlib, 0 (none) to 9 (best)
  explicit deflate_stream(int level = Z_DEFAULT_COMPRESSION);
  inline ~deflate_stream() override;

  [[nodiscard]] inline byte_span next(byte_span& input) override;
  [[nodiscard]] inline byte_span finish() override;

 private:
  [[nodiscard]] byte_span produce(byte_span& input, int flush);

  z_stream zlib_{};
  bool ended_ = false;
  std::uint64_t made_ = 0;
  std::vector<std::byte> out_;
};

/// A whole stream that lies in memory, such as a frame of Deflated Image Frame Compression (PS3.5 §A.4.13). Errors as
/// a strict `inflate_stream` has them.
[[nodiscard]] inline std::vector<std::byte> inflated(byte_span bytes, const limits& within = {});
[[nodiscard]] inline std::vector<std::byte> deflated(byte_span bytes, int level = Z_DEFAULT_COMPRESSION);

}  // namespace codicom

#include <codicom/encoding/impl/deflate.hpp>
