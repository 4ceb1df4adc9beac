#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dul/detail/transition_table.hpp>
#include <codicom/dul/state_machine.hpp>

#include <initializer_list>

namespace codicom::dul {
namespace detail {

[[nodiscard]] constexpr bool is_pdu(event e) noexcept {
  switch (e) {
    case event::a_associate_ac_received:
    case event::a_associate_rj_received:
    case event::a_associate_rq_received:
    case event::p_data_received:
    case event::a_release_rq_received:
    case event::a_release_rp_received:
    case event::a_abort_received:
    case event::invalid_pdu_received: return true;
    default: return false;
  }
}

}  // namespace detail

CODICOM_FUNCTION step state_machine::on(event e, request_check check) noexcept {
  step result;
  auto a = detail::transition_table[static_cast<std::size_t>(e) - 1][static_cast<std::size_t>(state_) - 1];
  if (a == action::none) {
    if (!detail::is_pdu(e)) {
      result.wrong_ = true;
      return result;
    }
    a = action::aa_8;
  }
  result.action_ = a;
  if (detail::counting != nullptr)
    ++(*detail::counting)[static_cast<std::size_t>(e) - 1][static_cast<std::size_t>(state_) - 1];
  const auto go = [this, &result](dul::state next, std::initializer_list<effect> effects) {
    state_ = next;
    for (const auto each : effects) result.add(each);
  };
  using enum dul::state;
  switch (a) {
    case action::none: break;
    case action::ae_1:
      requestor_ = true;
      go(sta4, {effect::open_transport});
      break;
    case action::ae_2: go(sta5, {effect::send_a_associate_rq}); break;
    case action::ae_3: go(sta6, {effect::confirm_a_associate_accept}); break;
    case action::ae_4: go(sta1, {effect::confirm_a_associate_reject, effect::close_transport}); break;
    case action::ae_5:
      requestor_ = false;
      go(sta2, {effect::accept_transport, effect::start_artim});
      break;
    case action::ae_6:
      if (check == request_check::acceptable) go(sta3, {effect::stop_artim, effect::indicate_a_associate});
      else go(sta13, {effect::stop_artim, effect::send_a_associate_rj, effect::start_artim});
      break;
    case action::ae_7: go(sta6, {effect::send_a_associate_ac}); break;
    case action::ae_8: go(sta13, {effect::send_a_associate_rj, effect::start_artim}); break;
    case action::dt_1: go(sta6, {effect::send_p_data}); break;
    case action::dt_2: go(sta6, {effect::indicate_p_data}); break;
    case action::ar_1: go(sta7, {effect::send_a_release_rq}); break;
    case action::ar_2: go(sta8, {effect::indicate_a_release}); break;
    case action::ar_3: go(sta1, {effect::confirm_a_release, effect::close_transport}); break;
    case action::ar_4: go(sta13, {effect::send_a_release_rp, effect::start_artim}); break;
    case action::ar_5: go(sta1, {effect::stop_artim}); break;
    case action::ar_6: go(sta7, {effect::indicate_p_data}); break;
    case action::ar_7: go(sta8, {effect::send_p_data}); break;
    case action::ar_8: go(requestor_ ? sta9 : sta10, {effect::indicate_a_release}); break;
    case action::ar_9: go(sta11, {effect::send_a_release_rp}); break;
    case action::ar_10: go(sta12, {effect::confirm_a_release}); break;
    case action::aa_1: go(sta13, {effect::send_a_abort_user, effect::start_artim}); break;
    case action::aa_2: go(sta1, {effect::stop_artim, effect::close_transport}); break;
    case action::aa_3: go(sta1, {effect::indicate_a_abort, effect::close_transport}); break;
    case action::aa_4: go(sta1, {effect::indicate_a_p_abort}); break;
    case action::aa_5: go(sta1, {effect::stop_artim}); break;
    case action::aa_6: go(sta13, {}); break;
    case action::aa_7: go(sta13, {effect::send_a_abort_provider}); break;
    case action::aa_8:
      go(sta13, {effect::send_a_abort_provider, effect::indicate_a_p_abort, effect::start_artim});
      break;
  }
  return result;
}

CODICOM_FUNCTION event received(pdu_type type) noexcept {
  switch (type) {
    case pdu_type::a_associate_rq: return event::a_associate_rq_received;
    case pdu_type::a_associate_ac: return event::a_associate_ac_received;
    case pdu_type::a_associate_rj: return event::a_associate_rj_received;
    case pdu_type::p_data_tf: return event::p_data_received;
    case pdu_type::a_release_rq: return event::a_release_rq_received;
    case pdu_type::a_release_rp: return event::a_release_rp_received;
    case pdu_type::a_abort: return event::a_abort_received;
  }
  return event::invalid_pdu_received;
}

CODICOM_FUNCTION std::string_view name(state s) noexcept {
  constexpr std::string_view names[] = {"Sta1", "Sta2", "Sta3",  "Sta4",  "Sta5",  "Sta6", "Sta7",
                                        "Sta8", "Sta9", "Sta10", "Sta11", "Sta12", "Sta13"};
  return names[static_cast<std::size_t>(s) - 1];
}

CODICOM_FUNCTION std::string_view name(action a) noexcept {
  constexpr std::string_view names[] = {"",      "AE-1", "AE-2", "AE-3", "AE-4", "AE-5", "AE-6", "AE-7", "AE-8", "DT-1",
                                        "DT-2",  "AR-1", "AR-2", "AR-3", "AR-4", "AR-5", "AR-6", "AR-7", "AR-8", "AR-9",
                                        "AR-10", "AA-1", "AA-2", "AA-3", "AA-4", "AA-5", "AA-6", "AA-7", "AA-8"};
  return names[static_cast<std::size_t>(a)];
}

CODICOM_FUNCTION std::string_view name(event e) noexcept {
  constexpr std::string_view names[] = {"A-ASSOCIATE request",
                                        "transport connect confirmation",
                                        "A-ASSOCIATE-AC PDU received",
                                        "A-ASSOCIATE-RJ PDU received",
                                        "transport connect indication",
                                        "A-ASSOCIATE-RQ PDU received",
                                        "A-ASSOCIATE response (accept)",
                                        "A-ASSOCIATE response (reject)",
                                        "P-DATA request",
                                        "P-DATA-TF PDU received",
                                        "A-RELEASE request",
                                        "A-RELEASE-RQ PDU received",
                                        "A-RELEASE-RP PDU received",
                                        "A-RELEASE response",
                                        "A-ABORT request",
                                        "A-ABORT PDU received",
                                        "transport connection closed",
                                        "ARTIM timer expired",
                                        "unrecognized or invalid PDU received"};
  return names[static_cast<std::size_t>(e) - 1];
}

CODICOM_FUNCTION std::string_view name(effect e) noexcept {
  constexpr std::string_view names[] = {"open transport",
                                        "accept transport",
                                        "close transport",
                                        "send A-ASSOCIATE-RQ",
                                        "send A-ASSOCIATE-AC",
                                        "send A-ASSOCIATE-RJ",
                                        "send P-DATA-TF",
                                        "send A-RELEASE-RQ",
                                        "send A-RELEASE-RP",
                                        "send A-ABORT (service user)",
                                        "send A-ABORT (service provider)",
                                        "start ARTIM",
                                        "stop ARTIM",
                                        "A-ASSOCIATE indication",
                                        "A-ASSOCIATE confirmation (accept)",
                                        "A-ASSOCIATE confirmation (reject)",
                                        "P-DATA indication",
                                        "A-RELEASE indication",
                                        "A-RELEASE confirmation",
                                        "A-ABORT or A-P-ABORT indication",
                                        "A-P-ABORT indication"};
  return names[static_cast<std::size_t>(e)];
}

}  // namespace codicom::dul
