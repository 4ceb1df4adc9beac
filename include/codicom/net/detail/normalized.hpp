#pragma once
#include <codicom/core/log.hpp>
#include <codicom/dictionary/uids.hpp>
#include <codicom/encoding/encode.hpp>
#include <codicom/net/detail/connection.hpp>
#include <codicom/net/detail/decode_data_set.hpp>
#include <codicom/net/handlers.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace codicom::detail {

[[nodiscard]] inline bool is_cancellation(const std::exception& e) {
  const auto* known = dynamic_cast<const std::system_error*>(&e);
  return known != nullptr && known->code() == failure::cancelled;
}
inline void log_handler_failure(const connection& on, const std::string& operation, const std::exception& e) {
  log(log_level::warning, [&] { return operation + " of " + on.peer_name() + ": handler failed: " + e.what(); });
}

// A request may only be of the class of its presentation context; or of one of those that a Meta SOP Class stands for
// (PS3.4 §4), or of UPS Push, which requests name in all UPS contexts (PS3.4 §CC.3.1).
[[nodiscard]] inline bool is_of_context(const connection& on, const message& request) {
  const auto* context = on.parameters().accepted(request.context);
  const auto sop_class = sop_class_of(request.command);
  if (context == nullptr) return false;
  if (context->abstract_syntax == sop_class) return true;
  const auto is_ups = [](const unique_id& uid) { return uid.view().starts_with("1.2.840.10008.5.1.4.34.6."); };
  if (is_ups(sop_class) && is_ups(context->abstract_syntax)) return true;
  const auto known = find_uid(context->abstract_syntax);
  return known && known->kind == uid_kind::meta_sop_class;
}

// std::visit of some alternatives only, which takes a compiler a quarter of the time. False: it is another one.
template <class... Alternatives, class Variant, class Use>
bool with_one_of(Variant& of, const Use& use) {
  const auto with = [&use](auto* each) {
    if (each != nullptr) use(*each);
    return each != nullptr;
  };
  return (with(std::get_if<Alternatives>(&of)) || ...);
}
template <class Command, class Use>
bool with_normalized_request(Command& of, const Use& use) {
  return with_one_of<n_event_report_request, n_get_request, n_set_request, n_action_request, n_create_request,
                     n_delete_request>(of, use);
}
template <class Use>
bool with_normalized_response(const command& of, const Use& use) {
  return with_one_of<n_event_report_response, n_get_response, n_set_response, n_action_response, n_create_response,
                     n_delete_response>(of, use);
}

// Call `use` with the handler of a normalized request, if there is one.
template <class Use>
bool with_handler(const message& request, const normalized_handlers& among, const Use& use) {
  bool has_handler = false;
  with_normalized_request(request.command, [&](const auto& each) {
    const auto& handler = among.handler_of(each);
    has_handler = static_cast<bool>(handler);
    if (has_handler) use(each, handler);
  });
  return has_handler;
}

inline task<> respond_normalized(connection& on, const message& request, const n_result& answer, body_source* body) {
  task<> sending;
  with_normalized_request(request.command, [&](const auto& each) {
    typename std::decay_t<decltype(each)>::response response{each, answer.status()};
    const auto instance = response.affected_sop_instance_uid;
    static_cast<n_response_fields&>(response) = answer.response;
    response.responded_to = each.id;
    if (response.affected_sop_class_uid.empty()) response.affected_sop_class_uid = sop_class_of(request.command);
    if (response.affected_sop_instance_uid.empty()) response.affected_sop_instance_uid = instance;
    response.has_data_set = body != nullptr;
    sending = on.send(request.context, response, body);
  });
  return sending;
}

// Answer a normalized request by its handler.
inline task<> answer_normalized(std::shared_ptr<connection> on, message request,
                                std::shared_ptr<const normalized_handlers> with,
                                std::shared_ptr<cancellation> stop) {
  n_result answer;
  std::optional<task<n_result>> performing;
  if (!with_handler(request, *with, [](const auto&, const auto&) {})) {
    answer = n_result{status::unrecognized_operation};
  } else if (!is_of_context(*on, request)) {
    answer = n_result{status::sop_class_not_supported};
  } else if (request.too_large) {
    answer = n_result{status::resource_limitation};
  } else {
    try {
      auto attributes = decode_data_set(*on, request);
      with_handler(request, *with, [&](const auto& received, const auto& handler) {
        performing = handler(incoming_request{received, std::move(attributes), back_channel{on}, stop});
      });
    } catch (const std::system_error& e) {
      answer = n_result{status::processing_failure, data_set{}, "the data set cannot be read"};
      log_handler_failure(*on, to_string(field_of(request.command)), e);
    }
  }
  if (performing) {
    try {
      answer = co_await std::move(*performing);
    } catch (const std::exception& e) {
      on->check();
      if (is_cancellation(e)) throw;
      log_handler_failure(*on, to_string(field_of(request.command)), e);
      answer = n_result{status::processing_failure};
    }
  }
  std::vector<std::byte> bytes;
  if (!answer.attributes.empty())
    encode(answer.attributes, on->parameters().accepted(request.context)->transfer_syntax, bytes);
  memory_source body{bytes};
  co_await respond_normalized(*on, request, answer, bytes.empty() ? nullptr : &body);
}

}  // namespace codicom::detail
