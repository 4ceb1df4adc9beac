#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>

#include <string_view>

namespace codicom {
namespace detail {

class errc_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "codicom"; }

  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::association_rejected: return "the peer rejected the association";
      case errc::aborted_by_peer: return "the peer aborted the association";
      case errc::aborted_by_provider: return "the peer's upper layer aborted the association";
      case errc::released_by_peer: return "the peer released the association";
      case errc::connection_refused: return "could not connect";
      case errc::connection_lost: return "the connection was lost";
      case errc::tls_failed: return "no secure connection";
      case errc::no_presentation_context: return "the peer accepted no presentation context for this";
      case errc::connect_timed_out: return "connecting took too long";
      case errc::tls_timed_out: return "the TLS handshake took too long";
      case errc::association_timed_out: return "the association was not established in time";
      case errc::response_timed_out: return "the peer did not answer in time";
      case errc::read_timed_out: return "the peer stopped sending in the middle of a message";
      case errc::write_timed_out: return "the peer stopped reading";
      case errc::release_timed_out: return "the peer did not answer the release in time";
      case errc::malformed_pdu: return "malformed PDU";
      case errc::unexpected_pdu: return "PDU not expected in this state";
      case errc::malformed_command: return "malformed command set";
      case errc::unexpected_message: return "message not expected here";
      case errc::malformed_data_set: return "malformed data set";
      case errc::malformed_file: return "not a DICOM file";
      case errc::malformed_json: return "not a data set in JSON";
      case errc::unsupported_transfer_syntax: return "transfer syntax not supported";
      case errc::truncated: return "ends in the middle of an element";
      case errc::limit_exceeded: return "a limit was exceeded";
      case errc::wrong_state: return "not possible in this state of the association";
      case errc::exchange_in_progress: return "another exchange is in progress";
      case errc::invalid_argument: return "invalid argument";
      case errc::wrong_executor: return "used from another executor than its own";
      case errc::cancelled: return "cancelled";
      case errc::closed: return "closed";
      case errc::file_error: return "file error";
      case errc::disk_full: return "no space left";
    }
    return "unknown error";
  }

  std::error_condition default_error_condition(int value) const noexcept override {
    switch (static_cast<errc>(value)) {
      case errc::association_rejected:
      case errc::connection_refused:
      case errc::tls_failed:
      case errc::no_presentation_context: return failure::peer_refused;
      case errc::aborted_by_peer:
      case errc::aborted_by_provider:
      case errc::released_by_peer:
      case errc::connection_lost: return failure::peer_gone;
      case errc::connect_timed_out:
      case errc::tls_timed_out:
      case errc::association_timed_out:
      case errc::response_timed_out:
      case errc::read_timed_out:
      case errc::write_timed_out:
      case errc::release_timed_out: return failure::timed_out;
      case errc::malformed_pdu:
      case errc::unexpected_pdu:
      case errc::malformed_command:
      case errc::unexpected_message:
      case errc::malformed_data_set:
      case errc::malformed_file:
      case errc::malformed_json:
      case errc::unsupported_transfer_syntax:
      case errc::truncated: return failure::malformed;
      case errc::limit_exceeded: return failure::limit_exceeded;
      case errc::cancelled: return failure::cancelled;
      case errc::file_error:
      case errc::disk_full: return failure::local_io;
      default: return std::error_category::default_error_condition(value);
    }
  }
};

class failure_condition_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "codicom.failure"; }
  std::string message(int value) const override {
    switch (static_cast<failure>(value)) {
      case failure::peer_refused: return "refused by the peer";
      case failure::peer_gone: return "the peer left";
      case failure::timed_out: return "timed out";
      case failure::malformed: return "malformed";
      case failure::limit_exceeded: return "limit exceeded";
      case failure::cancelled: return "cancelled";
      case failure::local_io: return "local input or output failed";
    }
    return "unknown failure";
  }
  // Asio reports its own cancellation as ECANCELED (or 995 on Windows), in a category that maps to nothing.
  bool equivalent(const std::error_code& code, int condition) const noexcept override {
    if (std::error_category::equivalent(code, condition)) return true;
    if (static_cast<failure>(condition) != failure::cancelled) return false;
    const bool is_asio = std::string_view{code.category().name()} == "asio.system";
    return code == std::errc::operation_canceled ||
           (is_asio && (code.value() == static_cast<int>(std::errc::operation_canceled) || code.value() == 995));
  }
};

}  // namespace detail

CODICOM_FUNCTION const std::error_category& codicom_category() noexcept {
  static const detail::errc_category category;
  return category;
}
CODICOM_FUNCTION const std::error_category& failure_category() noexcept {
  static const detail::failure_condition_category category;
  return category;
}

}  // namespace codicom
