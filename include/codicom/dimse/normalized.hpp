#pragma once
// The normalized services (PS3.7 §10): operations on managed SOP instances, and reports of events.
#include <codicom/dimse/response_fields.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace codicom {

/// What responses of normalized services share. What does not apply is left out (PS3.7 §10.3, Annex C).
struct n_response_fields : response_fields {
  n_response_fields() = default;
  using response_fields::response_fields;

  unique_id affected_sop_instance_uid;
  std::optional<std::uint16_t> error_id;           ///< (0000,0903), of the performer's own making
  std::vector<element_tag> attribute_identifiers;  ///< (0000,1005): attributes that were not accepted
  bool has_data_set = false;
  friend bool operator==(const n_response_fields&, const n_response_fields&) = default;
};

/// Tell of an event; information may follow. (PS3.7 §10.3.1.1)
struct n_event_report_request {
  static constexpr command_field field = command_field::n_event_report_rq;
  using response = struct n_event_report_response;
  n_event_report_request() = default;
  n_event_report_request(message_id number, unique_id sop_class, unique_id sop_instance, std::uint16_t type)
      : id{number}, affected_sop_class_uid{sop_class}, affected_sop_instance_uid{sop_instance}, event_type_id{type} {}

  message_id id;
  unique_id affected_sop_class_uid;
  unique_id affected_sop_instance_uid;
  std::uint16_t event_type_id = 0;  ///< (0000,1002)
  bool has_data_set = false;
  friend bool operator==(const n_event_report_request&, const n_event_report_request&) = default;
};

/// A reply may follow. (PS3.7 §10.3.1.2)
struct n_event_report_response : n_response_fields {
  static constexpr command_field field = command_field::n_event_report_rsp;
  n_event_report_response() = default;
  using n_response_fields::n_response_fields;
  explicit n_event_report_response(const n_event_report_request& request, dimse_status outcome = status::success,
                                   std::string_view comment = {});

  std::optional<std::uint16_t> event_type_id;
  friend bool operator==(const n_event_report_response&, const n_event_report_response&) = default;
};

/// Read attributes of an instance. (PS3.7 §10.3.2.1)
struct n_get_request {
  static constexpr command_field field = command_field::n_get_rq;
  using response = struct n_get_response;
  n_get_request() = default;
  n_get_request(message_id number, unique_id sop_class, unique_id sop_instance,
                std::vector<element_tag> attributes = {})
      : id{number},
        requested_sop_class_uid{sop_class},
        requested_sop_instance_uid{sop_instance},
        attribute_identifiers{std::move(attributes)} {}

  message_id id;
  unique_id requested_sop_class_uid;
  unique_id requested_sop_instance_uid;
  std::vector<element_tag> attribute_identifiers;  ///< (0000,1005): those wanted; empty: all
  bool has_data_set = false;
  friend bool operator==(const n_get_request&, const n_get_request&) = default;
};

/// The attribute list follows. (PS3.7 §10.3.2.2)
struct n_get_response : n_response_fields {
  static constexpr command_field field = command_field::n_get_rsp;
  n_get_response() = default;
  using n_response_fields::n_response_fields;
  explicit n_get_response(const n_get_request& request, dimse_status outcome = status::success,
                          std::string_view comment = {});

  friend bool operator==(const n_get_response&, const n_get_response&) = default;
};

/// Change attributes; the modification list follows. (PS3.7 §10.3.3.1)
struct n_set_request {
  static constexpr command_field field = command_field::n_set_rq;
  using response = struct n_set_response;
  n_set_request() = default;
  n_set_request(message_id number, unique_id sop_class, unique_id sop_instance)
      : id{number}, requested_sop_class_uid{sop_class}, requested_sop_instance_uid{sop_instance} {}

  message_id id;
  unique_id requested_sop_class_uid;
  unique_id requested_sop_instance_uid;
  bool has_data_set = true;
  friend bool operator==(const n_set_request&, const n_set_request&) = default;
};

/// The attributes as they are now may follow. (PS3.7 §10.3.3.2)
struct n_set_response : n_response_fields {
  static constexpr command_field field = command_field::n_set_rsp;
  n_set_response() = default;
  using n_response_fields::n_response_fields;
  explicit n_set_response(const n_set_request& request, dimse_status outcome = status::success,
                          std::string_view comment = {});

  friend bool operator==(const n_set_response&, const n_set_response&) = default;
};

/// Have something done; information may follow. (PS3.7 §10.3.4.1)
struct n_action_request {
  static constexpr command_field field = command_field::n_action_rq;
  using response = struct n_action_response;
  n_action_request() = default;
  n_action_request(message_id number, unique_id sop_class, unique_id sop_instance, std::uint16_t type)
      : id{number},
        requested_sop_class_uid{sop_class},
        requested_sop_instance_uid{sop_instance},
        action_type_id{type} {}

  message_id id;
  unique_id requested_sop_class_uid;
  unique_id requested_sop_instance_uid;
  std::uint16_t action_type_id = 0;  ///< (0000,1008)
  bool has_data_set = false;
  friend bool operator==(const n_action_request&, const n_action_request&) = default;
};

/// A reply may follow. (PS3.7 §10.3.4.2)
struct n_action_response : n_response_fields {
  static constexpr command_field field = command_field::n_action_rsp;
  n_action_response() = default;
  using n_response_fields::n_response_fields;
  explicit n_action_response(const n_action_request& request, dimse_status outcome = status::success,
                             std::string_view comment = {});

  std::optional<std::uint16_t> action_type_id;
  friend bool operator==(const n_action_response&, const n_action_response&) = default;
};

/// Create an instance; its attributes follow. (PS3.7 §10.3.5.1)
struct n_create_request {
  static constexpr command_field field = command_field::n_create_rq;
  using response = struct n_create_response;
  n_create_request() = default;
  n_create_request(message_id number, unique_id sop_class, unique_id sop_instance)
      : id{number}, affected_sop_class_uid{sop_class}, affected_sop_instance_uid{sop_instance} {}

  message_id id;
  unique_id affected_sop_class_uid;
  unique_id affected_sop_instance_uid;  ///< empty: the performer chooses it
  bool has_data_set = true;
  friend bool operator==(const n_create_request&, const n_create_request&) = default;
};

/// The attributes as they are now may follow. (PS3.7 §10.3.5.2)
struct n_create_response : n_response_fields {
  static constexpr command_field field = command_field::n_create_rsp;
  n_create_response() = default;
  using n_response_fields::n_response_fields;
  explicit n_create_response(const n_create_request& request, dimse_status outcome = status::success,
                             std::string_view comment = {});

  friend bool operator==(const n_create_response&, const n_create_response&) = default;
};

/// Delete an instance. (PS3.7 §10.3.6.1)
struct n_delete_request {
  static constexpr command_field field = command_field::n_delete_rq;
  using response = struct n_delete_response;
  n_delete_request() = default;
  n_delete_request(message_id number, unique_id sop_class, unique_id sop_instance)
      : id{number}, requested_sop_class_uid{sop_class}, requested_sop_instance_uid{sop_instance} {}

  message_id id;
  unique_id requested_sop_class_uid;
  unique_id requested_sop_instance_uid;
  bool has_data_set = false;
  friend bool operator==(const n_delete_request&, const n_delete_request&) = default;
};

/// PS3.7 §10.3.6.2
struct n_delete_response : n_response_fields {
  static constexpr command_field field = command_field::n_delete_rsp;
  n_delete_response() = default;
  using n_response_fields::n_response_fields;
  explicit n_delete_response(const n_delete_request& request, dimse_status outcome = status::success,
                             std::string_view comment = {});

  friend bool operator==(const n_delete_response&, const n_delete_response&) = default;
};

namespace detail {

template <class Response>
void respond_normalized(Response& response, const unique_id& sop_class, const unique_id& sop_instance,
                        std::string_view comment) {
  response.affected_sop_class_uid = sop_class;
  response.affected_sop_instance_uid = sop_instance;
  response.error_comment = comment;
}

}  // namespace detail

inline n_event_report_response::n_event_report_response(const n_event_report_request& request, dimse_status outcome,
                                                        std::string_view comment)
    : n_response_fields{request.id, outcome} {
  detail::respond_normalized(*this, request.affected_sop_class_uid, request.affected_sop_instance_uid, comment);
  event_type_id = request.event_type_id;
}
inline n_get_response::n_get_response(const n_get_request& request, dimse_status outcome, std::string_view comment)
    : n_response_fields{request.id, outcome} {
  detail::respond_normalized(*this, request.requested_sop_class_uid, request.requested_sop_instance_uid, comment);
}
inline n_set_response::n_set_response(const n_set_request& request, dimse_status outcome, std::string_view comment)
    : n_response_fields{request.id, outcome} {
  detail::respond_normalized(*this, request.requested_sop_class_uid, request.requested_sop_instance_uid, comment);
}
inline n_action_response::n_action_response(const n_action_request& request, dimse_status outcome,
                                            std::string_view comment)
    : n_response_fields{request.id, outcome} {
  detail::respond_normalized(*this, request.requested_sop_class_uid, request.requested_sop_instance_uid, comment);
  action_type_id = request.action_type_id;
}
inline n_create_response::n_create_response(const n_create_request& request, dimse_status outcome,
                                            std::string_view comment)
    : n_response_fields{request.id, outcome} {
  detail::respond_normalized(*this, request.affected_sop_class_uid, request.affected_sop_instance_uid, comment);
}
inline n_delete_response::n_delete_response(const n_delete_request& request, dimse_status outcome,
                                            std::string_view comment)
    : n_response_fields{request.id, outcome} {
  detail::respond_normalized(*this, request.requested_sop_class_uid, request.requested_sop_instance_uid, comment);
}

}  // namespace codicom
