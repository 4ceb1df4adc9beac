#pragma once
#include <string>
#include <system_error>

namespace codicom {

/// What went wrong, exactly. A DIMSE status is not here: it is a value of a response. For a decision, compare with a
/// `failure` condition, which groups these.
enum class errc {
  // the peer said no (PS3.8 §9.3.4) or left
  association_rejected = 1,    ///< A-ASSOCIATE-RJ: `diagnostics` holds result, source and reason
  aborted_by_peer,             ///< A-ABORT from the service user (source 0)
  aborted_by_provider,         ///< A-ABORT from the service provider (source 2), or a source we do not know
  released_by_peer,            ///< A-RELEASE-RQ while an answer was awaited
  connection_refused,          ///< nobody listens at that address, or it cannot be reached or resolved
  connection_lost,             ///< the transport ended in the middle of an association
  tls_failed,                  ///< no TLS session: a certificate, a version; the message says which
  no_presentation_context,     ///< none was accepted for what is to be done
  // time
  connect_timed_out,
  tls_timed_out,               ///< the TLS handshake
  association_timed_out,       ///< no answer to A-ASSOCIATE-RQ, or none came (ARTIM)
  response_timed_out,          ///< no DIMSE response
  read_timed_out,              ///< the peer stopped in the middle of a PDU or message
  write_timed_out,             ///< the peer stopped reading
  release_timed_out,
  // what came is not DICOM
  malformed_pdu,               ///< PS3.8 §9.3
  unexpected_pdu,              ///< not foreseen in this state (PS3.8 Table 9-10)
  malformed_command,           ///< PS3.7 §6.3, §9.3
  unexpected_message,          ///< a response to nothing, a context that was not accepted
  malformed_data_set,          ///< PS3.5 §7
  malformed_file,              ///< PS3.10 §7
  malformed_json,              ///< RFC 8259, PS3.18 Annex F
  unsupported_transfer_syntax,
  truncated,                   ///< ends in the middle of an element
  // our own limits
  limit_exceeded,              ///< one of `codicom::limits`
  // the caller
  wrong_state,                 ///< not possible now (PS3.8 Table 9-10, a blank cell); nothing was sent
  exchange_in_progress,        ///< beyond the negotiated window, and the caller chose not to wait
  invalid_argument,
  wrong_executor,
  cancelled,                   ///< by the caller's cancellation slot, or because the association is going down
  closed,                      ///< released, stopped or moved from
  // local I/O
  file_error,                  ///< open, write, rename; the message has the path and the system's word
  disk_full,
};

/// Groups of `errc`, for decisions: `if (e.code() == failure::peer_refused) try_another_archive();`
enum class failure {
  peer_refused = 1,   ///< rejection, no context, no TLS, nobody listening: ask somebody else, or change the set-up
  peer_gone,          ///< abort, release or loss in the middle
  timed_out,
  malformed,          ///< what the peer sent or the file holds is not DICOM
  limit_exceeded,
  cancelled,
  local_io,
};

[[nodiscard]] const std::error_category& codicom_category() noexcept;
[[nodiscard]] const std::error_category& failure_category() noexcept;
[[nodiscard]] inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), codicom_category()}; }
[[nodiscard]] inline std::error_condition make_error_condition(failure f) noexcept {
  return {static_cast<int>(f), failure_category()};
}

}  // namespace codicom

template <>
struct std::is_error_code_enum<codicom::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<codicom::failure> : std::true_type {};

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/core/impl/error.hpp>
#endif
