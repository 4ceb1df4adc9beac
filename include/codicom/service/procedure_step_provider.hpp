#pragma once
#include <codicom/core/config.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/net/handlers.hpp>
#include <codicom/service/procedure_step.hpp>

#include <functional>
#include <map>
#include <optional>

namespace codicom::service {

/// Where a provider keeps modality performed procedure steps.
class procedure_step_store {
 public:
  virtual ~procedure_step_store() = default;
  /// Safely kept when this returns. False: there is one of that SOP Instance UID.
  [[nodiscard]] virtual task<bool> create(unique_id instance, data_set step) = 0;
  /// Let `change` look at a step and change it; what it returns true for is kept. Nobody else changes it meanwhile. False:
  /// there is none.
  [[nodiscard]] virtual task<bool> change(unique_id instance, std::function<bool(data_set&)> change) = 0;
};

/// Keeps them in memory. Used from one executor.
class volatile_procedure_steps : public procedure_step_store {
 public:
  [[nodiscard]] CODICOM_FUNCTION task<bool> create(unique_id instance, data_set step) override;
  [[nodiscard]] CODICOM_FUNCTION task<bool> change(unique_id instance,
                                                    std::function<bool(data_set&)> change) override;
  [[nodiscard]] const data_set* find(const unique_id& instance) const noexcept;

 private:
  std::map<unique_id, data_set> steps_;
};

/// Answer an N-CREATE and an N-SET of Modality Performed Procedure Step (PS3.4 §F.7.2), and an N-GET of Modality Performed
/// Procedure Step Retrieve (§F.8.2):
///
///     handlers.on_n_create([&](auto request) { return service::answer_new_step(steps, std::move(request)); });
///     handlers.on_n_set([&](auto request) { return service::answer_step_change(steps, std::move(request)); });
///     handlers.on_n_get([&](auto request) { return service::answer_step_reading(steps, std::move(request)); });
///
/// Statuses as of `check_new_step`, `check_step_change` and `read_step_attributes`; 0111 for a step that is there
/// already, 0112 for one that is not, 0118 for another SOP class. Without a SOP Instance UID the step gets one.
/// @par Lifetime: `in` outlives the task.
[[nodiscard]] task<n_result> answer_new_step(procedure_step_store& in, incoming_request<n_create_request> request);
[[nodiscard]] task<n_result> answer_step_change(procedure_step_store& in, incoming_request<n_set_request> request);
[[nodiscard]] task<n_result> answer_step_reading(procedure_step_store& in, incoming_request<n_get_request> request);

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/procedure_step_provider.hpp>
#endif
