#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/dul/negotiation.hpp>

#include <algorithm>
#include <array>

namespace codicom::dul {
namespace detail {

inline constexpr std::array uncompressed{transfer_syntax::ExplicitVRLittleEndian,
                                         transfer_syntax::ImplicitVRLittleEndian};

template <class Container, class Value>
[[nodiscard]] bool contains(const Container& in, const Value& what) {
  return std::find(in.begin(), in.end(), what) != in.end();
}

[[noreturn]] inline void refuse_request(std::string detail) {
  diagnostics known{std::move(detail)};
  known.operation = "A-ASSOCIATE";
  known.pdu = pdu_type::a_associate_rq;
  throw association_error{make_error_code(errc::invalid_argument), std::move(known)};
}

// 1 to 7: six bytes of PDV header and an even fragment of two at least do not fit (PS3.8 §D.1, §E.2).
[[nodiscard]] constexpr bool is_usable_length(std::uint32_t max_length) noexcept {
  return max_length == 0 || max_length >= 8;
}

[[nodiscard]] constexpr std::uint32_t announced_length(std::uint32_t wanted, const peer_quirks& quirks) noexcept {
  return wanted == 0 && quirks.no_unlimited_length ? 131'072 : wanted;
}

}  // namespace detail

CODICOM_FUNCTION proposal& proposal::add(unique_id abstract_syntax) { return add(abstract_syntax, detail::uncompressed); }

CODICOM_FUNCTION proposal& proposal::add(unique_id abstract_syntax, std::span<const unique_id> transfer_syntaxes,
                               context_grouping grouping) {
  if (grouping == context_grouping::together) {
    append(abstract_syntax, {transfer_syntaxes.begin(), transfer_syntaxes.end()});
  } else {
    for (const auto& syntax : transfer_syntaxes) append(abstract_syntax, {syntax});
  }
  return *this;
}

CODICOM_FUNCTION void proposal::append(unique_id abstract_syntax, std::vector<unique_id> transfer_syntaxes) {
  for (const auto& each : contexts_)
    if (each.abstract_syntax == abstract_syntax && each.transfer_syntaxes == transfer_syntaxes) return;
  // Numbers past 255 do not exist; make_request refuses such a proposal, and `fits` tells before.
  contexts_.emplace_back(context_id{static_cast<std::uint8_t>(contexts_.size() * 2 + 1)}, abstract_syntax,
                         std::move(transfer_syntaxes));
}

CODICOM_FUNCTION proposal& proposal::role(unique_id abstract_syntax, bool scu, bool scp) {
  for (auto& each : roles_)
    if (each.sop_class_uid == abstract_syntax) {
      each.scu = scu;
      each.scp = scp;
      return *this;
    }
  roles_.emplace_back(abstract_syntax, scu, scp);
  return *this;
}

CODICOM_FUNCTION a_associate_rq make_request(const requestor_options& options, const proposal& asked) {
  if (asked.empty()) detail::refuse_request("no presentation context is proposed: say which services are wanted");
  proposal split;
  if (options.quirks.one_syntax_per_context)
    for (const auto& each : asked.contexts())
      split.add(each.abstract_syntax, each.transfer_syntaxes, context_grouping::one_per_transfer_syntax);
  const auto& contexts = options.quirks.one_syntax_per_context ? split : asked;
  if (!contexts.fits())
    detail::refuse_request(std::to_string(contexts.contexts().size()) +
                           " presentation contexts, where an association has 128 at most");
  for (const auto& each : asked.contexts())
    if (each.abstract_syntax.empty() || each.transfer_syntaxes.empty() ||
        detail::contains(each.transfer_syntaxes, unique_id{}))
      detail::refuse_request("a presentation context without an abstract or a transfer syntax");
  if (!options.called_ae_title.is_valid() || !options.calling_ae_title.is_valid())
    detail::refuse_request("an AE title has 1 to 16 characters without backslash (PS3.5 §6.2): called '" +
                           options.called_ae_title.str() + "', calling '" + options.calling_ae_title.str() + '\'');
  if (!detail::is_usable_length(options.max_length))
    detail::refuse_request("a maximum length of " + std::to_string(options.max_length) +
                           " bytes holds no fragment: 0 or at least 8 is needed");
  if (options.implementation_version_name.size() > 16)
    detail::refuse_request("the implementation version name has more than 16 characters (PS3.7 §D.3.3.2.3)");

  a_associate_rq request;
  request.called_ae_title = options.called_ae_title;
  request.calling_ae_title = options.calling_ae_title;
  request.contexts = contexts.contexts();
  request.user.max_length = detail::announced_length(options.max_length, options.quirks);
  request.user.implementation_class_uid = options.implementation_class_uid;
  request.user.implementation_version_name = options.implementation_version_name;
  if (!options.quirks.no_window) request.user.window = options.window;
  request.user.roles = asked.roles();
  request.user.extended = options.extended;
  request.user.common_extended = options.common_extended;
  request.user.identity = options.identity;
  return request;
}

CODICOM_FUNCTION std::size_t acceptor_policy::list(std::vector<unique_id> transfer_syntaxes) {
  const auto known = std::find(lists_.begin(), lists_.end(), transfer_syntaxes);
  if (known != lists_.end()) return static_cast<std::size_t>(known - lists_.begin());
  lists_.push_back(std::move(transfer_syntaxes));
  return lists_.size() - 1;
}

CODICOM_FUNCTION acceptor_policy& acceptor_policy::accept(unique_id abstract_syntax, std::vector<unique_id> transfer_syntaxes) {
  by_abstract_syntax_[abstract_syntax] = list(std::move(transfer_syntaxes));
  return *this;
}

CODICOM_FUNCTION acceptor_policy& acceptor_policy::accept(unique_id abstract_syntax) {
  return accept(abstract_syntax, {detail::uncompressed.begin(), detail::uncompressed.end()});
}

CODICOM_FUNCTION acceptor_policy& acceptor_policy::accept(std::span<const unique_id> abstract_syntaxes,
                                                const std::vector<unique_id>& transfer_syntaxes) {
  const auto index = list(transfer_syntaxes);
  for (const auto& each : abstract_syntaxes) by_abstract_syntax_[each] = index;
  return *this;
}

CODICOM_FUNCTION acceptor_policy& acceptor_policy::accept_unknown(std::vector<unique_id> transfer_syntaxes,
                                                        std::function<bool(const unique_id&)> only_if) {
  takes_unknown_ = true;
  unknown_ = std::move(transfer_syntaxes);
  only_if_ = std::move(only_if);
  return *this;
}

CODICOM_FUNCTION acceptor_policy& acceptor_policy::allow_requestor_as_scp(unique_id abstract_syntax) {
  if (!may_requestor_be_scp(abstract_syntax)) scp_.push_back(abstract_syntax);
  return *this;
}

CODICOM_FUNCTION const std::vector<unique_id>* acceptor_policy::transfer_syntaxes(const unique_id& abstract_syntax) const {
  if (const auto known = by_abstract_syntax_.find(abstract_syntax); known != by_abstract_syntax_.end())
    return &lists_[known->second];
  if (takes_unknown_ && abstract_syntax.is_valid() && (!only_if_ || only_if_(abstract_syntax))) return &unknown_;
  return nullptr;
}

CODICOM_FUNCTION bool acceptor_policy::may_requestor_be_scp(const unique_id& abstract_syntax) const noexcept {
  return scp_of_all_ || detail::contains(scp_, abstract_syntax);
}

namespace detail {

CODICOM_FUNCTION answered_context answer(const proposed_context& proposed, const role_selection* offered,
                                             const acceptor_policy& policy) {
  if (!proposed.id.is_valid()) return {proposed.id, context_result::no_reason};
  const auto* known = policy.transfer_syntaxes(proposed.abstract_syntax);
  if (known == nullptr) return {proposed.id, context_result::abstract_syntax_not_supported};
  const auto& first = policy.preference == transfer_syntax_preference::acceptor ? *known : proposed.transfer_syntaxes;
  const auto& second = policy.preference == transfer_syntax_preference::acceptor ? proposed.transfer_syntaxes : *known;
  const auto chosen =
      std::find_if(first.begin(), first.end(), [&](const unique_id& each) { return contains(second, each); });
  if (chosen == first.end()) return {proposed.id, context_result::transfer_syntaxes_not_supported};
  // A requestor that would be SCP only, and may not, has nothing to do in this context (PS3.7 §D.3.3.4.3).
  if (offered != nullptr && !offered->scu && !(offered->scp && policy.may_requestor_be_scp(proposed.abstract_syntax)))
    return {proposed.id, context_result::user_rejection};
  return {proposed.id, context_result::acceptance, *chosen};
}

}  // namespace detail

CODICOM_FUNCTION std::optional<reject_cause> check_request(const a_associate_rq& request) noexcept {
  if ((request.protocol_version & 1u) == 0) return rejection::protocol_version_not_supported;
  if (request.application_context != application_context_name) return rejection::application_context_not_supported;
  return std::nullopt;
}

CODICOM_FUNCTION std::variant<a_associate_ac, a_associate_rj> negotiate(const a_associate_rq& request,
                                                              const acceptor_policy& policy) {
  if (const auto cause = check_request(request)) return a_associate_rj{*cause};
  if (!policy.called_ae_titles.empty() && !detail::contains(policy.called_ae_titles, request.called_ae_title))
    return a_associate_rj{rejection::called_ae_title_not_recognized};
  if (!policy.calling_ae_titles.empty() && !detail::contains(policy.calling_ae_titles, request.calling_ae_title))
    return a_associate_rj{rejection::calling_ae_title_not_recognized};

  a_associate_ac acceptance;
  acceptance.called_ae_title = request.called_ae_title;
  acceptance.calling_ae_title = request.calling_ae_title;
  auto& user = acceptance.user;
  if (request.user.identity && policy.on_identity) {
    auto response = policy.on_identity(request, *request.user.identity);
    if (!response) return a_associate_rj{rejection::no_reason_given_acse};
    if (request.user.identity->positive_response_requested) user.identity_response = std::move(*response);
  }
  if (policy.on_request)
    if (const auto cause = policy.on_request(request)) return a_associate_rj{*cause};

  const auto& roles = request.user.roles;
  acceptance.contexts.reserve(request.contexts.size());
  for (const auto& proposed : request.contexts) {
    const auto offered = std::find_if(roles.begin(), roles.end(), [&](const role_selection& each) {
      return each.sop_class_uid == proposed.abstract_syntax;
    });
    const auto* role = offered == roles.end() ? nullptr : &*offered;
    acceptance.contexts.push_back(detail::answer(proposed, role, policy));
    if (role == nullptr || acceptance.contexts.back().result != context_result::acceptance) continue;
    const bool answered = std::any_of(user.roles.begin(), user.roles.end(), [&](const role_selection& each) {
      return each.sop_class_uid == role->sop_class_uid;
    });
    if (!answered)
      user.roles.emplace_back(role->sop_class_uid, role->scu,
                              role->scp && policy.may_requestor_be_scp(role->sop_class_uid));
  }

  const auto quirks =
      policy.quirks ? policy.quirks(request) : known_quirks(request.user.implementation_class_uid);
  user.max_length = detail::announced_length(policy.max_length, quirks);
  user.implementation_class_uid = policy.implementation_class_uid;
  user.implementation_version_name = policy.implementation_version_name;
  if (request.user.window && !quirks.no_window) {
    const async_window agreed{detail::lower(request.user.window->invoked, policy.window.invoked),
                              detail::lower(request.user.window->performed, policy.window.performed)};
    if (agreed != async_window{}) user.window = agreed;
  }
  if (policy.on_extended)
    for (const auto& each : request.user.extended)
      if (auto info = policy.on_extended(each)) user.extended.emplace_back(each.sop_class_uid, std::move(*info));
  return acceptance;
}

CODICOM_FUNCTION association_error rejected(const a_associate_rj& answer, const ae_title& calling, const ae_title& called) {
  diagnostics known;
  known.operation = "A-ASSOCIATE";
  known.calling_ae_title = calling.str();
  known.called_ae_title = called.str();
  known.rejected = answer.cause;
  return association_error{make_error_code(errc::association_rejected), std::move(known)};
}

CODICOM_FUNCTION association_error aborted(const a_abort& received) {
  diagnostics known;
  known.aborted = received.cause;
  const bool by_user = received.cause.source == abort_source::service_user;
  return association_error{make_error_code(by_user ? errc::aborted_by_peer : errc::aborted_by_provider),
                           std::move(known)};
}

CODICOM_FUNCTION void require_usable_length(std::uint32_t peer_max_length) {
  if (detail::is_usable_length(peer_max_length)) return;
  diagnostics known{"the peer takes P-DATA-TF of at most " + std::to_string(peer_max_length) +
                    " bytes, in which no fragment fits: it must announce 0 or at least 8"};
  known.section = "PS3.8 §D.1";
  known.answer = abort_cause{abort_source::service_provider, abort_reason::invalid_pdu_parameter_value};
  throw association_error{make_error_code(errc::malformed_pdu), std::move(known)};
}

}  // namespace codicom::dul
