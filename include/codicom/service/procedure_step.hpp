#pragma once
#include <codicom/core/generate_uid.hpp>
#include <codicom/core/tag.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/coro/task.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/net/association.hpp>
#include <codicom/net/n_result.hpp>
#include <codicom/service/worklist.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace codicom::service {

/// Performed Procedure Step Status (0040,0252), PS3.4 §F.1.1: from `in_progress` to one of the others, and no further.
enum class step_status : std::uint8_t { in_progress, completed, discontinued };

[[nodiscard]] std::string_view to_string(step_status status) noexcept;
[[nodiscard]] std::optional<step_status> parse_step_status(std::string_view text) noexcept;
/// Nothing: absent, or none of the three.
[[nodiscard]] std::optional<step_status> step_status_of(const data_set& step);

/// May a modality performed procedure step begin with these attributes (N-CREATE, PS3.4 Table F.7.2-1)? Success; or 0120
/// for attributes that are missing, 0121 for values that are, each in items of sequences too, 0106 when the status is not
/// IN PROGRESS (§F.7.2.1.3), with the attributes listed.
[[nodiscard]] n_result check_new_step(const data_set& attributes);

/// May it be changed so (N-SET)? Success; 0110 with Error ID A710 when it has ended (§F.7.2.2.4); 0106 for a status there
/// is not; 0121 when it is to end without its end date and time or a series, or when a series, reference or code lacks an
/// attribute that it needs. 0107, a warning, lists what may not be changed and is left as it was.
[[nodiscard]] n_result check_step_change(const data_set& step, const data_set& modifications);
/// Make the change: what `check_step_change` lists is left out. @pre it is no failure
void change_step(data_set& step, const data_set& modifications);

/// What an N-GET of a step returns (§F.8.2.1.3): the attributes wanted that it has, and its character set; all when none are
/// listed. Success; or 0001, a warning, which lists those that are not there (Table F.8.2-2).
[[nodiscard]] n_result read_step_attributes(const data_set& step, const std::vector<element_tag>& wanted);

/// The attributes of a new step that a worklist item has (PS3.4 §F.7.2.1, PS3.17 Annex J), IN PROGRESS, and all others of
/// type 2 without a value. To be added: Performed Procedure Step ID, station AE title, start date and time, and the
/// modality where the item has none.
[[nodiscard]] data_set new_step_of(const worklist_item& item);

/// A modality performed procedure step as a modality reports it (PS3.4 §F.7), over one association or several.
///
///     service::procedure_step step;
///     auto begun = co_await step.begin(association, attributes);
///     ...
///     auto ended = co_await step.complete(association, results);
///
/// A response with a failure is a value and leaves the state as it was. What the rules of the standard forbid is not
/// sent: std::system_error `errc::wrong_state`, or `errc::invalid_argument` which says what is missing, or may not be
/// changed. Attributes of type 2 that are absent are sent without a value, in the items of sequences too.
/// @pre `service::modality_performed_procedure_step` was proposed.
/// @par Lifetime: association and step outlive the tasks.
class procedure_step {
 public:
  explicit procedure_step(unique_id instance = generate_uid()) : instance_{instance} {}
  /// One that was begun before, for instance by this program before its restart.
  procedure_step(unique_id instance, data_set as_it_is) : instance_{instance}, attributes_{std::move(as_it_is)} {}

  /// N-CREATE. The status is set here. What is to be changed later has to be created by it, empty perhaps (§F.7.2.2.2);
  /// for the Discontinuation Reason Code Sequence (0040,0281) that is done here.
  [[nodiscard]] task<n_result> begin(association& over, data_set attributes);
  /// N-SET; the step goes on.
  [[nodiscard]] task<n_result> update(association& over, data_set modifications);
  /// N-SET of the final state.
  [[nodiscard]] task<n_result> complete(association& over, data_set modifications);
  [[nodiscard]] task<n_result> discontinue(association& over, data_set modifications);

  [[nodiscard]] const unique_id& instance() const noexcept { return instance_; }
  /// Nothing: not begun.
  [[nodiscard]] std::optional<step_status> status() const { return step_status_of(attributes_); }
  /// What the provider has been told.
  [[nodiscard]] const data_set& attributes() const noexcept { return attributes_; }

 private:
  [[nodiscard]] task<n_result> change(association& over, data_set modifications);

  unique_id instance_;
  data_set attributes_;
};

/// Read a step that somebody has begun (N-GET of Modality Performed Procedure Step Retrieve, PS3.4 §F.8).
/// @param wanted  none: those of Table F.8.2-1. Specific Character Set is always asked for.
/// @return in `attributes` what the provider has; 0001, a warning: not all of it; 0112: it has no such step.
/// @pre `service::modality_performed_procedure_step_retrieve` was proposed.
/// @par Lifetime: the association outlives the task.
[[nodiscard]] task<n_result> read_step(association& over, unique_id instance, std::vector<element_tag> wanted = {});

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/procedure_step.hpp>
#endif
