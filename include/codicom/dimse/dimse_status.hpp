#pragma once
#include <codicom/dictionary/statuses.hpp>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace codicom {

/// The status of a DIMSE response (PS3.7 §C): a value, not an error.
struct dimse_status {
  std::uint16_t code = 0;

  constexpr dimse_status() noexcept = default;
  constexpr explicit dimse_status(std::uint16_t value) noexcept : code{value} {}

  /// FF01 is pending like FF00: only, some optional keys are not supported.
  [[nodiscard]] constexpr status_class kind() const noexcept { return status_class_of(code); }
  [[nodiscard]] constexpr bool is_success() const noexcept { return kind() == status_class::success; }
  [[nodiscard]] constexpr bool is_pending() const noexcept { return kind() == status_class::pending; }
  [[nodiscard]] constexpr bool is_warning() const noexcept { return kind() == status_class::warning; }
  [[nodiscard]] constexpr bool is_cancel() const noexcept { return kind() == status_class::cancel; }
  [[nodiscard]] constexpr bool is_failure() const noexcept { return kind() == status_class::failure; }

  friend constexpr auto operator<=>(dimse_status, dimse_status) noexcept = default;
};

/// Statuses that our own code gives or looks for. The same number may mean different things to different services.
namespace status {
inline constexpr dimse_status success{0x0000};
inline constexpr dimse_status no_such_attribute{0x0105};
inline constexpr dimse_status invalid_attribute_value{0x0106};
inline constexpr dimse_status attribute_list_error{0x0107};
inline constexpr dimse_status processing_failure{0x0110};
inline constexpr dimse_status duplicate_sop_instance{0x0111};
inline constexpr dimse_status no_such_sop_instance{0x0112};
inline constexpr dimse_status no_such_event_type{0x0113};
inline constexpr dimse_status invalid_argument_value{0x0115};
inline constexpr dimse_status attribute_value_out_of_range{0x0116};
inline constexpr dimse_status no_such_sop_class{0x0118};
inline constexpr dimse_status class_instance_conflict{0x0119};
inline constexpr dimse_status missing_attribute{0x0120};
inline constexpr dimse_status missing_attribute_value{0x0121};
inline constexpr dimse_status sop_class_not_supported{0x0122};
inline constexpr dimse_status no_such_action{0x0123};
inline constexpr dimse_status not_authorized{0x0124};
inline constexpr dimse_status duplicate_invocation{0x0210};
inline constexpr dimse_status unrecognized_operation{0x0211};
inline constexpr dimse_status mistyped_argument{0x0212};
inline constexpr dimse_status resource_limitation{0x0213};
inline constexpr dimse_status out_of_resources{0xA700};             ///< C-STORE, C-FIND
inline constexpr dimse_status unable_to_calculate_matches{0xA701};  ///< C-MOVE, C-GET
inline constexpr dimse_status unable_to_perform_suboperations{0xA702};
inline constexpr dimse_status move_destination_unknown{0xA801};
inline constexpr dimse_status data_set_does_not_match_sop_class{0xA900};  ///< or identifier
inline constexpr dimse_status suboperations_with_failures{0xB000};        ///< C-MOVE, C-GET
inline constexpr dimse_status coercion_of_data_elements{0xB000};           ///< C-STORE
inline constexpr dimse_status data_set_does_not_match_warning{0xB007};     ///< C-STORE
inline constexpr dimse_status cannot_understand{0xC000};                  ///< or unable to process
inline constexpr dimse_status cancel{0xFE00};
inline constexpr dimse_status pending{0xFF00};
inline constexpr dimse_status pending_with_warning{0xFF01};
}  // namespace status

/// "A801"
[[nodiscard]] inline std::string to_string(dimse_status s) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text(4, '0');
  for (unsigned i = 0; i < 4; ++i) text[i] = digits[s.code >> (12 - 4 * i) & 0xFu];
  return text;
}

/// What it means to a service, for a person: "Move destination unknown"; "" for a code that no table has.
[[nodiscard]] inline std::string_view meaning(dimse_status s,
                                              status_service service = status_service::general) noexcept {
  return status_meaning(service, s.code);
}

}  // namespace codicom
