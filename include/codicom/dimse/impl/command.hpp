#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dimse/command.hpp>

#include <algorithm>
#include <array>
#include <type_traits>

namespace codicom {

CODICOM_FUNCTION c_echo_request::c_echo_request(message_id number)
    : id{number}, affected_sop_class_uid{sop_class::Verification} {}

namespace detail {

template <class Response, class Request>
void respond(Response& response, const Request& request, std::string_view comment) {
  response.affected_sop_class_uid = request.affected_sop_class_uid;
  response.error_comment = comment;
}

}  // namespace detail

CODICOM_FUNCTION c_echo_response::c_echo_response(const c_echo_request& request, dimse_status outcome)
    : response_fields{request.id, outcome} {
  detail::respond(*this, request, {});
}
CODICOM_FUNCTION c_store_response::c_store_response(const c_store_request& request, dimse_status outcome,
                                          std::string_view comment)
    : response_fields{request.id, outcome}, affected_sop_instance_uid{request.affected_sop_instance_uid} {
  detail::respond(*this, request, comment);
}
CODICOM_FUNCTION c_find_response::c_find_response(const c_find_request& request, dimse_status outcome, std::string_view comment)
    : response_fields{request.id, outcome}, has_data_set{outcome.is_pending()} {
  detail::respond(*this, request, comment);
}
CODICOM_FUNCTION c_get_response::c_get_response(const c_get_request& request, dimse_status outcome, std::string_view comment)
    : response_fields{request.id, outcome} {
  detail::respond(*this, request, comment);
}
CODICOM_FUNCTION c_move_response::c_move_response(const c_move_request& request, dimse_status outcome, std::string_view comment)
    : response_fields{request.id, outcome} {
  detail::respond(*this, request, comment);
}

namespace detail {

// Elements of group 0000 (PS3.7 §E.1).
enum command_element : std::uint16_t {
  command_group_length = 0x0000,
  affected_sop_class = 0x0002,
  requested_sop_class = 0x0003,
  command_field_element = 0x0100,
  message_id_element = 0x0110,
  responded_to_element = 0x0120,
  move_destination_element = 0x0600,
  priority_element = 0x0700,
  data_set_type_element = 0x0800,
  status_element = 0x0900,
  offending_element = 0x0901,
  error_comment_element = 0x0902,
  error_id_element = 0x0903,
  affected_sop_instance = 0x1000,
  requested_sop_instance = 0x1001,
  event_type_element = 0x1002,
  attribute_identifier_list = 0x1005,
  action_type_element = 0x1008,
  remaining_element = 0x1020,
  completed_element = 0x1021,
  failed_element = 0x1022,
  warning_element = 0x1023,
  move_originator_title = 0x1030,
  move_originator_id = 0x1031,
};

inline constexpr std::uint16_t no_data_set = 0x0101;  // every other value says that one follows (PS3.7 §E.1)
inline constexpr std::size_t command_element_header = 8;

/// The fields of a command with a type of its own, in the order of their tags. `Command` is const when writing.
template <class Command, class Visitor>
void visit_fields(Command& c, Visitor& v) {
  if constexpr (requires { c.affected_sop_class_uid; }) v.uid(affected_sop_class, c.affected_sop_class_uid);
  if constexpr (requires { c.requested_sop_class_uid; }) v.uid(requested_sop_class, c.requested_sop_class_uid);
  v.command(c.field);
  if constexpr (requires { c.id; }) v.id(message_id_element, c.id);
  if constexpr (requires { c.responded_to; }) v.id(responded_to_element, c.responded_to);
  if constexpr (requires { c.move_destination; }) v.title(move_destination_element, c.move_destination);
  if constexpr (requires { c.priority; }) v.number(priority_element, c.priority);
  v.data_set_type(c.has_data_set);
  if constexpr (requires { c.status; }) v.status(c.status);
  if constexpr (requires { c.offending_elements; }) v.tags(offending_element, c.offending_elements);
  if constexpr (requires { c.error_comment; }) v.text(error_comment_element, c.error_comment);
  if constexpr (requires { c.error_id; }) v.count(error_id_element, c.error_id);
  if constexpr (requires { c.affected_sop_instance_uid; }) v.uid(affected_sop_instance, c.affected_sop_instance_uid);
  if constexpr (requires { c.requested_sop_instance_uid; }) v.uid(requested_sop_instance, c.requested_sop_instance_uid);
  if constexpr (requires { c.event_type_id; }) v.count(event_type_element, c.event_type_id);
  if constexpr (requires { c.attribute_identifiers; }) v.tags(attribute_identifier_list, c.attribute_identifiers);
  if constexpr (requires { c.action_type_id; }) v.count(action_type_element, c.action_type_id);
  if constexpr (requires { c.remaining; }) {
    v.count(remaining_element, c.remaining);
    v.count(completed_element, c.completed);
    v.count(failed_element, c.failed);
    v.count(warning_element, c.warning);
  }
  if constexpr (requires { c.move_originator_ae_title; }) {
    v.optional_title(move_originator_title, c.move_originator_ae_title);
    v.optional_id(move_originator_id, c.move_originator_message_id);
  }
}

/// Appends elements in Implicit VR Little Endian.
class command_writer {
 public:
  explicit command_writer(std::vector<std::byte>& out) : out_{&out}, start_{out.size()} {
    out.resize(start_ + command_element_header + 4);
    head(start_, command_group_length, 4);
  }
  void finish() {
    store_le(out_->data() + start_ + command_element_header,
             static_cast<std::uint32_t>(out_->size() - start_ - command_element_header - 4));
  }

  void bytes(std::uint16_t element, byte_span value, std::byte padding = std::byte{0}) {
    const auto odd = value.size() & 1u;
    const auto at = out_->size();
    out_->resize(at + command_element_header + value.size() + odd, padding);
    head(at, element, static_cast<std::uint32_t>(value.size() + odd));
    std::copy(value.begin(), value.end(), out_->begin() + static_cast<std::ptrdiff_t>(at + command_element_header));
  }
  void u16(std::uint16_t element, std::uint16_t value) {
    std::array<std::byte, 2> wire;
    store_le(wire.data(), value);
    bytes(element, wire);
  }
  void uid(std::uint16_t element, const unique_id& value) {
    if (!value.empty()) bytes(element, as_bytes(value.view()));
  }
  void title(std::uint16_t element, const ae_title& value) { bytes(element, as_bytes(value.view()), std::byte{' '}); }
  void optional_title(std::uint16_t element, const std::optional<ae_title>& value) {
    if (value && !value->empty()) title(element, *value);
  }
  void text(std::uint16_t element, std::string_view value) {
    constexpr std::size_t longest = 64;  // LO
    if (!value.empty()) bytes(element, as_bytes(value.substr(0, longest)), std::byte{' '});
  }
  void command(command_field value) { u16(command_field_element, static_cast<std::uint16_t>(value)); }
  void id(std::uint16_t element, message_id value) { u16(element, value.value); }
  void optional_id(std::uint16_t element, const std::optional<message_id>& value) {
    if (value) id(element, *value);
  }
  void number(std::uint16_t element, priority value) { u16(element, static_cast<std::uint16_t>(value)); }
  void count(std::uint16_t element, const std::optional<std::uint16_t>& value) {
    if (value) u16(element, *value);
  }
  void count(std::uint16_t element, std::uint16_t value) { u16(element, value); }
  void data_set_type(bool follows) { u16(data_set_type_element, follows ? 0x0001 : no_data_set); }
  void status(dimse_status value) { u16(status_element, value.code); }
  void tags(std::uint16_t element, const std::vector<element_tag>& value) {
    if (value.empty()) return;
    std::vector<std::byte> wire(value.size() * 4);
    for (std::size_t i = 0; i < value.size(); ++i) {
      store_le(wire.data() + 4 * i, value[i].group());
      store_le(wire.data() + 4 * i + 2, value[i].element());
    }
    bytes(element, wire);
  }

 private:
  void head(std::size_t at, std::uint16_t element, std::uint32_t length) noexcept {
    auto* to = out_->data() + at;
    store_le(to, std::uint16_t{0});
    store_le(to + 2, element);
    store_le(to + 4, length);
  }

  std::vector<std::byte>* out_;
  std::size_t start_;
};

inline void write_generic(const generic_command& c, std::vector<std::byte>& out) {
  command_writer to{out};
  auto rest = c.elements.begin();
  const auto others_before = [&](std::uint16_t element) {
    for (; rest != c.elements.end() && rest->tag.element() < element; ++rest)
      to.bytes(rest->tag.element(), rest->value);
  };
  others_before(affected_sop_class);
  to.uid(affected_sop_class, c.sop_class_uid);
  others_before(command_field_element);
  to.command(c.field);
  if (is_response(c.field)) {
    others_before(responded_to_element);
    to.id(responded_to_element, c.responded_to);
  } else {
    others_before(message_id_element);
    to.id(message_id_element, c.id);
  }
  others_before(data_set_type_element);
  to.data_set_type(c.has_data_set);
  if (is_response(c.field)) {
    others_before(status_element);
    to.status(c.status);
  }
  others_before(affected_sop_instance);
  to.uid(affected_sop_instance, c.sop_instance_uid);
  others_before(0xFFFF);
  to.finish();
}

/// A command set with its elements found, not yet interpreted.
class command_reader {
 public:
  command_reader(byte_span bytes, const limits& most, std::vector<diagnosis>* found) : bytes_{bytes}, found_{found} {
    if (bytes.size() > most.command_bytes)
      fail(0, "a command set of more than " + std::to_string(most.command_bytes) + " bytes", errc::limit_exceeded);
    entries_.reserve(16);
    split();
  }

  [[nodiscard]] codicom::command read() {
    const auto field = static_cast<command_field>(required(command_field_element, "Command Field (0000,0100)"));
    switch (field) {
      case command_field::c_echo_rq: return typed<c_echo_request>();
      case command_field::c_echo_rsp: return typed<c_echo_response>();
      case command_field::c_store_rq: return typed<c_store_request>();
      case command_field::c_store_rsp: return typed<c_store_response>();
      case command_field::c_find_rq: return typed<c_find_request>();
      case command_field::c_find_rsp: return typed<c_find_response>();
      case command_field::c_get_rq: return typed<c_get_request>();
      case command_field::c_get_rsp: return typed<c_get_response>();
      case command_field::c_move_rq: return typed<c_move_request>();
      case command_field::c_move_rsp: return typed<c_move_response>();
      case command_field::c_cancel_rq: return typed<c_cancel_request>();
      case command_field::n_event_report_rq: return typed<n_event_report_request>();
      case command_field::n_event_report_rsp: return typed<n_event_report_response>();
      case command_field::n_get_rq: return typed<n_get_request>();
      case command_field::n_get_rsp: return typed<n_get_response>();
      case command_field::n_set_rq: return typed<n_set_request>();
      case command_field::n_set_rsp: return typed<n_set_response>();
      case command_field::n_action_rq: return typed<n_action_request>();
      case command_field::n_action_rsp: return typed<n_action_response>();
      case command_field::n_create_rq: return typed<n_create_request>();
      case command_field::n_create_rsp: return typed<n_create_response>();
      case command_field::n_delete_rq: return typed<n_delete_request>();
      case command_field::n_delete_rsp: return typed<n_delete_response>();
    }
    return generic(field);
  }

  // Visitor of `visit_fields`.
  void command(command_field) noexcept {}
  void uid(std::uint16_t element, unique_id& to) const {
    if (const auto* e = find(element)) to = unique_id{as_text(e->value)};
  }
  void title(std::uint16_t element, ae_title& to) const {
    if (const auto* e = find(element)) to = ae_title{as_text(e->value)};
  }
  void optional_title(std::uint16_t element, std::optional<ae_title>& to) const {
    if (const auto* e = find(element); e != nullptr && !e->value.empty()) to = ae_title{as_text(e->value)};
  }
  void text(std::uint16_t element, std::string& to) const {
    const auto* e = find(element);
    if (e == nullptr) return;
    auto value = as_text(e->value);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\0')) value.remove_suffix(1);
    to = value;
  }
  void id(std::uint16_t element, message_id& to) {
    // Old implementations answered with Message ID alone; its use in responses is retired.
    if (element == responded_to_element && find(element) == nullptr && find(message_id_element) != nullptr) {
      note(deviation::missing_element, find(message_id_element)->offset, element,
           "Message ID Being Responded To is missing, Message ID was taken");
      element = message_id_element;
    }
    to = message_id{required(element, element == message_id_element ? "Message ID (0000,0110)"
                                                                    : "Message ID Being Responded To (0000,0120)")};
  }
  void optional_id(std::uint16_t element, std::optional<message_id>& to) {
    if (const auto number = optional(element)) to = message_id{*number};
  }
  void number(std::uint16_t element, priority& to) {
    if (const auto number = optional(element)) to = static_cast<priority>(*number);
    else note(deviation::missing_element, bytes_.size(), element, "Priority is missing, medium was taken");
  }
  void count(std::uint16_t element, std::optional<std::uint16_t>& to) { to = optional(element); }
  void count(std::uint16_t element, std::uint16_t& to) {
    if (const auto number = optional(element)) to = *number;
    else note(deviation::missing_element, bytes_.size(), element, "the type of the event or action is missing");
  }
  void data_set_type(bool& follows) {
    if (const auto number = optional(data_set_type_element)) {
      follows = *number != no_data_set;
    } else {
      if (const auto status = optional(status_element))
        follows = *optional(command_field_element) == static_cast<std::uint16_t>(command_field::c_find_rsp) &&
                  dimse_status{*status}.is_pending();
      note(deviation::missing_element, bytes_.size(), data_set_type_element, "Command Data Set Type is missing");
    }
  }
  void status(dimse_status& to) { to = dimse_status{required(status_element, "Status (0000,0900)")}; }
  void tags(std::uint16_t element, std::vector<element_tag>& to) const {
    if (const auto* e = find(element))
      for (std::size_t i = 0; i + 4 <= e->value.size(); i += 4)
        to.emplace_back(load_le<std::uint16_t>(e->value.data() + i), load_le<std::uint16_t>(e->value.data() + i + 2));
  }

 private:
  struct entry {
    std::uint16_t element = 0;
    std::size_t offset = 0;
    byte_span value;
  };

  [[noreturn]] static void fail(std::size_t offset, std::string detail, errc code = errc::malformed_command) {
    dul::diagnostics known{std::move(detail)};
    known.offset = offset;
    known.section = "PS3.7 §6.3";
    known.answer = dul::abort_cause{};
    throw association_error{make_error_code(code), std::move(known)};
  }
  void note(deviation what, std::size_t offset, std::uint16_t element, std::string detail) const {
    constexpr std::size_t most = 64;  // a command set that breaks more rules than this tells nothing new
    if (found_ == nullptr || found_->size() >= most) return;
    diagnosis entry;
    entry.what = what;
    entry.offset = offset;
    entry.path.emplace_back(std::uint16_t{0}, element);
    entry.section = "PS3.7 §6.3";
    entry.detail = std::move(detail);
    found_->push_back(std::move(entry));
  }

  void split() {
    std::size_t at = 0;
    int previous = -1;
    bool has_group_length = false;
    while (at != bytes_.size()) {
      if (bytes_.size() - at < command_element_header) fail(at, "too few bytes for an element");
      const auto group = load_le<std::uint16_t>(bytes_.data() + at);
      const auto element = load_le<std::uint16_t>(bytes_.data() + at + 2);
      const std::size_t length = load_le<std::uint32_t>(bytes_.data() + at + 4);
      if (group != 0) fail(at, to_string(element_tag{group, element}) + " is no element of a command set");
      if (length > bytes_.size() - at - command_element_header)
        fail(at + 4, to_string(element_tag{group, element}) + " is " + std::to_string(length) +
                         " bytes long, beyond the end of the command set");
      const entry found{element, at, bytes_.subspan(at + command_element_header, length)};
      at += command_element_header + length;
      if ((length & 1u) != 0) note(deviation::odd_length, found.offset, element, "odd length");
      if (element == command_group_length) {
        has_group_length = true;
        if (length != 4 || load_le<std::uint32_t>(found.value.data()) != bytes_.size() - at)
          note(deviation::wrong_group_length, found.offset, element, "wrong group length");
      }
      if (element > previous) {
        entries_.push_back(found);
        previous = element;
      } else if (find(element) != nullptr) {
        note(deviation::duplicate_tag, found.offset, element, "stands there twice");  // the first one counts
      } else {
        note(deviation::tag_out_of_order, found.offset, element, "out of order");
        entries_.push_back(found);
      }
    }
    if (!has_group_length) note(deviation::missing_element, 0, command_group_length, "group length is missing");
  }

  [[nodiscard]] const entry* find(std::uint16_t element) const noexcept {
    const auto e =
        std::find_if(entries_.begin(), entries_.end(), [&](const entry& each) { return each.element == element; });
    return e == entries_.end() ? nullptr : &*e;
  }
  [[nodiscard]] std::optional<std::uint16_t> optional(std::uint16_t element) const {
    const auto* e = find(element);
    if (e == nullptr || e->value.empty()) return std::nullopt;
    if (e->value.size() < 2) fail(e->offset, to_string(element_tag{0, element}) + " is no 16-bit number");
    if (e->value.size() > 2) note(deviation::value_too_long, e->offset, element, "longer than a 16-bit number");
    return load_le<std::uint16_t>(e->value.data());
  }
  [[nodiscard]] std::uint16_t required(std::uint16_t element, std::string_view what) const {
    const auto number = optional(element);
    if (!number) fail(bytes_.size(), std::string{what} + " is missing");
    return *number;
  }

  template <class Command>
  [[nodiscard]] codicom::command typed() {
    codicom::command result{std::in_place_type<Command>};
    visit_fields(std::get<Command>(result), *this);
    return result;
  }

  [[nodiscard]] codicom::command generic(command_field field) {
    codicom::command result{std::in_place_type<generic_command>, field};
    auto& c = std::get<generic_command>(result);
    if (is_response(field)) {
      id(responded_to_element, c.responded_to);
      status(c.status);
    } else {
      id(message_id_element, c.id);
    }
    data_set_type(c.has_data_set);
    uid(affected_sop_class, c.sop_class_uid);
    uid(affected_sop_instance, c.sop_instance_uid);
    std::sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) { return a.element < b.element; });
    const auto own = is_response(field) ? responded_to_element : message_id_element;
    for (const auto& e : entries_) {
      if (e.element == command_group_length || e.element == command_field_element || e.element == own ||
          e.element == data_set_type_element || (is_response(field) && e.element == status_element) ||
          e.element == affected_sop_class || e.element == affected_sop_instance)
        continue;
      c.elements.emplace_back(element_tag{0, e.element}, std::vector<std::byte>(e.value.begin(), e.value.end()));
    }
    return result;
  }

  byte_span bytes_;
  std::vector<diagnosis>* found_;
  std::vector<entry> entries_;
};

}  // namespace detail

CODICOM_FUNCTION std::string to_string(command_field field) {
  switch (field) {
    case command_field::c_store_rq: return "C-STORE-RQ";
    case command_field::c_store_rsp: return "C-STORE-RSP";
    case command_field::c_get_rq: return "C-GET-RQ";
    case command_field::c_get_rsp: return "C-GET-RSP";
    case command_field::c_find_rq: return "C-FIND-RQ";
    case command_field::c_find_rsp: return "C-FIND-RSP";
    case command_field::c_move_rq: return "C-MOVE-RQ";
    case command_field::c_move_rsp: return "C-MOVE-RSP";
    case command_field::c_echo_rq: return "C-ECHO-RQ";
    case command_field::c_echo_rsp: return "C-ECHO-RSP";
    case command_field::n_event_report_rq: return "N-EVENT-REPORT-RQ";
    case command_field::n_event_report_rsp: return "N-EVENT-REPORT-RSP";
    case command_field::n_get_rq: return "N-GET-RQ";
    case command_field::n_get_rsp: return "N-GET-RSP";
    case command_field::n_set_rq: return "N-SET-RQ";
    case command_field::n_set_rsp: return "N-SET-RSP";
    case command_field::n_action_rq: return "N-ACTION-RQ";
    case command_field::n_action_rsp: return "N-ACTION-RSP";
    case command_field::n_create_rq: return "N-CREATE-RQ";
    case command_field::n_create_rsp: return "N-CREATE-RSP";
    case command_field::n_delete_rq: return "N-DELETE-RQ";
    case command_field::n_delete_rsp: return "N-DELETE-RSP";
    case command_field::c_cancel_rq: return "C-CANCEL-RQ";
  }
  return "command " + to_string(dimse_status{static_cast<std::uint16_t>(field)});
}

CODICOM_FUNCTION generic_command response_to(const generic_command& request, dimse_status outcome) {
  generic_command response{response_to(request.field)};
  response.responded_to = request.id;
  response.status = outcome;
  response.sop_class_uid = request.sop_class_uid;
  response.sop_instance_uid = request.sop_instance_uid;
  return response;
}

namespace detail {

// What most commands have, by one visit: compiling a visit of all alternatives costs more than running it.
struct common_fields {
  command_field field{};
  bool has_data_set = false;
  message_id id;
  const unique_id* sop_class = nullptr;
  const unique_id* sop_instance = nullptr;
  std::optional<dimse_status> status;
};

[[nodiscard]] inline common_fields common_fields_of(const command& value) noexcept {
  return std::visit(
      [](const auto& each) {
        common_fields all;
        all.field = each.field;
        all.has_data_set = each.has_data_set;
        if constexpr (std::is_same_v<std::decay_t<decltype(each)>, generic_command>)
          all.id = is_response(each.field) ? each.responded_to : each.id;
        else if constexpr (requires { each.id; }) all.id = each.id;
        else all.id = each.responded_to;
        if constexpr (requires { each.affected_sop_class_uid; }) all.sop_class = &each.affected_sop_class_uid;
        else if constexpr (requires { each.requested_sop_class_uid; }) all.sop_class = &each.requested_sop_class_uid;
        else if constexpr (requires { each.sop_class_uid; }) all.sop_class = &each.sop_class_uid;
        if constexpr (requires { each.affected_sop_instance_uid; }) all.sop_instance = &each.affected_sop_instance_uid;
        else if constexpr (requires { each.requested_sop_instance_uid; })
          all.sop_instance = &each.requested_sop_instance_uid;
        else if constexpr (requires { each.sop_instance_uid; }) all.sop_instance = &each.sop_instance_uid;
        if constexpr (requires { each.status; })
          if (is_response(each.field)) all.status = each.status;
        return all;
      },
      value);
}

}  // namespace detail

CODICOM_FUNCTION command_field field_of(const command& value) noexcept { return detail::common_fields_of(value).field; }
CODICOM_FUNCTION bool is_request(const command& value) noexcept { return !is_response(field_of(value)); }
CODICOM_FUNCTION bool has_data_set(const command& value) noexcept {
  return detail::common_fields_of(value).has_data_set;
}
CODICOM_FUNCTION message_id id_of(const command& value) noexcept { return detail::common_fields_of(value).id; }
CODICOM_FUNCTION unique_id sop_class_of(const command& value) noexcept {
  const auto* uid = detail::common_fields_of(value).sop_class;
  return uid == nullptr ? unique_id{} : *uid;
}
CODICOM_FUNCTION unique_id sop_instance_of(const command& value) noexcept {
  const auto* uid = detail::common_fields_of(value).sop_instance;
  return uid == nullptr ? unique_id{} : *uid;
}
CODICOM_FUNCTION std::optional<dimse_status> status_of(const command& value) noexcept {
  return detail::common_fields_of(value).status;
}

template <class T>
void encode_command(const T& value, std::vector<std::byte>& out) {
  if constexpr (std::is_same_v<T, command>) {
    std::visit([&out](const auto& each) { encode_command(each, out); }, value);
  } else if constexpr (std::is_same_v<T, generic_command>) {
    detail::write_generic(value, out);
  } else {
    detail::command_writer to{out};
    detail::visit_fields(value, to);
    to.finish();
  }
}

#ifdef CODICOM_SEPARATE_COMPILATION
template void encode_command(const c_echo_request&, std::vector<std::byte>&);
template void encode_command(const c_echo_response&, std::vector<std::byte>&);
template void encode_command(const c_store_request&, std::vector<std::byte>&);
template void encode_command(const c_store_response&, std::vector<std::byte>&);
template void encode_command(const c_find_request&, std::vector<std::byte>&);
template void encode_command(const c_find_response&, std::vector<std::byte>&);
template void encode_command(const c_get_request&, std::vector<std::byte>&);
template void encode_command(const c_get_response&, std::vector<std::byte>&);
template void encode_command(const c_move_request&, std::vector<std::byte>&);
template void encode_command(const c_move_response&, std::vector<std::byte>&);
template void encode_command(const c_cancel_request&, std::vector<std::byte>&);
template void encode_command(const n_event_report_request&, std::vector<std::byte>&);
template void encode_command(const n_event_report_response&, std::vector<std::byte>&);
template void encode_command(const n_get_request&, std::vector<std::byte>&);
template void encode_command(const n_get_response&, std::vector<std::byte>&);
template void encode_command(const n_set_request&, std::vector<std::byte>&);
template void encode_command(const n_set_response&, std::vector<std::byte>&);
template void encode_command(const n_action_request&, std::vector<std::byte>&);
template void encode_command(const n_action_response&, std::vector<std::byte>&);
template void encode_command(const n_create_request&, std::vector<std::byte>&);
template void encode_command(const n_create_response&, std::vector<std::byte>&);
template void encode_command(const n_delete_request&, std::vector<std::byte>&);
template void encode_command(const n_delete_response&, std::vector<std::byte>&);
template void encode_command(const generic_command&, std::vector<std::byte>&);
template void encode_command(const command&, std::vector<std::byte>&);
#endif

CODICOM_FUNCTION command decode_command(byte_span bytes, const limits& limits, std::vector<diagnosis>* found) {
  return detail::command_reader{bytes, limits, found}.read();
}

}  // namespace codicom
