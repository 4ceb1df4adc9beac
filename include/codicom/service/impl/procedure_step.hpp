#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/procedure_step.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace codicom::service {

namespace detail {

// PS3.4 Table F.7.2-1: the type in an N-CREATE, and whether an N-SET may change it. Attributes of type 3 stand here where
// it may not.
struct step_attribute {
  element_tag tag;
  int type;
  bool may_change = false;
};

inline constexpr std::array step_attributes{
    // Performed Procedure Step Relationship
    step_attribute{tag::ScheduledStepAttributesSequence, 1},
    step_attribute{tag::PatientName, 2},
    step_attribute{tag::PatientID, 2},
    step_attribute{tag::IssuerOfPatientID, 3},
    step_attribute{tag::IssuerOfPatientIDQualifiersSequence, 3},
    step_attribute{tag::OtherPatientIDsSequence, 3},
    step_attribute{tag::PatientBirthDate, 2},
    step_attribute{tag::PatientSex, 2},
    step_attribute{tag::ReferencedPatientSequence, 2},
    step_attribute{tag::AdmissionID, 3},
    step_attribute{tag::IssuerOfAdmissionIDSequence, 3},
    step_attribute{tag::ServiceEpisodeID, 3},
    step_attribute{tag::IssuerOfServiceEpisodeIDSequence, 3},
    step_attribute{tag::ServiceEpisodeDescription, 3},
    // Performed Procedure Step Information
    step_attribute{tag::PerformedProcedureStepID, 1},
    step_attribute{tag::PerformedStationAETitle, 1},
    step_attribute{tag::PerformedStationName, 2},
    step_attribute{tag::PerformedLocation, 2},
    step_attribute{tag::PerformedProcedureStepStartDate, 1},
    step_attribute{tag::PerformedProcedureStepStartTime, 1},
    step_attribute{tag::PerformedProcedureStepStatus, 1, true},
    step_attribute{tag::PerformedProcedureStepDescription, 2, true},
    step_attribute{tag::PerformedProcedureTypeDescription, 2, true},
    step_attribute{tag::ProcedureCodeSequence, 2, true},
    step_attribute{tag::PerformedProcedureStepEndDate, 2, true},
    step_attribute{tag::PerformedProcedureStepEndTime, 2, true},
    // Image Acquisition Results
    step_attribute{tag::Modality, 1},
    step_attribute{tag::StudyID, 2},
    step_attribute{tag::PerformedProtocolCodeSequence, 2, true},
    step_attribute{tag::PerformedSeriesSequence, 2, true},
};

// The items of its sequences: Scheduled Step Attributes Sequence (0040,0270),
inline constexpr std::array scheduled_step_attributes{
    step_attribute{tag::StudyInstanceUID, 1},
    step_attribute{tag::ReferencedStudySequence, 2},
    step_attribute{tag::AccessionNumber, 2},
    step_attribute{tag::IssuerOfAccessionNumberSequence, 3},
    step_attribute{tag::PlacerOrderNumberImagingServiceRequest, 3},
    step_attribute{tag::OrderPlacerIdentifierSequence, 3},
    step_attribute{tag::FillerOrderNumberImagingServiceRequest, 3},
    step_attribute{tag::OrderFillerIdentifierSequence, 3},
    step_attribute{tag::RequestedProcedureID, 2},
    step_attribute{tag::RequestedProcedureCodeSequence, 3},
    step_attribute{tag::RequestedProcedureDescription, 2},
    step_attribute{tag::ScheduledProcedureStepID, 2},
    step_attribute{tag::ScheduledProcedureStepDescription, 2},
    step_attribute{tag::ScheduledProtocolCodeSequence, 2},
};
// Performed Series Sequence (0040,0340), in an N-SET and in the final state too,
inline constexpr std::array series_attributes{
    step_attribute{tag::PerformingPhysicianName, 2},
    step_attribute{tag::ProtocolName, 1},
    step_attribute{tag::OperatorsName, 2},
    step_attribute{tag::SeriesInstanceUID, 1},
    step_attribute{tag::SeriesDescription, 2},
    step_attribute{tag::RetrieveAETitle, 2},
    step_attribute{tag::ReferencedImageSequence, 2},
    step_attribute{tag::ReferencedNonImageCompositeSOPInstanceSequence, 2},
};
// references,
inline constexpr std::array reference_attributes{
    step_attribute{tag::ReferencedSOPClassUID, 1},
    step_attribute{tag::ReferencedSOPInstanceUID, 1},
};
// and codes, by Tables F.7.2-1a to 1d; their other attributes are conditional. By Tables F.7.2-1e and 1f (procedure and
// performed protocol) nothing is required.
inline constexpr std::array code_attributes{step_attribute{tag::CodeMeaning, 1}};

[[nodiscard]] inline std::span<const step_attribute> attributes_of_items(element_tag sequence) {
  const auto is_one_of = [sequence](auto... which) { return ((sequence == which) || ...); };
  if (sequence == tag::ScheduledStepAttributesSequence) return scheduled_step_attributes;
  if (sequence == tag::PerformedSeriesSequence) return series_attributes;
  if (is_one_of(tag::ReferencedStudySequence, tag::ReferencedPatientSequence, tag::ReferencedImageSequence,
                tag::ReferencedNonImageCompositeSOPInstanceSequence))
    return reference_attributes;
  if (is_one_of(tag::RequestedProcedureCodeSequence, tag::ScheduledProtocolCodeSequence,
                tag::ReasonForPerformedProcedureCodeSequence,
                tag::PerformedProcedureStepDiscontinuationReasonCodeSequence))
    return code_attributes;
  return {};
}

inline void note_once(std::vector<element_tag>& in, element_tag which) {
  if (std::find(in.begin(), in.end(), which) == in.end()) in.push_back(which);
}

// What is needed and not there, and of type 1 without a value; in the items that are there too.
inline void find_missing(const data_set& in, std::span<const step_attribute> needed, std::vector<element_tag>& absent,
                         std::vector<element_tag>& empty) {
  for (const auto& each : needed) {
    if (each.type == 3) continue;
    const auto* found = in.find(each.tag);
    if (found == nullptr) note_once(absent, each.tag);
    else if (found->empty() && each.type == 1) note_once(empty, each.tag);
  }
  for (const auto& each : in)
    if (const auto inside = attributes_of_items(each.tag()); !inside.empty())
      for (const auto& item : each.items()) find_missing(item, inside, absent, empty);
}

// What is of type 2 and unknown is sent without a value (PS3.5 §7.4.3).
inline void add_unknown(data_set& to, std::span<const step_attribute> needed) {
  for (const auto& each : needed)
    if (each.type == 2 && !to.contains(each.tag)) to.set(each.tag);
  std::vector<element_tag> sequences;
  for (const auto& each : to)
    if (!attributes_of_items(each.tag()).empty()) sequences.push_back(each.tag());
  for (const auto& each : sequences)
    for (auto& item : to.items(each)) add_unknown(item, attributes_of_items(each));
}

[[nodiscard]] inline n_result refuse_step(dimse_status why, std::vector<element_tag> attributes, std::string comment) {
  n_result refusal{why, {}, std::move(comment)};
  refusal.response.attribute_identifiers = std::move(attributes);
  return refusal;
}

// Those that an N-SET may not change. What is in no table of the standard is the user's own affair.
[[nodiscard]] inline bool is_fixed(element_tag which) {
  return std::any_of(step_attributes.begin(), step_attributes.end(),
                     [which](const step_attribute& each) { return each.tag == which && !each.may_change; });
}

[[nodiscard]] inline const element* changed_or_own(const data_set& step, const data_set& modifications, element_tag which) {
  const auto* changed = modifications.find(which);
  return changed != nullptr ? changed : step.find(which);
}

[[noreturn]] inline void throw_not_allowed(const n_result& why) {
  std::string what = why.response.error_comment;
  for (const auto& each : why.response.attribute_identifiers) what += ' ' + codicom::to_string(each);
  throw std::system_error{make_error_code(errc::invalid_argument), what};
}

}  // namespace detail

CODICOM_FUNCTION std::string_view to_string(step_status status) noexcept {
  switch (status) {
    case step_status::in_progress: return "IN PROGRESS";
    case step_status::completed: return "COMPLETED";
    case step_status::discontinued: break;
  }
  return "DISCONTINUED";
}
CODICOM_FUNCTION std::optional<step_status> parse_step_status(std::string_view text) noexcept {
  for (const auto each : {step_status::in_progress, step_status::completed, step_status::discontinued})
    if (text == to_string(each)) return each;
  return std::nullopt;
}
CODICOM_FUNCTION std::optional<step_status> step_status_of(const data_set& step) {
  return parse_step_status(step.text(tag::PerformedProcedureStepStatus));
}

CODICOM_FUNCTION n_result check_new_step(const data_set& attributes) {
  std::vector<element_tag> absent, empty;
  detail::find_missing(attributes, detail::step_attributes, absent, empty);
  if (!absent.empty())
    return detail::refuse_step(status::missing_attribute, std::move(absent), "attributes are missing");
  if (!empty.empty())
    return detail::refuse_step(status::missing_attribute_value, std::move(empty), "values are missing");
  if (step_status_of(attributes) != step_status::in_progress)
    return detail::refuse_step(status::invalid_attribute_value, {tag::PerformedProcedureStepStatus},
                               "a step begins IN PROGRESS");
  return status::success;
}

CODICOM_FUNCTION n_result check_step_change(const data_set& step, const data_set& modifications) {
  if (step_status_of(step) != step_status::in_progress) {
    n_result refusal{status::processing_failure, {}, "Performed Procedure Step Object may no longer be updated"};
    refusal.response.error_id = std::uint16_t{0xA710};
    return refusal;
  }
  std::vector<element_tag> missing;
  if (modifications.contains(tag::PerformedProcedureStepStatus)) {
    const auto next = step_status_of(modifications);
    if (!next)
      return detail::refuse_step(status::invalid_attribute_value, {tag::PerformedProcedureStepStatus},
                                 "neither IN PROGRESS, COMPLETED nor DISCONTINUED");
    if (*next != step_status::in_progress)
      for (const element_tag each : {static_cast<element_tag>(tag::PerformedProcedureStepEndDate),
                                     static_cast<element_tag>(tag::PerformedProcedureStepEndTime),
                                     static_cast<element_tag>(tag::PerformedSeriesSequence)}) {
        const auto* value = detail::changed_or_own(step, modifications, each);
        if (value == nullptr || value->empty()) missing.push_back(each);
      }
  }
  detail::find_missing(modifications, {}, missing, missing);
  if (!missing.empty())
    return detail::refuse_step(status::missing_attribute_value, std::move(missing), "values are missing");
  std::vector<element_tag> fixed;
  for (const auto& each : modifications)
    if (detail::is_fixed(each.tag())) fixed.push_back(each.tag());
  if (!fixed.empty())
    return detail::refuse_step(status::attribute_list_error, std::move(fixed), "not to be changed by N-SET");
  return status::success;
}

CODICOM_FUNCTION void change_step(data_set& step, const data_set& modifications) {
  // Both character sets at once: that of an N-SET does not replace the other (PS3.4 §F.7.2.2.3).
  auto changes = modifications;
  if (step.specific_character_set() != changes.specific_character_set()) {
    step.convert_to_utf8();
    changes.convert_to_utf8();
  }
  for (const auto& each : changes)
    if (each.tag() != tag::SpecificCharacterSet && !detail::is_fixed(each.tag())) step.set(each);
}

CODICOM_FUNCTION n_result read_step_attributes(const data_set& step, const std::vector<element_tag>& wanted) {
  if (wanted.empty()) return {status::success, step};
  n_result result{status::success};
  std::vector<element_tag> unsupported;
  if (const auto* character_set = step.find(tag::SpecificCharacterSet)) result.attributes.set(*character_set);
  for (const auto& each : wanted) {
    if (const auto* found = step.find(each)) result.attributes.set(*found);
    else if (each == tag::PerformedProcedureStepDiscontinuationReasonCodeSequence) result.attributes.set(each);  // type 2
    else if (each != tag::SpecificCharacterSet) unsupported.push_back(each);  // that one is of type 1C
  }
  if (!unsupported.empty()) {
    result.response.status = dimse_status{0x0001};
    result.response.attribute_identifiers = std::move(unsupported);
  }
  return result;
}

CODICOM_FUNCTION data_set new_step_of(const worklist_item& item) {
  const auto& from = item.attributes;
  const data_set none;
  const auto& planned = item.step() != nullptr ? *item.step() : none;
  data_set result, scheduled;
  if (const auto* character_set = from.find(tag::SpecificCharacterSet)) {
    result.set(*character_set);
    scheduled.set(*character_set);
  }
  for (const auto& each : detail::scheduled_step_attributes) {
    const auto* found = from.find(each.tag);
    if (found == nullptr) found = planned.find(each.tag);
    if (found != nullptr) scheduled.set(*found);
    else if (each.type == 1) scheduled.set(each.tag);
  }
  scheduled.erase(tag::SpecificCharacterSet);
  for (const auto& each : detail::step_attributes)
    if (const auto* found = from.find(each.tag); found != nullptr && each.tag != tag::ScheduledStepAttributesSequence)
      result.set(*found);
  result.add_item(tag::ScheduledStepAttributesSequence, scheduled);
  result.set_text(tag::PerformedProcedureStepStatus, to_string(step_status::in_progress));
  const auto copy = [&](element_tag to, element_tag what) {
    if (const auto* found = planned.find(what); found != nullptr && !found->empty())
      result.set_text(to, planned.text(what));
  };
  copy(tag::Modality, tag::Modality);
  copy(tag::PerformedStationAETitle, tag::ScheduledStationAETitle);
  copy(tag::PerformedStationName, tag::ScheduledStationName);
  copy(tag::PerformedProcedureStepDescription, tag::ScheduledProcedureStepDescription);
  if (const auto* codes = from.find(tag::RequestedProcedureCodeSequence)) {
    result.set(tag::ProcedureCodeSequence);
    for (const auto& code : codes->items()) result.add_item(tag::ProcedureCodeSequence, code);
  }
  if (const auto* codes = planned.find(tag::ScheduledProtocolCodeSequence)) {
    result.set(tag::PerformedProtocolCodeSequence);
    for (const auto& code : codes->items()) result.add_item(tag::PerformedProtocolCodeSequence, code);
  }
  detail::add_unknown(result, detail::step_attributes);
  return result;
}

CODICOM_FUNCTION task<n_result> procedure_step::begin(association& over, data_set attributes) {
  if (status()) throw std::system_error{make_error_code(errc::wrong_state), "the procedure step has begun already"};
  attributes.set_text(tag::PerformedProcedureStepStatus, to_string(step_status::in_progress));
  detail::add_unknown(attributes, detail::step_attributes);
  // What an N-SET is to fill has to be created first (Table F.7.2-1, note 5).
  if (!attributes.contains(tag::PerformedProcedureStepDiscontinuationReasonCodeSequence))
    attributes.set(tag::PerformedProcedureStepDiscontinuationReasonCodeSequence);
  if (const auto problem = check_new_step(attributes); !problem.status().is_success())
    detail::throw_not_allowed(problem);
  auto result = co_await over.n_create(modality_performed_procedure_step, instance_, attributes);
  if (!result.status().is_failure()) attributes_ = std::move(attributes);
  co_return result;
}

CODICOM_FUNCTION task<n_result> procedure_step::change(association& over, data_set modifications) {
  if (status() != step_status::in_progress)
    throw std::system_error{make_error_code(errc::wrong_state),
                            status() ? "the procedure step has ended" : "the procedure step has not begun"};
  detail::add_unknown(modifications, {});
  if (const auto problem = check_step_change(attributes_, modifications); !problem.status().is_success())
    detail::throw_not_allowed(problem);
  std::vector<element_tag> unknown;
  for (const auto& each : modifications)
    if (each.tag() != tag::SpecificCharacterSet && !attributes_.contains(each.tag())) unknown.push_back(each.tag());
  if (!unknown.empty())
    detail::throw_not_allowed(detail::refuse_step(status::attribute_list_error, std::move(unknown),
                                                  "an N-SET sets what the N-CREATE has created (PS3.4 F.7.2.2.2)"));
  auto result = co_await over.n_set(modality_performed_procedure_step, instance_, modifications);
  if (!result.status().is_failure()) change_step(attributes_, modifications);
  co_return result;
}

CODICOM_FUNCTION task<n_result> procedure_step::update(association& over, data_set modifications) {
  if (const auto next = step_status_of(modifications); next && *next != step_status::in_progress)
    throw std::system_error{make_error_code(errc::invalid_argument), "use complete or discontinue to end a step"};
  return change(over, std::move(modifications));
}
CODICOM_FUNCTION task<n_result> procedure_step::complete(association& over, data_set modifications) {
  modifications.set_text(tag::PerformedProcedureStepStatus, to_string(step_status::completed));
  return change(over, std::move(modifications));
}
CODICOM_FUNCTION task<n_result> procedure_step::discontinue(association& over, data_set modifications) {
  modifications.set_text(tag::PerformedProcedureStepStatus, to_string(step_status::discontinued));
  return change(over, std::move(modifications));
}

CODICOM_FUNCTION task<n_result> read_step(association& over, unique_id instance, std::vector<element_tag> wanted) {
  if (wanted.empty()) {
    for (const auto& each : detail::step_attributes) wanted.push_back(each.tag);
    wanted.push_back(tag::CommentsOnThePerformedProcedureStep);
    wanted.push_back(tag::PerformedProcedureStepDiscontinuationReasonCodeSequence);
  }
  detail::note_once(wanted, tag::SpecificCharacterSet);  // without it the others cannot be read (§F.8.2.1.2)
  return over.n_get(modality_performed_procedure_step_retrieve, instance, std::move(wanted));
}

}  // namespace codicom::service
