#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/diagnosis.hpp>
#include <codicom/core/limits.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/encoding/decode_options.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace codicom {

/// How to re-encode.
class transcode_options {
 public:
  transcode_options(strictness how = strictness::tolerant) noexcept : mode{how} {}  // NOLINT: a strictness says enough

  strictness mode;
  codicom::limits limits{};
  /// Tells the VRs of private elements when implicit VR becomes explicit; without it they are UN.
  private_vr_lookup private_vr = nullptr;
  /// Write every element anew, even where the transfer syntax stays the same, so that what comes out has even values
  /// and lengths that are true, whatever was read over.
  bool repair = false;
};

/// One can be re-encoded in the other without touching pixels: both the same, or neither encapsulated. Deflated ones
/// need <codicom/encoding/deflate.hpp> in the program, unless nothing is to be done.
[[nodiscard]] bool is_transcodable(const unique_id& from, const unique_id& to) noexcept;

/// Re-encodes a data set that is fed in any split of bytes, element by element and without holding it (PS3.5 Annex A).
///
/// - Between syntaxes of the same layout (one deflated, or both the same) every byte passes.
/// - Between explicit VR little and big endian lengths stay as they are; words are swapped as their VR says, but not in
///   UN (§6.2.2).
/// - Else headers change size: sequences and items get undefined length, unless empty, and group lengths, which are
///   retired (§7.2), are left out.
/// - Implicit VR becomes explicit by the dictionary: pixel, overlay, waveform and palette data OW (§A.1), "US or SS" by
///   Pixel Representation of the same item or the nearest around it, others that are unknown UN. Output is held back
///   while Pixel Representation may still come, up to `limits.held_bytes`; then it is US, with a diagnosis.
/// - A value too long for the short form of its VR becomes UN (§6.2.2), one of odd length is padded (§7.1.1).
///
///     transcoder to_implicit{[&](byte_span bytes) { out.write(bytes); }, from, transfer_syntax::ImplicitVRLittleEndian};
///     while (more()) to_implicit.feed(next_bytes());
///     to_implicit.finish();
///
/// Errors: errc::unsupported_transfer_syntax when not `is_transcodable`; errc::invalid_argument for encapsulated pixel
/// data where none can be; errc::malformed_data_set when lengths cannot stay as they are because they lie (`repair`
/// helps); errc::limit_exceeded; of strict decoding those of `decode`. Input cut off inside a value gives output cut off
/// there, and a diagnosis; with `repair` it is errc::truncated.
class transcoder {
 public:
  using sink = std::function<void(byte_span)>;

  /// `output` gets pieces of any size, valid for the time of the call.
  transcoder(sink output, const unique_id& from, const unique_id& to, const transcode_options& options = {});
  transcoder(transcoder&&) noexcept;
  transcoder& operator=(transcoder&&) noexcept;
  ~transcoder();

  void feed(byte_span input);
  /// The input has ended. The last of the output comes; nothing more may be fed.
  void finish();

  /// What was read over, and what was guessed, complete after `finish`. Offsets count (inflated) bytes of the input.
  [[nodiscard]] std::vector<diagnosis> take_diagnoses();

 private:
  class machine;
  std::unique_ptr<machine> machine_;
};

/// Re-encode from a source to a sink; both see pieces of bounded size. Errors as `transcoder` has them, and whatever
/// the two throw.
///
/// @param source fills the front of the span it is given and says how many bytes; 0 at the end
template <class Source, class Sink>
  requires std::invocable<Source&, std::span<std::byte>> && std::invocable<Sink&, byte_span>
std::vector<diagnosis> transcode(Source&& source, Sink&& sink, const unique_id& from, const unique_id& to,
                                 const transcode_options& options = {}) {
  transcoder between{std::ref(sink), from, to, options};
  std::array<std::byte, 32 << 10> piece;
  while (const std::size_t size = source(std::span{piece})) between.feed(byte_span{piece}.first(size));
  between.finish();
  return between.take_diagnoses();
}

/// The same in memory.
[[nodiscard]] std::vector<std::byte> transcode(byte_span bytes, const unique_id& from, const unique_id& to,
                                                      const transcode_options& options = {});

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/encoding/impl/transcode.hpp>
#endif
