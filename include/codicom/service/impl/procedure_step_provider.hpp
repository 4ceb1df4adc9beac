#pragma once
#include <codicom/core/config.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/procedure_step_provider.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace codicom::service {

CODICOM_FUNCTION task<bool> volatile_procedure_steps::create(unique_id instance, data_set step) {
  const bool is_new = steps_.emplace(instance, std::move(step)).second;
  co_return is_new;
}
CODICOM_FUNCTION task<bool> volatile_procedure_steps::change(unique_id instance, std::function<bool(data_set&)> change) {
  const auto found = steps_.find(instance);
  if (found == steps_.end()) co_return false;
  auto changed = found->second;
  if (change(changed)) found->second = std::move(changed);
  co_return true;
}
CODICOM_FUNCTION const data_set* volatile_procedure_steps::find(const unique_id& instance) const noexcept {
  const auto found = steps_.find(instance);
  return found == steps_.end() ? nullptr : &found->second;
}

namespace detail {

// What a store does with a step for an N-SET; the outcome comes by `result`.
[[nodiscard]] inline std::function<bool(data_set&)> step_changer(data_set modifications, std::shared_ptr<n_result> result) {
  return [changes = std::move(modifications), result = std::move(result)](data_set& step) {
    *result = check_step_change(step, changes);
    if (result->status().is_failure()) return false;
    change_step(step, changes);
    return true;
  };
}

// The same for an N-GET, which changes nothing.
[[nodiscard]] inline std::function<bool(data_set&)> step_reader(std::vector<element_tag> wanted,
                                                                std::shared_ptr<n_result> result) {
  return [wanted = std::move(wanted), result = std::move(result)](data_set& step) {
    *result = read_step_attributes(step, wanted);
    return false;
  };
}

}  // namespace detail

CODICOM_FUNCTION task<n_result> answer_new_step(procedure_step_store& in, incoming_request<n_create_request> request) {
  if (request.command.affected_sop_class_uid != modality_performed_procedure_step) co_return status::no_such_sop_class;
  auto answer = check_new_step(request.identifier);
  if (answer.status().is_failure()) co_return answer;
  auto instance = request.command.affected_sop_instance_uid;
  if (instance.empty()) instance = generate_uid();
  answer.response.affected_sop_instance_uid = instance;
  const bool is_new = co_await in.create(instance, std::move(request.identifier));
  if (!is_new) co_return status::duplicate_sop_instance;
  co_return answer;
}

CODICOM_FUNCTION task<n_result> answer_step_change(procedure_step_store& in, incoming_request<n_set_request> request) {
  if (request.command.requested_sop_class_uid != modality_performed_procedure_step) co_return status::no_such_sop_class;
  const auto answer = std::make_shared<n_result>();
  const bool known = co_await in.change(request.command.requested_sop_instance_uid,
                                        detail::step_changer(std::move(request.identifier), answer));
  if (!known) co_return status::no_such_sop_instance;
  co_return std::move(*answer);
}

CODICOM_FUNCTION task<n_result> answer_step_reading(procedure_step_store& in, incoming_request<n_get_request> request) {
  if (request.command.requested_sop_class_uid != modality_performed_procedure_step_retrieve)
    co_return status::no_such_sop_class;
  const auto answer = std::make_shared<n_result>();
  const bool known = co_await in.change(request.command.requested_sop_instance_uid,
                                        detail::step_reader(std::move(request.command.attribute_identifiers), answer));
  if (!known) co_return status::no_such_sop_instance;
  co_return std::move(*answer);
}

}  // namespace codicom::service
