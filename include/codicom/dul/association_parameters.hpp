#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/dul/pdu.hpp>
#include <codicom/dul/presentation_context.hpp>
#include <codicom/dul/user_information.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace codicom::dul {

enum class association_role : std::uint8_t { requestor, acceptor };

/// One presentation context after negotiation.
struct negotiated_context {
  negotiated_context() = default;

  [[nodiscard]] bool is_accepted() const noexcept { return result == context_result::acceptance; }

  context_id id;
  context_result result = context_result::no_reason;
  unique_id abstract_syntax;
  unique_id transfer_syntax;            ///< with acceptance
  std::vector<unique_id> not_accepted;  ///< the transfer syntaxes proposed, where the context was not accepted
  bool requestor_is_scu = true;         ///< roles of the requestor of the association (PS3.7 §D.3.3.4)
  bool requestor_is_scp = false;
};

/// What both sides agreed on (PS3.8 §7.1.1): made from request and acceptance, on either side. Inspectable; prints
/// itself.
class association_parameters {
 public:
  association_parameters() = default;
  /// Where the acceptance answers what was not asked, a context is not accepted: a transfer syntax that was not
  /// proposed for it, no answer at all. Without a maximum length (51H) the peer is taken to accept 16,384 bytes.
  association_parameters(association_role own, const a_associate_rq& request, const a_associate_ac& acceptance);

  [[nodiscard]] association_role role() const noexcept { return role_; }
  [[nodiscard]] const ae_title& calling_ae_title() const noexcept { return calling_; }
  [[nodiscard]] const ae_title& called_ae_title() const noexcept { return called_; }
  /// The title of the other side.
  [[nodiscard]] const ae_title& peer_ae_title() const noexcept {
    return role_ == association_role::requestor ? called_ : calling_;
  }

  /// In order of proposal, rejected ones included.
  [[nodiscard]] const std::vector<negotiated_context>& contexts() const noexcept { return contexts_; }
  /// The context of that id if it was accepted, else null. Constant time.
  [[nodiscard]] const negotiated_context* accepted(context_id id) const noexcept;
  /// The first context accepted for an abstract syntax (and for a transfer syntax), else null.
  [[nodiscard]] const negotiated_context* accepted(const unique_id& abstract_syntax) const noexcept;
  [[nodiscard]] const negotiated_context* accepted(const unique_id& abstract_syntax,
                                                   const unique_id& transfer_syntax) const noexcept;
  /// The transfer syntaxes accepted for an abstract syntax, each once, in order of proposal.
  [[nodiscard]] std::vector<unique_id> accepted_transfer_syntaxes(const unique_id& abstract_syntax) const;
  [[nodiscard]] bool any_accepted() const noexcept;

  /// We, or the peer, may send requests of this context's SOP class.
  [[nodiscard]] bool may_invoke(const negotiated_context& context) const noexcept {
    return role_ == association_role::requestor ? context.requestor_is_scu : context.requestor_is_scp;
  }
  [[nodiscard]] bool may_perform(const negotiated_context& context) const noexcept {
    return role_ == association_role::requestor ? context.requestor_is_scp : context.requestor_is_scu;
  }

  /// Longest P-DATA-TF (its PDU-length, in bytes) that the peer takes, and that we announced; 0 = no limit.
  [[nodiscard]] std::uint32_t peer_max_length() const noexcept { return peer_max_length_; }
  [[nodiscard]] std::uint32_t own_max_length() const noexcept { return own_max_length_; }

  /// Operations we may have outstanding, and those the peer may have with us; 0 = no limit (PS3.7 §D.3.3.3).
  [[nodiscard]] std::uint16_t own_window() const noexcept {
    return role_ == association_role::requestor ? window_.invoked : window_.performed;
  }
  [[nodiscard]] std::uint16_t peer_window() const noexcept {
    return role_ == association_role::requestor ? window_.performed : window_.invoked;
  }

  [[nodiscard]] const unique_id& peer_implementation_class_uid() const noexcept { return implementation_class_; }
  [[nodiscard]] const std::string& peer_implementation_version_name() const noexcept { return implementation_version_; }
  /// Answers to SOP class extended negotiation; common extended negotiation as requested.
  [[nodiscard]] const std::vector<sop_class_extended>& extended() const noexcept { return extended_; }
  [[nodiscard]] const std::vector<sop_class_common_extended>& common_extended() const noexcept { return common_; }
  /// The server's response to a user identity, when one came or was given.
  [[nodiscard]] const std::optional<std::string>& identity_response() const noexcept { return identity_response_; }

  /// Why nothing can be sent for an abstract syntax, in one sentence; empty when something can.
  [[nodiscard]] std::string why_not(const unique_id& abstract_syntax) const;
  /// Why an object in that transfer syntax cannot be sent, though others may; with an empty one, why no operation can
  /// be invoked.
  [[nodiscard]] std::string why_not(const unique_id& abstract_syntax, const unique_id& transfer_syntax) const;

 private:
  association_role role_ = association_role::requestor;
  ae_title calling_, called_;
  std::uint32_t peer_max_length_ = 0, own_max_length_ = 0;
  async_window window_;
  std::vector<negotiated_context> contexts_;
  std::vector<std::uint8_t> by_id_;  // id / 2 -> index + 1; 0: none
  unique_id implementation_class_;
  std::string implementation_version_;
  std::vector<sop_class_extended> extended_;
  std::vector<sop_class_common_extended> common_;
  std::optional<std::string> identity_response_;
};

/// Several lines: titles, peer, limits, window, one line per context.
[[nodiscard]] std::string to_string(const association_parameters& parameters);

}  // namespace codicom::dul

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dul/impl/association_parameters.hpp>
#endif
