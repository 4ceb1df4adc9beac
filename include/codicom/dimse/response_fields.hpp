#pragma once
#include <codicom/core/tag.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/dimse/dimse_status.hpp>
#include <codicom/dimse/message_id.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace codicom {

/// Command Field (0000,0100) (PS3.7 §E.1-1). A response is its request with the top bit set.
enum class command_field : std::uint16_t {
  c_store_rq = 0x0001,
  c_store_rsp = 0x8001,
  c_get_rq = 0x0010,
  c_get_rsp = 0x8010,
  c_find_rq = 0x0020,
  c_find_rsp = 0x8020,
  c_move_rq = 0x0021,
  c_move_rsp = 0x8021,
  c_echo_rq = 0x0030,
  c_echo_rsp = 0x8030,
  n_event_report_rq = 0x0100,
  n_event_report_rsp = 0x8100,
  n_get_rq = 0x0110,
  n_get_rsp = 0x8110,
  n_set_rq = 0x0120,
  n_set_rsp = 0x8120,
  n_action_rq = 0x0130,
  n_action_rsp = 0x8130,
  n_create_rq = 0x0140,
  n_create_rsp = 0x8140,
  n_delete_rq = 0x0150,
  n_delete_rsp = 0x8150,
  c_cancel_rq = 0x0FFF,
};

[[nodiscard]] constexpr bool is_response(command_field field) noexcept {
  return (static_cast<std::uint16_t>(field) & 0x8000u) != 0;
}
[[nodiscard]] constexpr command_field response_to(command_field request) noexcept {
  return static_cast<command_field>(static_cast<std::uint16_t>(request) | 0x8000u);
}
/// "C-MOVE-RSP", or "command 1234" of one that is not known.
[[nodiscard]] std::string to_string(command_field field);

/// What responses share. An empty UID or text is not sent (PS3.7 §9.3, Annex C).
struct response_fields {
  response_fields() = default;
  response_fields(message_id request, dimse_status outcome) : responded_to{request}, status{outcome} {}

  message_id responded_to;  ///< Message ID Being Responded To (0000,0120)
  dimse_status status;
  unique_id affected_sop_class_uid;
  std::string error_comment;                    ///< (0000,0902) LO, at most 64 characters are sent
  std::vector<element_tag> offending_elements;  ///< (0000,0901)
  friend bool operator==(const response_fields&, const response_fields&) = default;
};

}  // namespace codicom
