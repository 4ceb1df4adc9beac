#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/bytes.hpp>
#include <codicom/core/limits.hpp>
#include <codicom/dul/association_error.hpp>
#include <codicom/dul/presentation_context.hpp>
#include <codicom/dul/reasons.hpp>
#include <codicom/dul/user_information.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace codicom::dul {

inline constexpr std::size_t pdu_header_size = 6;

/// The first six bytes of every PDU (PS3.8 §9.3.1).
struct pdu_header {
  pdu_type type{};
  std::uint32_t length = 0;  ///< bytes after this header
};

/// @pre `bytes` has at least `pdu_header_size` bytes.
[[nodiscard]] inline pdu_header parse_pdu_header(byte_span bytes) noexcept {
  return {static_cast<pdu_type>(bytes[0]), load_be<std::uint32_t>(bytes.data() + 2)};
}

/// PS3.8 §9.3.2. Titles and UIDs are kept as they came, without padding.
struct a_associate_rq {
  a_associate_rq() = default;

  std::uint16_t protocol_version = 1;  ///< one bit per version; bit 0 is version 1, the only one
  ae_title called_ae_title;
  ae_title calling_ae_title;
  unique_id application_context = application_context_name;
  std::vector<proposed_context> contexts;
  user_information user;
  friend bool operator==(const a_associate_rq&, const a_associate_rq&) = default;
};

/// PS3.8 §9.3.3. The title fields repeat those of the request; nobody tests them.
struct a_associate_ac {
  a_associate_ac() = default;

  std::uint16_t protocol_version = 1;
  ae_title called_ae_title;
  ae_title calling_ae_title;
  unique_id application_context = application_context_name;
  std::vector<answered_context> contexts;
  user_information user;
  friend bool operator==(const a_associate_ac&, const a_associate_ac&) = default;
};

/// PS3.8 §9.3.4.
struct a_associate_rj {
  constexpr a_associate_rj() noexcept = default;
  constexpr explicit a_associate_rj(reject_cause why) noexcept : cause{why} {}

  reject_cause cause;
  friend bool operator==(const a_associate_rj&, const a_associate_rj&) = default;
};

/// PS3.8 §9.3.6.
struct a_release_rq {
  friend bool operator==(a_release_rq, a_release_rq) = default;
};

/// PS3.8 §9.3.7.
struct a_release_rp {
  friend bool operator==(a_release_rp, a_release_rp) = default;
};

/// PS3.8 §9.3.8.
struct a_abort {
  constexpr a_abort() noexcept = default;
  constexpr explicit a_abort(abort_cause why) noexcept : cause{why} {}

  abort_cause cause;
  friend bool operator==(const a_abort&, const a_abort&) = default;
};

inline constexpr std::size_t pdv_header_size = 6;
/// Before a fragment that is alone in its P-DATA-TF: PDU header and PDV header.
inline constexpr std::size_t p_data_header_size = pdu_header_size + pdv_header_size;

/// The head of a Presentation Data Value (PS3.8 §9.3.5.1, §E.2).
struct pdv_header {
  context_id context;
  bool is_command = false;  ///< else a fragment of a data set
  bool is_last = false;     ///< of that command or data set
  std::uint32_t size = 0;   ///< bytes of the message fragment that follows: Item-length less 2
};

/// One fragment with its bytes, a view of where they lie.
struct pdv {
  pdv_header header;  ///< `size` is ignored when encoding
  byte_span fragment;
};

/// PS3.8 §9.3.5. The fragments are views: of the decoded bytes, or of what is to be sent. A receiver that streams uses
/// `pdu_reader`, a sender `write_p_data_header`, and neither makes one of these.
struct p_data_tf {
  p_data_tf() = default;
  std::vector<pdv> pdvs;
};

using pdu =
    std::variant<a_associate_rq, a_associate_ac, a_associate_rj, p_data_tf, a_release_rq, a_release_rp, a_abort>;

[[nodiscard]] pdu_type type_of(const pdu& value) noexcept;

/// Append the PDU. Reserved fields are sent as zero; items ascend by type.
/// @throws association_error `errc::invalid_argument` where a field cannot hold the value: an AE title in a request
///         that is empty or too long, an item beyond 65,535 bytes. Then `out` is as before.
void encode(const a_associate_rq& value, std::vector<std::byte>& out);
void encode(const a_associate_ac& value, std::vector<std::byte>& out);
void encode(const p_data_tf& value, std::vector<std::byte>& out);
void encode(const pdu& value, std::vector<std::byte>& out);

/// These four are ten bytes each and need no memory.
using small_pdu = std::array<std::byte, 10>;
[[nodiscard]] small_pdu encode(const a_associate_rj& value) noexcept;
[[nodiscard]] small_pdu encode(a_release_rq value) noexcept;
[[nodiscard]] small_pdu encode(a_release_rp value) noexcept;
[[nodiscard]] small_pdu encode(const a_abort& value) noexcept;

/// Write PDU header and PDV header of a P-DATA-TF that holds one fragment of `header.size` bytes.
void write_p_data_header(std::byte* to, const pdv_header& header) noexcept;
[[nodiscard]] std::array<std::byte, p_data_header_size> p_data_header(const pdv_header& header) noexcept;
/// @pre `bytes` has at least `pdv_header_size` bytes, of which the length is at least 2.
[[nodiscard]] pdv_header parse_pdv_header(byte_span bytes) noexcept;

/// Decode one whole PDU, its header included. Reserved fields and unknown items are passed over; fragments of a
/// P-DATA-TF are views of `bytes`.
/// @throws association_error `errc::malformed_pdu` or `errc::limit_exceeded`; its diagnostics have the PDU, the byte
///         offset, the section, and in `answer` the A-ABORT that PS3.8 has for it.
[[nodiscard]] pdu decode(byte_span bytes, const limits& limits = {});

}  // namespace codicom::dul

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dul/impl/pdu.hpp>
#endif
