#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dul/reasons.hpp>

namespace codicom::dul {

CODICOM_FUNCTION std::string_view name(pdu_type type) noexcept {
  switch (type) {
    case pdu_type::a_associate_rq: return "A-ASSOCIATE-RQ";
    case pdu_type::a_associate_ac: return "A-ASSOCIATE-AC";
    case pdu_type::a_associate_rj: return "A-ASSOCIATE-RJ";
    case pdu_type::p_data_tf: return "P-DATA-TF";
    case pdu_type::a_release_rq: return "A-RELEASE-RQ";
    case pdu_type::a_release_rp: return "A-RELEASE-RP";
    case pdu_type::a_abort: return "A-ABORT";
  }
  return "unknown PDU";
}

CODICOM_FUNCTION std::string_view meaning(reject_cause cause) noexcept {
  switch (cause.source) {
    case reject_source::service_user:
      switch (cause.reason) {
        case 1: return "no reason given";
        case 2: return "application context name not supported";
        case 3: return "calling AE title not recognized";
        case 7: return "called AE title not recognized";
        default: return "a reserved reason";
      }
    case reject_source::provider_acse:
      switch (cause.reason) {
        case 1: return "no reason given";
        case 2: return "protocol version not supported";
        default: return "a reserved reason";
      }
    case reject_source::provider_presentation:
      switch (cause.reason) {
        case 1: return "temporary congestion";
        case 2: return "local limit exceeded";
        default: return "a reserved reason";
      }
  }
  return "a reserved source";
}

CODICOM_FUNCTION std::string_view meaning(abort_cause cause) noexcept {
  if (cause.source == abort_source::service_user) return "by the application";
  if (cause.source != abort_source::service_provider) return "by a reserved source";
  switch (cause.reason) {
    case abort_reason::not_specified: return "reason not specified";
    case abort_reason::unrecognized_pdu: return "unrecognized PDU";
    case abort_reason::unexpected_pdu: return "unexpected PDU";
    case abort_reason::unrecognized_pdu_parameter: return "unrecognized PDU parameter";
    case abort_reason::unexpected_pdu_parameter: return "unexpected PDU parameter";
    case abort_reason::invalid_pdu_parameter_value: return "invalid PDU parameter value";
  }
  return "a reserved reason";
}

}  // namespace codicom::dul
