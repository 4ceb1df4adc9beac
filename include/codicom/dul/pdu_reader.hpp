#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/limits.hpp>
#include <codicom/dul/association_error.hpp>
#include <codicom/dul/pdu.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace codicom::dul {

/// Takes a stream of PDUs apart, fed with any split of its bytes. Headers are collected inside; a PDU other than
/// P-DATA-TF is collected whole; the fragments of P-DATA-TF are left to the caller, who takes them from his own buffer
/// or reads them straight to where they belong:
///
///     auto bytes = buffer.received();
///     for (;;) switch (reader.next(bytes)) {       // drops from `bytes` what it took
///       case pdu_reader::need_more: ... read more; continue
///       case pdu_reader::whole_pdu: auto pdu = reader.take(); ...
///       case pdu_reader::fragment:                 // reader.header(), reader.fragment_left() bytes follow
///         part = bytes.first(min(bytes.size(), reader.fragment_left())); reader.consumed(part.size()); ...
///       case pdu_reader::fault: ... reader.error() tells why: Evt 19
///     }
class pdu_reader {
 public:
  enum result {
    need_more,  ///< all of the input was taken
    whole_pdu,  ///< `take()` it
    fragment,   ///< a PDV begins: `header()`; the bytes of its fragment come next in the stream
    fault,      ///< what came is no PDU; `error()`. Nothing more can be read
  };

  explicit pdu_reader(const limits& limits = {});
  pdu_reader(pdu_reader&&) noexcept;
  pdu_reader& operator=(pdu_reader&&) noexcept;
  ~pdu_reader();

  /// Longest P-DATA-TF (its PDU-length) that is let pass; 0 = no limit. At first `limits.pdu_bytes`. What was announced
  /// to the peer (51H) is the least that should stand here; a little more is kind to peers that do not count their
  /// headers.
  void max_p_data_length(std::uint32_t bytes) noexcept { max_p_data_ = bytes; }

  /// Walk on. With `fragment_left() != 0` it answers `fragment` again and takes nothing.
  [[nodiscard]] result next(byte_span& input);

  /// The PDU that `whole_pdu` announced. Its memory is let go.
  [[nodiscard]] pdu take();

  /// The PDV under way.
  [[nodiscard]] const pdv_header& header() const noexcept { return header_; }
  /// It is the first of its P-DATA-TF: for the state machine (Evt 10), which counts PDUs.
  [[nodiscard]] bool first_of_pdu() const noexcept { return first_of_pdu_; }
  /// Bytes of its fragment that the caller has not taken yet.
  [[nodiscard]] std::uint32_t fragment_left() const noexcept { return fragment_left_; }
  /// The caller has taken `bytes` of the fragment from the stream. @pre bytes <= fragment_left()
  void consumed(std::size_t bytes) noexcept {
    fragment_left_ -= static_cast<std::uint32_t>(bytes);
    taken_ += bytes;
  }

  /// Between two PDUs: no byte of the next one has come. Here an orderly end of the transport may stand.
  [[nodiscard]] bool at_boundary() const noexcept;
  /// Bytes taken so far, fragments included.
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return taken_; }
  /// @pre `next` said `fault`
  [[nodiscard]] const association_error& error() const noexcept;

 private:
  enum class part : std::uint8_t { header, body, pdv };

  bool collect_head(byte_span& input) noexcept;
  result begin_pdu();
  result begin_fragment();
  result stop(errc code, abort_reason reason, std::uint64_t offset, std::string_view section, std::string detail);

  limits limits_;
  std::uint32_t max_p_data_ = limits_.pdu_bytes;
  part state_ = part::header;
  bool first_of_pdu_ = false;
  std::uint8_t have_ = 0;                          // bytes in head_
  std::array<std::byte, pdu_header_size> head_{};  // of a PDU or a PDV, while it is incomplete
  pdu_header pdu_{};
  std::uint32_t pdu_left_ = 0;  // bytes of the PDU's body that have not been walked; a PDV counts from its header on
  std::uint32_t fragment_left_ = 0;
  pdv_header header_{};
  std::uint64_t taken_ = 0;
  std::vector<std::byte> body_;  // of a PDU that is collected whole, its header included
  std::unique_ptr<pdu> whole_;
  std::unique_ptr<association_error> error_;
};

}  // namespace codicom::dul

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dul/impl/pdu_reader.hpp>
#endif
