#pragma once
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/responses.hpp>

#include <optional>
#include <string>
#include <utility>

namespace codicom::service {

/// What to ask a modality worklist for (PS3.4 §K.6.1.2): what is left empty is not matched, and all of it is returned.
/// Values as a person writes them: `DOE*`, `20260101-20260131`.
class worklist_query {
 public:
  worklist_query() = default;

  // of the scheduled procedure step
  std::string station_ae_title;
  std::string modality;
  std::string start_date, start_time;
  std::string performing_physician;
  // of the requested procedure and the patient
  std::string patient_name, patient_id;
  std::string accession_number, requested_procedure_id;
  data_set more;  ///< further keys, or others in place of those above

  /// The identifier of the C-FIND: the matching keys, and the return keys that a modality needs for its images and for
  /// a performed procedure step.
  [[nodiscard]] data_set identifier() const;
};

/// One scheduled procedure step, with its procedure and its patient.
class worklist_item {
 public:
  worklist_item() = default;
  explicit worklist_item(data_set found) : attributes{std::move(found)} {}

  data_set attributes;

  /// The item of Scheduled Procedure Step Sequence (0040,0100), of which there is one; null: the peer left it out.
  [[nodiscard]] const data_set* step() const noexcept;

  [[nodiscard]] std::string patient_name() const;
  [[nodiscard]] std::string patient_id() const;
  [[nodiscard]] std::string accession_number() const;
  [[nodiscard]] std::string requested_procedure_id() const;
  [[nodiscard]] std::optional<unique_id> study_instance_uid() const;
  [[nodiscard]] std::string modality() const;
  [[nodiscard]] std::string station_ae_title() const;
  [[nodiscard]] std::string start_date() const;  ///< YYYYMMDD
  [[nodiscard]] std::string start_time() const;
  [[nodiscard]] std::string description() const;
  [[nodiscard]] std::string step_id() const;

 private:
  [[nodiscard]] std::string of_step(element_tag tag) const;
};

/// The items of a worklist, as they come; like `find_responses`.
class worklist_responses {
 public:
  using value_type = worklist_item;
  using final_type = c_find_response;

  explicit worklist_responses(find_responses over) noexcept : responses_{std::move(over)} {}

  [[nodiscard]] task<std::optional<worklist_item>> next();
  [[nodiscard]] const c_find_response& last() const noexcept { return responses_.last(); }
  [[nodiscard]] task<> request_cancel() { return responses_.request_cancel(); }
  [[nodiscard]] task<c_find_response> cancel() { return responses_.cancel(); }

 private:
  find_responses responses_;
};

/// Query a modality worklist (PS3.4 Annex K).
///
///     service::worklist_query asked;
///     asked.modality = "CT";
///     auto items = service::find_worklist(association, asked);
///     while (auto item = co_await items.next()) show(item->patient_name());
///
/// @pre `service::modality_worklist` was proposed.
/// @throws std::system_error `errc::invalid_argument`: a value that no attribute of its kind can have.
[[nodiscard]] worklist_responses find_worklist(association& over, const worklist_query& asked,
                                               query_options options = {});

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/worklist.hpp>
#endif
