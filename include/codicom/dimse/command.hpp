#pragma once
#include <codicom/core/ae_title.hpp>
#include <codicom/core/bytes.hpp>
#include <codicom/core/diagnosis.hpp>
#include <codicom/core/limits.hpp>
#include <codicom/core/tag.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/dimse/dimse_status.hpp>
#include <codicom/dimse/message_id.hpp>
#include <codicom/dimse/normalized.hpp>
#include <codicom/dimse/response_fields.hpp>
#include <codicom/dul/association_error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace codicom {

/// Priority (0000,0700). Other values may come from the wire.
enum class priority : std::uint16_t { medium = 0, high = 1, low = 2 };

/// Numbers of sub-operations (PS3.7 §9.3.3.2, §9.3.4.2). Peers leave some or all of them out.
struct suboperation_counts {
  suboperation_counts() = default;

  std::optional<std::uint16_t> remaining;  ///< (0000,1020)
  std::optional<std::uint16_t> completed;  ///< (0000,1021)
  std::optional<std::uint16_t> failed;     ///< (0000,1022)
  std::optional<std::uint16_t> warning;    ///< (0000,1023)
  friend bool operator==(const suboperation_counts&, const suboperation_counts&) = default;
};

/// PS3.7 §9.3.5.1
struct c_echo_request {
  static constexpr command_field field = command_field::c_echo_rq;
  c_echo_request() = default;
  explicit c_echo_request(message_id number);

  message_id id;
  unique_id affected_sop_class_uid;  ///< Verification
  bool has_data_set = false;
  friend bool operator==(const c_echo_request&, const c_echo_request&) = default;
};

/// PS3.7 §9.3.5.2
struct c_echo_response : response_fields {
  static constexpr command_field field = command_field::c_echo_rsp;
  c_echo_response() = default;
  using response_fields::response_fields;
  explicit c_echo_response(const c_echo_request& request, dimse_status outcome = status::success);

  bool has_data_set = false;
  friend bool operator==(const c_echo_response&, const c_echo_response&) = default;
};

/// PS3.7 §9.3.1.1
struct c_store_request {
  static constexpr command_field field = command_field::c_store_rq;
  c_store_request() = default;
  c_store_request(message_id number, unique_id sop_class, unique_id sop_instance)
      : id{number}, affected_sop_class_uid{sop_class}, affected_sop_instance_uid{sop_instance} {}

  message_id id;
  unique_id affected_sop_class_uid;
  unique_id affected_sop_instance_uid;
  codicom::priority priority = codicom::priority::medium;
  std::optional<ae_title> move_originator_ae_title;      ///< (0000,1030); PixelMed puts its own title here
  std::optional<message_id> move_originator_message_id;  ///< (0000,1031)
  bool has_data_set = true;
  friend bool operator==(const c_store_request&, const c_store_request&) = default;
};

/// PS3.7 §9.3.1.2
struct c_store_response : response_fields {
  static constexpr command_field field = command_field::c_store_rsp;
  c_store_response() = default;
  using response_fields::response_fields;
  c_store_response(const c_store_request& request, dimse_status outcome, std::string_view comment = {});

  unique_id affected_sop_instance_uid;
  bool has_data_set = false;
  friend bool operator==(const c_store_response&, const c_store_response&) = default;
};

/// PS3.7 §9.3.2.1; an identifier follows.
struct c_find_request {
  static constexpr command_field field = command_field::c_find_rq;
  c_find_request() = default;
  c_find_request(message_id number, unique_id sop_class) : id{number}, affected_sop_class_uid{sop_class} {}

  message_id id;
  unique_id affected_sop_class_uid;
  codicom::priority priority = codicom::priority::medium;
  bool has_data_set = true;
  friend bool operator==(const c_find_request&, const c_find_request&) = default;
};

/// PS3.7 §9.3.2.2; an identifier follows with a pending status.
struct c_find_response : response_fields {
  static constexpr command_field field = command_field::c_find_rsp;
  c_find_response() = default;
  using response_fields::response_fields;
  c_find_response(const c_find_request& request, dimse_status outcome, std::string_view comment = {});

  bool has_data_set = false;  ///< the constructor sets it for a pending status
  friend bool operator==(const c_find_response&, const c_find_response&) = default;
};

/// PS3.7 §9.3.3.1; an identifier follows.
struct c_get_request {
  static constexpr command_field field = command_field::c_get_rq;
  c_get_request() = default;
  c_get_request(message_id number, unique_id sop_class) : id{number}, affected_sop_class_uid{sop_class} {}

  message_id id;
  unique_id affected_sop_class_uid;
  codicom::priority priority = codicom::priority::medium;
  bool has_data_set = true;
  friend bool operator==(const c_get_request&, const c_get_request&) = default;
};

/// PS3.7 §9.3.3.2. A data set with the Failed SOP Instance UID List may follow (PS3.4 §C.4.3.1).
struct c_get_response : response_fields, suboperation_counts {
  static constexpr command_field field = command_field::c_get_rsp;
  c_get_response() = default;
  using response_fields::response_fields;
  c_get_response(const c_get_request& request, dimse_status outcome, std::string_view comment = {});

  bool has_data_set = false;
  friend bool operator==(const c_get_response&, const c_get_response&) = default;
};

/// PS3.7 §9.3.4.1; an identifier follows.
struct c_move_request {
  static constexpr command_field field = command_field::c_move_rq;
  c_move_request() = default;
  c_move_request(message_id number, unique_id sop_class, ae_title destination)
      : id{number}, affected_sop_class_uid{sop_class}, move_destination{destination} {}

  message_id id;
  unique_id affected_sop_class_uid;
  ae_title move_destination;
  codicom::priority priority = codicom::priority::medium;
  bool has_data_set = true;
  friend bool operator==(const c_move_request&, const c_move_request&) = default;
};

/// PS3.7 §9.3.4.2. A data set with the Failed SOP Instance UID List may follow (PS3.4 §C.4.2.1.4.2).
struct c_move_response : response_fields, suboperation_counts {
  static constexpr command_field field = command_field::c_move_rsp;
  c_move_response() = default;
  using response_fields::response_fields;
  c_move_response(const c_move_request& request, dimse_status outcome, std::string_view comment = {});

  bool has_data_set = false;
  friend bool operator==(const c_move_response&, const c_move_response&) = default;
};

/// C-CANCEL of a C-FIND, C-GET or C-MOVE (PS3.7 §9.3.2.3). It has no response of its own.
struct c_cancel_request {
  static constexpr command_field field = command_field::c_cancel_rq;
  c_cancel_request() = default;
  explicit c_cancel_request(message_id request) : responded_to{request} {}

  message_id responded_to;  ///< Message ID of the operation to cancel
  bool has_data_set = false;
  friend bool operator==(const c_cancel_request&, const c_cancel_request&) = default;
};

/// A command that is not in the standard: enough to answer it, and every element as it came.
struct generic_command {
  generic_command() = default;
  explicit generic_command(command_field which) : field{which} {}

  /// One element of the command set, value as on the wire, padding included.
  struct element {
    element() = default;
    element(element_tag which, std::vector<std::byte> bytes) : tag{which}, value{std::move(bytes)} {}
    element_tag tag;
    std::vector<std::byte> value;
    friend bool operator==(const element&, const element&) = default;
  };

  command_field field{};
  message_id id;               ///< of a request
  message_id responded_to;     ///< of a response
  dimse_status status;         ///< of a response
  unique_id sop_class_uid;     ///< affected
  unique_id sop_instance_uid;  ///< affected
  bool has_data_set = false;
  std::vector<element> elements;  ///< all others, in ascending order
  friend bool operator==(const generic_command&, const generic_command&) = default;
};

/// The response to a request that we do not serve, with Unrecognized Operation or another status.
[[nodiscard]] generic_command response_to(const generic_command& request,
                                                 dimse_status outcome = status::unrecognized_operation);

using command = std::variant<c_echo_request, c_echo_response, c_store_request, c_store_response, c_find_request,
                             c_find_response, c_get_request, c_get_response, c_move_request, c_move_response,
                             c_cancel_request, n_event_report_request, n_event_report_response, n_get_request,
                             n_get_response, n_set_request, n_set_response, n_action_request, n_action_response,
                             n_create_request, n_create_response, n_delete_request, n_delete_response, generic_command>;

[[nodiscard]] command_field field_of(const command& value) noexcept;
[[nodiscard]] bool is_request(const command& value) noexcept;
[[nodiscard]] bool has_data_set(const command& value) noexcept;
/// Message ID of a request; of a response and a C-CANCEL, that of the operation concerned.
[[nodiscard]] message_id id_of(const command& value) noexcept;
/// Affected, or else Requested SOP Class UID; empty when there is none.
[[nodiscard]] unique_id sop_class_of(const command& value) noexcept;
/// Affected, or else Requested SOP Instance UID; empty when there is none.
[[nodiscard]] unique_id sop_instance_of(const command& value) noexcept;
/// The status of a response; nothing for a request.
[[nodiscard]] std::optional<dimse_status> status_of(const command& value) noexcept;

/// Append a command set: Implicit VR Little Endian, ascending, with its group length (PS3.7 §6.3.1). `T` is one of the
/// types above, or `command`.
template <class T>
void encode_command(const T& value, std::vector<std::byte>& out);

/// Decode a command set. Missing optional elements, a missing or wrong group length, odd lengths, other padding and
/// wrong order are read over and, with `found`, listed; unknown elements are passed over.
/// @throws association_error `errc::malformed_command` with the byte offset: no Command Field, no Message ID, a number
///         of wrong size, an element beyond the end, another group than 0000; `errc::limit_exceeded` beyond
///         `limits.command_bytes`.
[[nodiscard]] command decode_command(byte_span bytes, const limits& limits = {},
                                            std::vector<diagnosis>* found = nullptr);

}  // namespace codicom

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/dimse/impl/command.hpp>
#endif
