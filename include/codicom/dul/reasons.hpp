#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace codicom::dul {

/// PS3.8 §9.3.1. Other values may come from the wire.
enum class pdu_type : std::uint8_t {
  a_associate_rq = 1,
  a_associate_ac = 2,
  a_associate_rj = 3,
  p_data_tf = 4,
  a_release_rq = 5,
  a_release_rp = 6,
  a_abort = 7,
};

/// "A-ASSOCIATE-RQ", ..., "unknown PDU".
[[nodiscard]] std::string_view name(pdu_type type) noexcept;

/// PS3.8 §9.3.4.
enum class reject_result : std::uint8_t { permanent = 1, transient = 2 };
enum class reject_source : std::uint8_t {
  service_user = 1,           ///< the application
  provider_acse = 2,          ///< upper layer, association part
  provider_presentation = 3,  ///< upper layer, presentation part
};

/// Source and reason of an A-ASSOCIATE-RJ, since a reason means nothing without its source (PS3.8 §9.3.4).
struct reject_cause {
  reject_result result = reject_result::permanent;
  reject_source source = reject_source::service_user;
  std::uint8_t reason = 1;
  friend constexpr bool operator==(reject_cause, reject_cause) noexcept = default;
};

namespace rejection {
inline constexpr reject_cause no_reason_given{reject_result::permanent, reject_source::service_user, 1};
inline constexpr reject_cause application_context_not_supported{reject_result::permanent, reject_source::service_user,
                                                                2};
inline constexpr reject_cause calling_ae_title_not_recognized{reject_result::permanent, reject_source::service_user, 3};
inline constexpr reject_cause called_ae_title_not_recognized{reject_result::permanent, reject_source::service_user, 7};
/// Also for a user identity that was not accepted (PS3.7 §D.3.3.7.3).
inline constexpr reject_cause no_reason_given_acse{reject_result::permanent, reject_source::provider_acse, 1};
inline constexpr reject_cause protocol_version_not_supported{reject_result::permanent, reject_source::provider_acse, 2};
inline constexpr reject_cause temporary_congestion{reject_result::transient, reject_source::provider_presentation, 1};
inline constexpr reject_cause local_limit_exceeded{reject_result::transient, reject_source::provider_presentation, 2};
}  // namespace rejection

/// PS3.8 §9.3.8. 1 is reserved; other values may come from the wire.
enum class abort_source : std::uint8_t { service_user = 0, service_provider = 2 };
enum class abort_reason : std::uint8_t {
  not_specified = 0,
  unrecognized_pdu = 1,
  unexpected_pdu = 2,
  unrecognized_pdu_parameter = 4,
  unexpected_pdu_parameter = 5,
  invalid_pdu_parameter_value = 6,
};

/// Source and reason of an A-ABORT; the reason counts with source 2 only (PS3.8 §9.3.8).
struct abort_cause {
  abort_source source = abort_source::service_user;
  abort_reason reason = abort_reason::not_specified;
  friend constexpr bool operator==(abort_cause, abort_cause) noexcept = default;
};

/// The published words, e.g. "called AE title not recognized".
[[nodiscard]] std::string_view meaning(reject_cause cause) noexcept;
[[nodiscard]] std::string_view meaning(abort_cause cause) noexcept;

}  // namespace codicom::dul

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dul/impl/reasons.hpp>
#endif
