#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/dictionary/uids.hpp>
#include <codicom/dul/association_parameters.hpp>

#include <algorithm>

namespace codicom::dul {
namespace detail {

/// A name that a person knows, else the UID.
[[nodiscard]] inline std::string readable(const unique_id& uid) {
  const auto known = uid_name(uid);
  return known.empty() ? uid.str() : std::string{known};
}

// The acceptor may only lower what was proposed; 0 is more than any number (PS3.7 §D.3.3.3).
[[nodiscard]] constexpr std::uint16_t lower(std::uint16_t proposed, std::uint16_t ours) noexcept {
  if (proposed == 0) return ours;
  return ours == 0 ? proposed : std::min(proposed, ours);
}

[[nodiscard]] inline std::string window_text(std::uint16_t operations) {
  return operations == 0 ? "any number" : std::to_string(operations);
}

}  // namespace detail

CODICOM_FUNCTION association_parameters::association_parameters(association_role own, const a_associate_rq& request,
                                                      const a_associate_ac& acceptance)
    : role_{own}, calling_{request.calling_ae_title}, called_{request.called_ae_title} {
  constexpr std::uint32_t without_item = 16'384;
  const bool requestor = own == association_role::requestor;
  const auto& own_user = requestor ? request.user : acceptance.user;
  const auto& peer_user = requestor ? acceptance.user : request.user;
  own_max_length_ = own_user.max_length.value_or(without_item);
  peer_max_length_ = peer_user.max_length.value_or(without_item);
  implementation_class_ = peer_user.implementation_class_uid;
  implementation_version_ = peer_user.implementation_version_name;
  extended_ = acceptance.user.extended;
  common_ = request.user.common_extended;
  identity_response_ = acceptance.user.identity_response;

  if (request.user.window && acceptance.user.window) {
    window_ = {detail::lower(request.user.window->invoked, acceptance.user.window->invoked),
               detail::lower(request.user.window->performed, acceptance.user.window->performed)};
  }

  by_id_.assign(128, 0);
  contexts_.reserve(request.contexts.size());
  for (const auto& proposed : request.contexts) {
    negotiated_context context;
    context.id = proposed.id;
    context.abstract_syntax = proposed.abstract_syntax;
    const auto answer = std::find_if(acceptance.contexts.begin(), acceptance.contexts.end(),
                                     [&](const answered_context& each) { return each.id == proposed.id; });
    if (answer != acceptance.contexts.end()) {
      context.result = answer->result;
      const auto& syntaxes = proposed.transfer_syntaxes;
      if (context.is_accepted()) {
        if (std::find(syntaxes.begin(), syntaxes.end(), answer->transfer_syntax) != syntaxes.end())
          context.transfer_syntax = answer->transfer_syntax;
        else context.result = context_result::no_reason;
      }
    }
    if (context.is_accepted()) {
      const auto of_class = [&](const role_selection& each) { return each.sop_class_uid == context.abstract_syntax; };
      const auto offered = std::find_if(request.user.roles.begin(), request.user.roles.end(), of_class);
      const auto granted = std::find_if(acceptance.user.roles.begin(), acceptance.user.roles.end(), of_class);
      if (offered != request.user.roles.end() && granted != acceptance.user.roles.end()) {
        context.requestor_is_scu = offered->scu && granted->scu;
        context.requestor_is_scp = offered->scp && granted->scp;
      }
      if (context.id.is_valid() && contexts_.size() < 255)
        by_id_[context.id.value / 2] = static_cast<std::uint8_t>(contexts_.size() + 1);
    } else {
      context.not_accepted = proposed.transfer_syntaxes;
    }
    contexts_.push_back(std::move(context));
  }
}

CODICOM_FUNCTION const negotiated_context* association_parameters::accepted(context_id id) const noexcept {
  if (!id.is_valid() || by_id_.empty()) return nullptr;
  const auto index = by_id_[id.value / 2];
  return index == 0 ? nullptr : &contexts_[index - 1u];
}

CODICOM_FUNCTION const negotiated_context* association_parameters::accepted(const unique_id& abstract_syntax) const noexcept {
  for (const auto& each : contexts_)
    if (each.is_accepted() && each.abstract_syntax == abstract_syntax) return &each;
  return nullptr;
}

CODICOM_FUNCTION const negotiated_context* association_parameters::accepted(const unique_id& abstract_syntax,
                                                                  const unique_id& transfer_syntax) const noexcept {
  for (const auto& each : contexts_)
    if (each.is_accepted() && each.abstract_syntax == abstract_syntax && each.transfer_syntax == transfer_syntax)
      return &each;
  return nullptr;
}

CODICOM_FUNCTION std::vector<unique_id> association_parameters::accepted_transfer_syntaxes(
    const unique_id& abstract_syntax) const {
  std::vector<unique_id> found;
  for (const auto& each : contexts_)
    if (each.is_accepted() && each.abstract_syntax == abstract_syntax &&
        std::find(found.begin(), found.end(), each.transfer_syntax) == found.end())
      found.push_back(each.transfer_syntax);
  return found;
}

CODICOM_FUNCTION bool association_parameters::any_accepted() const noexcept {
  return std::any_of(contexts_.begin(), contexts_.end(), [](const auto& each) { return each.is_accepted(); });
}

CODICOM_FUNCTION std::string association_parameters::why_not(const unique_id& abstract_syntax) const {
  if (accepted(abstract_syntax) != nullptr) return {};
  const auto what = detail::readable(abstract_syntax);
  std::string proposed;
  const negotiated_context* rejected = nullptr;
  for (const auto& each : contexts_) {
    if (each.abstract_syntax != abstract_syntax) continue;
    rejected = &each;
    for (const auto& syntax : each.not_accepted) proposed += (proposed.empty() ? "" : ", ") + detail::readable(syntax);
  }
  if (rejected == nullptr) return what + " was not proposed";
  return what + ": " + std::string{meaning(rejected->result)} + " (proposed: " + proposed + ')';
}

CODICOM_FUNCTION std::string association_parameters::why_not(const unique_id& abstract_syntax,
                                                   const unique_id& transfer_syntax) const {
  if (auto why = why_not(abstract_syntax); !why.empty()) return why;
  const bool in_role = std::any_of(contexts_.begin(), contexts_.end(), [&](const auto& each) {
    return each.is_accepted() && each.abstract_syntax == abstract_syntax && may_invoke(each);
  });
  const auto what = detail::readable(abstract_syntax);
  if (!in_role || transfer_syntax.empty())
    return what + ": accepted, but not in the role that this needs (PS3.7 §D.3.3.4)";
  std::string accepted_in;
  for (const auto& syntax : accepted_transfer_syntaxes(abstract_syntax))
    accepted_in += (accepted_in.empty() ? "" : ", ") + detail::readable(syntax);
  return what + ": accepted in " + accepted_in + ", but the object is in " + detail::readable(transfer_syntax) +
         ", which is not converted to that";
}

CODICOM_FUNCTION std::string to_string(const association_parameters& parameters) {
  const auto length = [](std::uint32_t bytes) { return bytes == 0 ? "no limit" : std::to_string(bytes) + " bytes"; };
  std::string text = parameters.calling_ae_title().str() + " -> " + parameters.called_ae_title().str();
  text += parameters.role() == association_role::requestor ? ", we are the requestor\n" : ", we are the acceptor\n";
  text += "peer: " + parameters.peer_implementation_version_name() + " (" +
          parameters.peer_implementation_class_uid().str() + ")\n";
  text += "PDUs: peer takes " + length(parameters.peer_max_length()) + ", we take " +
          length(parameters.own_max_length()) + '\n';
  text += "operations at once: ours " + detail::window_text(parameters.own_window()) + ", the peer's " +
          detail::window_text(parameters.peer_window()) + '\n';
  for (const auto& each : parameters.contexts()) {
    text += to_string(each.id) + ": " + detail::readable(each.abstract_syntax);
    if (each.is_accepted()) {
      text += ", " + detail::readable(each.transfer_syntax);
      if (each.requestor_is_scp) text += each.requestor_is_scu ? ", requestor is SCU and SCP" : ", requestor is SCP";
    } else {
      text += ": " + std::string{meaning(each.result)};
    }
    text += '\n';
  }
  return text;
}

}  // namespace codicom::dul
