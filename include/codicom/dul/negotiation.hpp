#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/limits.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/core/version.hpp>
#include <codicom/dul/association_parameters.hpp>
#include <codicom/dul/pdu.hpp>
#include <codicom/dul/quirks.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace codicom::dul {

enum class context_grouping : std::uint8_t {
  together,                ///< one context, all transfer syntaxes: the acceptor chooses
  one_per_transfer_syntax  ///< one context each: the sender chooses per object
};

/// The presentation contexts that a requestor asks for (PS3.8 §9.3.2.2). Numbers are given by order: 1, 3, 5, ...
class proposal {
 public:
  proposal() = default;

  /// Uncompressed: Explicit and Implicit VR Little Endian, in that order.
  proposal& add(unique_id abstract_syntax);
  /// Transfer syntaxes already proposed for this abstract syntax in a context of their own are not asked for again.
  proposal& add(unique_id abstract_syntax, std::span<const unique_id> transfer_syntaxes,
                context_grouping grouping = context_grouping::together);
  proposal& add(unique_id abstract_syntax, const unique_id& transfer_syntax) {
    return add(abstract_syntax, std::span{&transfer_syntax, 1});
  }
  /// Offer other roles than SCU for an abstract syntax: SCP of storage classes, for C-GET (PS3.7 §D.3.3.4).
  proposal& role(unique_id abstract_syntax, bool scu, bool scp);

  [[nodiscard]] const std::vector<proposed_context>& contexts() const noexcept { return contexts_; }
  [[nodiscard]] const std::vector<role_selection>& roles() const noexcept { return roles_; }
  [[nodiscard]] bool empty() const noexcept { return contexts_.empty(); }
  /// At most 128 fit in one association.
  [[nodiscard]] bool fits() const noexcept { return contexts_.size() <= 128; }

 private:
  void append(unique_id abstract_syntax, std::vector<unique_id> transfer_syntaxes);

  std::vector<proposed_context> contexts_;
  std::vector<role_selection> roles_;
};

/// What a requestor says besides contexts.
struct requestor_options {
  requestor_options() = default;
  requestor_options(ae_title calling, ae_title called) : calling_ae_title{calling}, called_ae_title{called} {}

  ae_title calling_ae_title = "ANY-SCU";
  ae_title called_ae_title = "ANY-SCP";
  std::uint32_t max_length = 131'072;  ///< bytes of a P-DATA-TF that we take; 0 = no limit (PS3.8 §D.1)
  std::optional<async_window> window;  ///< not offered when absent
  std::vector<sop_class_extended> extended;
  std::vector<sop_class_common_extended> common_extended;
  std::optional<user_identity> identity;
  peer_quirks quirks;  ///< of the peer; `known_quirks` has those on record
  unique_id implementation_class_uid{codicom::implementation_class_uid};
  std::string implementation_version_name{codicom::implementation_version_name};
};

/// The A-ASSOCIATE-RQ of a requestor.
/// @throws association_error `errc::invalid_argument`: no context, more than 128 (split as the quirks ask for), an invalid AE title, a UID that is
///         empty, or a maximum length of 1 to 7, in which no fragment fits.
[[nodiscard]] a_associate_rq make_request(const requestor_options& options, const proposal& contexts);

/// Whose order decides among several transfer syntaxes that both sides know. The standard leaves it to the acceptor
/// (PS3.8 §9.3.3.2).
enum class transfer_syntax_preference : std::uint8_t { acceptor, requestor };

/// Which associations and presentation contexts an acceptor takes. A copy is cheap neither to make nor needed: share it
/// among associations.
class acceptor_policy {
 public:
  acceptor_policy() = default;

  /// Take an abstract syntax with these transfer syntaxes, in order of preference.
  acceptor_policy& accept(unique_id abstract_syntax, std::vector<unique_id> transfer_syntaxes);
  /// Explicit and Implicit VR Little Endian.
  acceptor_policy& accept(unique_id abstract_syntax);
  acceptor_policy& accept(std::span<const unique_id> abstract_syntaxes,
                          const std::vector<unique_id>& transfer_syntaxes);
  /// Take every abstract syntax that has not been named, with these transfer syntaxes. With `only_if`, those for which
  /// it says yes.
  acceptor_policy& accept_unknown(std::vector<unique_id> transfer_syntaxes,
                                  std::function<bool(const unique_id& abstract_syntax)> only_if = {});
  /// Let the requestor be SCP of an abstract syntax (and SCU of it), as a C-GET needs for storage classes.
  acceptor_policy& allow_requestor_as_scp(unique_id abstract_syntax);
  acceptor_policy& allow_requestor_as_scp_of_all() {
    scp_of_all_ = true;
    return *this;
  }

  /// Called and calling AE titles that are taken; an empty list takes any.
  std::vector<ae_title> called_ae_titles;
  std::vector<ae_title> calling_ae_titles;
  transfer_syntax_preference preference = transfer_syntax_preference::acceptor;
  std::uint32_t max_length = 131'072;  ///< bytes of a P-DATA-TF that we take; 0 = no limit (PS3.8 §D.1)
  async_window window;                 ///< at most; (1, 1) is answered by leaving the item out (PS3.7 §D.3.3.3.2)
  codicom::limits limits;
  /// Called with a user identity; nothing rejects the association, else the text is the server's response, sent when
  /// one was asked for. Without a callback every identity is taken and none is answered (PS3.7 §D.3.3.7).
  std::function<std::optional<std::string>(const a_associate_rq&, const user_identity&)> on_identity;
  /// Answers SOP class extended negotiation; nothing leaves the item out.
  std::function<std::optional<std::vector<std::byte>>(const sop_class_extended&)> on_extended;
  /// What this requestor has to be spared. Without a function: `known_quirks` of its implementation.
  std::function<peer_quirks(const a_associate_rq&)> quirks;
  /// Asked last, once the rest is acceptable: a cause rejects.
  std::function<std::optional<reject_cause>(const a_associate_rq&)> on_request;
  unique_id implementation_class_uid{codicom::implementation_class_uid};
  std::string implementation_version_name{codicom::implementation_version_name};

  /// The transfer syntaxes taken for an abstract syntax; null: it is not taken.
  [[nodiscard]] const std::vector<unique_id>* transfer_syntaxes(const unique_id& abstract_syntax) const;
  [[nodiscard]] bool may_requestor_be_scp(const unique_id& abstract_syntax) const noexcept;

 private:
  std::unordered_map<unique_id, std::size_t> by_abstract_syntax_;  // index into lists_
  std::vector<std::vector<unique_id>> lists_;                      // each distinct list once
  std::vector<unique_id> unknown_;
  std::function<bool(const unique_id&)> only_if_;
  bool takes_unknown_ = false;
  bool scp_of_all_ = false;
  std::vector<unique_id> scp_;

  std::size_t list(std::vector<unique_id> transfer_syntaxes);
};

/// Answer a request (PS3.8 §7.1.1, PS3.7 §D.3): the acceptance, or the rejection. Contexts are answered in order of
/// proposal; an acceptance may hold no accepted context, which is for the requestor to notice.
[[nodiscard]] std::variant<a_associate_ac, a_associate_rj> negotiate(const a_associate_rq& request,
                                                                            const acceptor_policy& policy);

/// The part of it that is the upper layer's own (AE-6): protocol version and application context. Nothing: acceptable.
[[nodiscard]] std::optional<reject_cause> check_request(const a_associate_rq& request) noexcept;

/// The error that an A-ASSOCIATE-RJ is for a requestor, with advice.
[[nodiscard]] association_error rejected(const a_associate_rj& answer, const ae_title& calling,
                                                const ae_title& called);
/// The error that an A-ABORT is.
[[nodiscard]] association_error aborted(const a_abort& received);
/// Nothing can be done on an association when the peer takes only P-DATA-TF of 1 to 7 bytes: no even fragment fits
/// besides the six bytes of a PDV header. @throws association_error `errc::malformed_pdu`
void require_usable_length(std::uint32_t peer_max_length);

}  // namespace codicom::dul

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dul/impl/negotiation.hpp>
#endif
