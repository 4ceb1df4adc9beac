#include "net/support.hpp"

#include <codicom/coro/run.hpp>
#include <codicom/service.hpp>

#include <doctest/doctest.h>

using namespace codicom_test;
using service::procedure_step;
using service::step_status;

namespace {

// PS3.4 Table F.7.2-1: everything of type 1 and 2.
data_set complete_step() {
  data_set step, scheduled;
  scheduled.set(tag::StudyInstanceUID, "1.2.3");
  for (const element_tag each :
       std::initializer_list<element_tag>{tag::ReferencedStudySequence, tag::AccessionNumber, tag::RequestedProcedureID,
                                          tag::RequestedProcedureDescription, tag::ScheduledProcedureStepID,
                                          tag::ScheduledProcedureStepDescription, tag::ScheduledProtocolCodeSequence})
    scheduled.set(each);
  step.add_item(tag::ScheduledStepAttributesSequence, scheduled);
  step.set(tag::PatientName, "DOE^JANE").set(tag::PatientID, "4711").set(tag::PatientBirthDate).set(tag::PatientSex);
  step.set(tag::ReferencedPatientSequence).set(tag::PerformedProcedureStepID, "PPS1");
  step.set(tag::PerformedStationAETitle, "CT99").set(tag::PerformedStationName).set(tag::PerformedLocation);
  step.set_text(tag::PerformedProcedureStepStartDate, "20260101").set_text(tag::PerformedProcedureStepStartTime, "1200");
  step.set(tag::PerformedProcedureStepStatus, "IN PROGRESS").set(tag::PerformedProcedureStepDescription);
  step.set(tag::PerformedProcedureTypeDescription).set(tag::ProcedureCodeSequence);
  step.set(tag::PerformedProcedureStepEndDate).set(tag::PerformedProcedureStepEndTime);
  step.set(tag::Modality, "CT").set(tag::StudyID).set(tag::PerformedProtocolCodeSequence);
  step.set(tag::PerformedSeriesSequence);
  return step;
}

data_set results() {
  data_set end, series;
  end.set_text(tag::PerformedProcedureStepEndDate, "20260101").set_text(tag::PerformedProcedureStepEndTime, "1230");
  series.set(tag::SeriesInstanceUID, "1.2.3.1").set(tag::ProtocolName, "Thorax").set(tag::SeriesDescription);
  series.set(tag::PerformingPhysicianName).set(tag::OperatorsName).set(tag::RetrieveAETitle);
  series.set(tag::ReferencedImageSequence).set(tag::ReferencedNonImageCompositeSOPInstanceSequence);
  end.add_item(tag::PerformedSeriesSequence, series);
  return end;
}

association_options asks() {
  association_options options{"CT99", "RIS"};
  options.propose(service::modality_performed_procedure_step);
  return options;
}
acceptor_options accepts() {
  acceptor_options options;
  options.policy.accept(service::modality_performed_procedure_step);
  return options;
}

void with_store(service::procedure_step_store& steps, user does) {
  handlers with;
  with.on_n_create([&](incoming_request<n_create_request> r) { return service::answer_new_step(steps, std::move(r)); });
  with.on_n_set([&](incoming_request<n_set_request> r) { return service::answer_step_change(steps, std::move(r)); });
  meet_server(std::move(does), with, accepts(), asks());
}

}  // namespace

TEST_CASE("a procedure step goes from IN PROGRESS to COMPLETED, and no further") {
  service::volatile_procedure_steps steps;
  with_store(steps, [&](association& a) -> task<> {
    procedure_step step;
    const auto early = co_await error_of([&] { return step.complete(a, results()); });
    CHECK(early == errc::wrong_state);
    const auto begun = co_await step.begin(a, complete_step());
    CHECK(begun.status() == status::success);
    CHECK(begun.response.affected_sop_instance_uid == step.instance());
    CHECK(step.status() == step_status::in_progress);
    const auto twice = co_await error_of([&] { return step.begin(a, complete_step()); });
    CHECK(twice == errc::wrong_state);

    data_set more;
    more.set(tag::PerformedProcedureStepDescription, "Thorax, two phases");
    const auto updated = co_await step.update(a, more);
    CHECK(updated.status() == status::success);
    const auto unfinished = co_await error_of([&] { return step.complete(a, data_set{}); });
    CHECK(unfinished == errc::invalid_argument);
    data_set renamed;
    renamed.set(tag::PatientName, "ROE^JANE");
    const auto fixed = co_await error_of([&] { return step.update(a, renamed); });
    CHECK(fixed == errc::invalid_argument);

    const auto ended = co_await step.complete(a, results());
    CHECK(ended.status() == status::success);
    CHECK(step.status() == step_status::completed);
    const auto after = co_await error_of([&] { return step.discontinue(a, results()); });
    CHECK(after == errc::wrong_state);
    const auto* kept = steps.find(step.instance());
    REQUIRE(kept != nullptr);
    CHECK(*kept == step.attributes());
    CHECK(kept->text(tag::PerformedProcedureStepStatus) == "COMPLETED");
    CHECK(kept->text(tag::PerformedProcedureStepDescription) == "Thorax, two phases");
    CHECK(kept->text("PerformedSeriesSequence[0].SeriesInstanceUID") == "1.2.3.1");
  });
}

TEST_CASE("MPPS: the provider checks what it is sent, PS3.4 §F.7.2") {
  service::volatile_procedure_steps steps;
  with_store(steps, [&](association& a) -> task<> {
    const auto& mpps = service::modality_performed_procedure_step;
    auto missing = complete_step();
    missing.erase(tag::Modality);
    missing.items(tag::ScheduledStepAttributesSequence)[0].erase(tag::AccessionNumber);
    const auto absent = co_await a.n_create(mpps, "1.1", missing);
    CHECK(absent.status() == status::missing_attribute);
    CHECK(absent.response.attribute_identifiers == std::vector<element_tag>{tag::Modality, tag::AccessionNumber});
    auto empty = complete_step();
    empty.set(tag::PerformedProcedureStepID);
    const auto without_value = co_await a.n_create(mpps, "1.1", empty);
    CHECK(without_value.status() == status::missing_attribute_value);
    auto ended = complete_step();
    ended.set(tag::PerformedProcedureStepStatus, "COMPLETED");
    const auto not_begun = co_await a.n_create(mpps, "1.1", ended);
    CHECK(not_begun.status() == status::invalid_attribute_value);
    CHECK(not_begun.response.attribute_identifiers == std::vector<element_tag>{tag::PerformedProcedureStepStatus});

    const auto created = co_await a.n_create(mpps, "1.1", complete_step());
    CHECK(created.status() == status::success);
    const auto twice = co_await a.n_create(mpps, "1.1", complete_step());
    CHECK(twice.status() == status::duplicate_sop_instance);
    const auto unnamed = co_await a.n_create(mpps, {}, complete_step());
    CHECK(unnamed.status() == status::success);
    CHECK(steps.find(unnamed.response.affected_sop_instance_uid) != nullptr);

    const auto stranger = co_await a.n_set(mpps, "1.2", results());
    CHECK(stranger.status() == status::no_such_sop_instance);
    data_set change;
    change.set(tag::PerformedProcedureStepStatus, "DONE");
    const auto no_status = co_await a.n_set(mpps, "1.1", change);
    CHECK(no_status.status() == status::invalid_attribute_value);
    change.set(tag::PerformedProcedureStepStatus, "DISCONTINUED");
    const auto bare_end = co_await a.n_set(mpps, "1.1", change);
    CHECK(bare_end.status() == status::missing_attribute_value);
    CHECK(bare_end.response.attribute_identifiers ==
          std::vector<element_tag>{tag::PerformedProcedureStepEndDate, tag::PerformedProcedureStepEndTime,
                                   tag::PerformedSeriesSequence});
    auto named = results();
    named.set(tag::PatientName, "ROE").set(tag::PerformedProcedureStepDescription, "taken");
    const auto partly = co_await a.n_set(mpps, "1.1", named);
    CHECK(partly.status() == status::attribute_list_error);
    CHECK(partly.status().is_warning());
    CHECK(partly.response.attribute_identifiers == std::vector<element_tag>{tag::PatientName});
    CHECK(steps.find("1.1")->text(tag::PatientName) == "DOE^JANE");
    CHECK(steps.find("1.1")->text(tag::PerformedProcedureStepDescription) == "taken");
    const auto over = co_await a.n_set(mpps, "1.1", change);  // its end is known by now
    CHECK(over.status() == status::success);
    const auto too_late = co_await a.n_set(mpps, "1.1", results());
    CHECK(too_late.status() == status::processing_failure);
    CHECK(too_late.response.error_id == 0xA710);
    CHECK(too_late.response.error_comment == "Performed Procedure Step Object may no longer be updated");
    auto no_protocol = results();
    no_protocol.items(tag::PerformedSeriesSequence)[0].erase(tag::ProtocolName);
    no_protocol.set(tag::PerformedProcedureStepStatus, "COMPLETED");
    const auto series = co_await a.n_set(mpps, unnamed.response.affected_sop_instance_uid, no_protocol);
    CHECK(series.status() == status::missing_attribute_value);
    CHECK(series.response.attribute_identifiers == std::vector<element_tag>{tag::ProtocolName});
  });
}

TEST_CASE("Table F.7.2-1: an N-SET changes no attribute of the patient, the admission or the order, required or not") {
  auto step = complete_step();
  data_set change;
  change.set(tag::IssuerOfPatientID, "B").set(tag::AdmissionID, "A2").set(tag::ServiceEpisodeID, "E2");
  change.set(tag::ServiceEpisodeDescription, "other").set(tag::OtherPatientIDsSequence);
  change.set(tag::IssuerOfPatientIDQualifiersSequence).set(tag::IssuerOfAdmissionIDSequence);
  change.set(tag::IssuerOfServiceEpisodeIDSequence);
  const auto fixed = service::check_step_change(step, change);
  CHECK(fixed.status() == status::attribute_list_error);
  CHECK(fixed.response.attribute_identifiers.size() == 8);
  change.set(tag::CommentsOnThePerformedProcedureStep, "calm");
  service::change_step(step, change);
  CHECK_FALSE(step.contains(tag::AdmissionID));
  CHECK(step.text(tag::CommentsOnThePerformedProcedureStep) == "calm");
}

TEST_CASE("Table F.7.2-1: what the items of sequences need is asked of N-CREATE and N-SET alike") {
  const auto lacks = [](element_tag in, element_tag which) {
    data_set item;
    if (in == tag::PerformedSeriesSequence) item = results().items(in)[0];
    else if (in == tag::ReferencedPatientSequence)
      item.set(tag::ReferencedSOPClassUID, "1.2").set(tag::ReferencedSOPInstanceUID, "1.3");
    else item.set(tag::CodeValue, "110513").set(tag::CodingSchemeDesignator, "DCM").set(tag::CodeMeaning, "Unknown");
    item.erase(which);
    data_set only;
    only.add_item(in, item);
    auto whole = complete_step();
    for (const auto& each : only) whole.set(each);
    const auto begun = service::check_new_step(whole);
    CHECK(begun.status() == status::missing_attribute);
    CHECK(begun.response.attribute_identifiers == std::vector{which});
    const auto changed = service::check_step_change(complete_step(), only);
    CHECK(changed.status() == status::missing_attribute_value);
    CHECK(changed.response.attribute_identifiers == std::vector{which});
  };
  for (const element_tag each : std::initializer_list<element_tag>{
           tag::PerformingPhysicianName, tag::ProtocolName, tag::OperatorsName, tag::SeriesInstanceUID,
           tag::SeriesDescription, tag::RetrieveAETitle, tag::ReferencedImageSequence,
           tag::ReferencedNonImageCompositeSOPInstanceSequence}) {
    CAPTURE(codicom::to_string(each));
    lacks(tag::PerformedSeriesSequence, each);
  }
  lacks(tag::ReferencedPatientSequence, tag::ReferencedSOPClassUID);
  lacks(tag::ReferencedPatientSequence, tag::ReferencedSOPInstanceUID);
  lacks(tag::PerformedProcedureStepDiscontinuationReasonCodeSequence, tag::CodeMeaning);
  auto image = results();
  image.items(tag::PerformedSeriesSequence)[0].add_item(tag::ReferencedImageSequence).set(tag::ReferencedSOPClassUID, "1.2");
  CHECK(service::check_step_change(complete_step(), image).response.attribute_identifiers ==
        std::vector<element_tag>{tag::ReferencedSOPInstanceUID});
}

TEST_CASE("the user sends what is unknown without a value, and sets only what it has created") {
  service::volatile_procedure_steps steps;
  with_store(steps, [&](association& a) -> task<> {
    data_set little;
    little.add_item(tag::ScheduledStepAttributesSequence).set(tag::StudyInstanceUID, "1.2.3");
    little.set(tag::PerformedProcedureStepID, "PPS1").set(tag::PerformedStationAETitle, "CT99").set(tag::Modality, "CT");
    little.set_text(tag::PerformedProcedureStepStartDate, "20260101");
    procedure_step step;
    const auto no_time = co_await error_of([&] { return step.begin(a, little); });
    CHECK(no_time == errc::invalid_argument);
    little.set_text(tag::PerformedProcedureStepStartTime, "1200");
    const auto begun = co_await step.begin(a, little);
    CHECK(begun.status() == status::success);
    data_set comment;
    comment.set(tag::CommentsOnThePerformedProcedureStep, "calm");
    const auto not_created = co_await error_of([&] { return step.update(a, comment); });
    CHECK(not_created == errc::invalid_argument);
    data_set end;
    end.set_text(tag::PerformedProcedureStepEndDate, "20260101").set_text(tag::PerformedProcedureStepEndTime, "1230");
    end.add_item(tag::PerformedSeriesSequence).set(tag::SeriesInstanceUID, "1.2.3.1").set(tag::ProtocolName, "Thorax");
    end.add_item(tag::PerformedProcedureStepDiscontinuationReasonCodeSequence)
        .set(tag::CodeValue, "110513")
        .set(tag::CodingSchemeDesignator, "DCM")
        .set(tag::CodeMeaning, "Discontinued for unspecified reason");
    const auto ended = co_await step.discontinue(a, end);
    CHECK(ended.status() == status::success);
    const auto* kept = steps.find(step.instance());
    REQUIRE(kept != nullptr);
    CHECK(kept->contains(tag::PatientName));
    CHECK(kept->items(tag::PerformedSeriesSequence)[0].contains(tag::OperatorsName));
    CHECK(kept->text("PerformedProcedureStepDiscontinuationReasonCodeSequence[0].CodeValue") == "110513");
  });
}

TEST_CASE("the character set of a change does not replace that of the step") {
  auto step = complete_step();
  step.set(tag::SpecificCharacterSet, "ISO_IR 100");
  step.set(tag::PatientName, "MÜLLER^EVA");
  data_set change;
  change.set(tag::SpecificCharacterSet, "ISO_IR 192");
  change.set(tag::PerformedProcedureStepDescription, "胸部");
  service::change_step(step, change);
  CHECK(step.text(tag::PatientName) == "MÜLLER^EVA");
  CHECK(step.text(tag::PerformedProcedureStepDescription) == "胸部");
}

TEST_CASE("a worklist item becomes a step that may begin") {
  data_set item, planned;
  item.set(tag::SpecificCharacterSet, "ISO_IR 100");
  item.set(tag::PatientName, "MÜLLER^EVA").set(tag::PatientID, "7").set(tag::StudyInstanceUID, "1.2.3");
  item.set(tag::AccessionNumber, "A7").set(tag::RequestedProcedureID, "R1").set(tag::AdmissionID, "V1");
  item.set(tag::PlacerOrderNumberImagingServiceRequest, "P1");
  planned.set(tag::Modality, "CT").set(tag::ScheduledStationAETitle, "CT99").set(tag::ScheduledProcedureStepID, "S1");
  planned.set(tag::ScheduledProcedureStepDescription, "Thorax");
  item.add_item(tag::ScheduledProcedureStepSequence, planned);
  auto step = service::new_step_of(service::worklist_item{item});
  CHECK(step.text(tag::PatientName) == "MÜLLER^EVA");
  CHECK(step.text("ScheduledStepAttributesSequence[0].ScheduledProcedureStepID") == "S1");
  CHECK(step.text("ScheduledStepAttributesSequence[0].AccessionNumber") == "A7");
  CHECK(step.text("ScheduledStepAttributesSequence[0].PlacerOrderNumberImagingServiceRequest") == "P1");
  CHECK(step.text(tag::AdmissionID) == "V1");
  CHECK(step.text(tag::Modality) == "CT");
  CHECK(service::check_new_step(step).status() == status::missing_attribute);
  step.set(tag::PerformedProcedureStepID, "PPS1");
  step.set_text(tag::PerformedProcedureStepStartDate, "20260101").set_text(tag::PerformedProcedureStepStartTime, "1200");
  const auto ready = service::check_new_step(step);
  CHECK_MESSAGE(ready.status() == status::success, ready.response.error_comment);
}
