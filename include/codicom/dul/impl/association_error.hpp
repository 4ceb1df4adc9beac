#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dul/association_error.hpp>

namespace codicom {
namespace dul {
namespace detail {

[[nodiscard]] inline std::string in_quotes(std::string_view title) {
  return title.empty() ? std::string{} : " '" + std::string{title} + '\'';
}

/// Whose fault it is and what a person can do about it, one sentence; empty when there is nothing to say.
[[nodiscard]] inline std::string advice(std::error_code code, const diagnostics& known) {
  if (code.category() != codicom_category()) return {};
  switch (static_cast<errc>(code.value())) {
    case errc::association_rejected: {
      if (!known.rejected) return {};
      const auto cause = *known.rejected;
      if (cause.source == reject_source::service_user && cause.reason == 3)
        return "The peer does not know our AE title" + in_quotes(known.calling_ae_title) +
               ": add it, with our host and port, to the peer's list of application entities.";
      if (cause.source == reject_source::service_user && cause.reason == 7)
        return "The peer does not answer to the AE title" + in_quotes(known.called_ae_title) +
               ": check the called AE title.";
      if (cause.source == reject_source::service_user && cause.reason == 1)
        return "Some peers say this for an AE title or an address that they do not know: check our AE title" +
               in_quotes(known.calling_ae_title) + " and the called one" + in_quotes(known.called_ae_title) +
               " in the peer's configuration, and its log.";
      if (cause.source == reject_source::provider_acse && cause.reason == 1)
        return "Some peers say this for a user identity that they do not accept: check user name and password.";
      if (cause.result == reject_result::transient) return "It may pass: try again later.";
      return "See the peer's log.";
    }
    case errc::aborted_by_peer:
    case errc::aborted_by_provider:
      return "See the peer's log; some peers abort where they do not know our AE title" +
             in_quotes(known.calling_ae_title) + " or do not permit what was asked.";
    case errc::connection_refused: return "Check host and port, that the peer is running, and firewalls between.";
    case errc::connection_lost: return "Check that the peer is still running, and the network.";
    case errc::no_presentation_context:
      return "The peer does not offer this service, or not to us, or knows none of the transfer syntaxes: see its "
             "configuration.";
    case errc::connect_timed_out: return "Check host and port, and firewalls between.";
    case errc::tls_timed_out: return "Check that the peer speaks TLS at that port.";
    case errc::association_timed_out: return "Check that a DICOM service listens at that port.";
    case errc::response_timed_out:
    case errc::read_timed_out:
    case errc::write_timed_out:
    case errc::release_timed_out: return "Check that the peer is alive; where it is only slow, allow more time.";
    case errc::limit_exceeded: return "If the peer is to be trusted, raise that limit.";
    case errc::malformed_pdu:
    case errc::unexpected_pdu:
    case errc::malformed_command:
    case errc::unexpected_message:
      return "The peer does not keep to the standard, or is no DICOM peer: check the port.";
    default: return {};
  }
}

// The peer's words go to terminals and logs: control characters are taken out, length is bounded.
[[nodiscard]] inline std::string harmless(std::string_view text) {
  constexpr std::size_t longest = 256;
  std::string out;
  for (const char c : text.substr(0, longest)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  return out;
}

}  // namespace detail

CODICOM_FUNCTION std::string describe(std::error_code code, const diagnostics& known) {
  std::string text;
  if (!known.operation.empty()) text += known.operation;
  if (!known.peer.empty()) text += (text.empty() ? "" : " with ") + known.peer;
  if (!text.empty()) text += ": ";
  text += code.message();
  if (known.rejected) {
    text += known.rejected->result == reject_result::transient ? " for now: " : ": ";
    text += meaning(*known.rejected);
  }
  if (known.aborted) text += " (" + std::string{meaning(*known.aborted)} + ')';
  if (!known.detail.empty()) text += ": " + known.detail;

  std::string where;
  const auto add = [&where](const std::string& part) { where += (where.empty() ? "" : ", ") + part; };
  if (known.pdu) add(std::string{name(*known.pdu)});
  if (known.offset) add("byte " + std::to_string(*known.offset));
  if (known.context) add("presentation context " + to_string(*known.context));
  if (!known.section.empty()) add(std::string{known.section});
  if (!where.empty()) text += " (" + where + ')';
  if (!known.peer_text.empty()) text += ". The peer says: \"" + detail::harmless(known.peer_text) + '"';
  if (const auto advice = detail::advice(code, known); !advice.empty()) text += ". " + advice;
  return text;
}

}  // namespace dul

CODICOM_FUNCTION association_error::association_error(std::error_code code, dul::diagnostics known)
    : std::system_error{code}, known_{std::move(known)}, what_{dul::describe(code, known_)} {}

CODICOM_FUNCTION association_error association_error::with(std::string_view operation, std::string_view peer) const {
  auto known = known_;
  if (known.operation.empty()) known.operation = operation;
  if (known.peer.empty()) known.peer = peer;
  return association_error{code(), std::move(known)};
}

}  // namespace codicom
