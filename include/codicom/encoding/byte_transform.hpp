#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/detail/installed.hpp>
#include <codicom/core/diagnosis.hpp>
#include <codicom/core/error.hpp>
#include <codicom/encoding/decode_options.hpp>

#include <cstdint>
#include <memory>
#include <system_error>
#include <vector>

namespace codicom {

/// Makes another stream of bytes of one that comes bit by bit, in bounded memory:
///
///     while (!(piece = transform.next(input)).empty()) use(piece);   // for each input
///     while (!(piece = transform.finish()).empty()) use(piece);      // at its end
class byte_transform {
 public:
  byte_transform() = default;
  byte_transform(const byte_transform&) = delete;
  byte_transform& operator=(const byte_transform&) = delete;
  virtual ~byte_transform() = default;

  /// The next piece of output, valid until the next call. What it is made of is taken from the front of `input`; when
  /// all has been taken and nothing more can be said, the piece is empty.
  [[nodiscard]] virtual byte_span next(byte_span& input) = 0;
  /// The input has ended: the next piece of what is left, empty when there is no more.
  [[nodiscard]] virtual byte_span finish() = 0;
  /// What was read over, complete after `finish`. Offsets count bytes of the input.
  [[nodiscard]] virtual std::vector<diagnosis> take_diagnoses() { return {}; }
};

namespace detail {

// Who inflates and deflates. A program has nobody until one of its units includes <codicom/encoding/deflate.hpp>, which
// alone knows zlib.
struct deflate_codec {
  std::unique_ptr<byte_transform> (*make_inflater)(const decode_options&);
  std::unique_ptr<byte_transform> (*make_deflater)();
};

[[nodiscard]] inline const deflate_codec& find_deflate_codec() {
  if (const auto* codec = installed<deflate_codec>()) return *codec;
  throw std::system_error{errc::unsupported_transfer_syntax,
                          "it is deflated: #include <codicom/encoding/deflate.hpp> in one source file of the program, "
                          "which needs zlib"};
}

}  // namespace detail

/// Deflated transfer syntaxes are read and written: <codicom/encoding/deflate.hpp> is part of this program.
[[nodiscard]] inline bool can_deflate() noexcept {
  return detail::installed<detail::deflate_codec>() != nullptr;
}

}  // namespace codicom
