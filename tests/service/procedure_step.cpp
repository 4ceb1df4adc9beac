#include "net/support.hpp"
#include "support/hex.hpp"

#include <codicom/coro/run.hpp>
#include <codicom/service.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <vector>

using namespace codicom_test;
using service::procedure_step;
using service::step_status;
using test_support::dump;
using test_support::hex;

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
  options.propose(service::modality_performed_procedure_step, service::modality_performed_procedure_step_retrieve);
  return options;
}
acceptor_options accepts() {
  acceptor_options options;
  options.policy.accept(service::modality_performed_procedure_step);
  options.policy.accept(service::modality_performed_procedure_step_retrieve);
  return options;
}

handlers provider_of(service::procedure_step_store& steps) {
  handlers with;
  with.on_n_create([&](incoming_request<n_create_request> r) { return service::answer_new_step(steps, std::move(r)); });
  with.on_n_set([&](incoming_request<n_set_request> r) { return service::answer_step_change(steps, std::move(r)); });
  with.on_n_get([&](incoming_request<n_get_request> r) { return service::answer_step_reading(steps, std::move(r)); });
  return with;
}
void with_store(service::procedure_step_store& steps, user does) {
  meet_server(std::move(does), provider_of(steps), accepts(), asks());
}

// The next message as it came: its command set and its data set.
task<std::pair<std::vector<std::byte>, std::vector<std::byte>>> wire_message(scripted_peer& from) {
  std::pair<std::vector<std::byte>, std::vector<std::byte>> message;
  bool ended = false;
  while (!ended) {
    const auto data = co_await from.expect<dul::p_data_tf>();
    for (const auto& pdv : data.pdvs) {
      auto& into = pdv.header.is_command ? message.first : message.second;
      into.insert(into.end(), pdv.fragment.begin(), pdv.fragment.end());
      if (pdv.header.is_last) ended = !pdv.header.is_command || !has_data_set(decode_command(message.first));
    }
  }
  co_return message;
}

// Our provider of the steps answers what a script sends.
void ask_provider(service::procedure_step_store& steps, script asks_for) {
  const auto client = [](std::unique_ptr<transport> over, script then) -> task<> {
    scripted_peer peer{std::move(over)};
    const dul::requestor_options titles{"CT99", "RIS"};
    co_await peer.request(titles, asks().contexts);
    co_await then(peer);
    co_await peer.send(dul::a_release_rq{});
    co_await peer.expect<dul::a_release_rp>();
    peer.close();
  };
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    const auto with = provider_of(steps);
    const auto how = accepts();
    co_await together(client(std::move(pair.first), asks_for), serve_one(std::move(pair.second), how, with));
  };
  testing::simulate(whole());
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

TEST_CASE("N-CREATE and N-SET of a step as our user writes them, byte for byte") {  // PS3.7 Tables 10.3-9 and 10.3-5
  const auto answers = [](scripted_peer& peer) -> task<> {
    const auto create = co_await wire_message(peer);
    CHECK(dump(create.first) == dump(hex({"0000 0000 04000000 50000000",                      // group length 80
                                          "0000 0200 18000000 '1.2.840.10008.3.1.2.3.3' 00",  // Affected SOP Class UID
                                          "0000 0001 02000000 4001",                          // Command Field 0140
                                          "0000 1001 02000000 0100",                          // Message ID 1
                                          "0000 0008 02000000 0100",          // the attribute list follows
                                          "0000 0010 0A000000 '1.2.3.4.5' 00"})));  // Affected SOP Instance UID
    CHECK(dump(create.second) == dump(hex({
        "0800 6000 'CS' 0200 'CT'",                     // Modality
        "0800 3210 'SQ' 0000 00000000",                 // Procedure Code Sequence
        "0800 2011 'SQ' 0000 00000000",                 // Referenced Patient Sequence
        "1000 1000 'PN' 0800 'DOE^JANE'",               // Patient's Name
        "1000 2000 'LO' 0400 '4711'",                   // Patient ID
        "1000 3000 'DA' 0000",                          // Patient's Birth Date
        "1000 4000 'CS' 0000",                          // Patient's Sex
        "2000 1000 'SH' 0000",                          // Study ID
        "4000 4102 'AE' 0400 'CT99'",                   // Performed Station AE Title
        "4000 4202 'SH' 0000",                          // Performed Station Name
        "4000 4302 'SH' 0000",                          // Performed Location
        "4000 4402 'DA' 0800 '20260101'",               // Performed Procedure Step Start Date
        "4000 4502 'TM' 0400 '1200'",                   // ... Start Time
        "4000 5002 'DA' 0000",                          // ... End Date
        "4000 5102 'TM' 0000",                          // ... End Time
        "4000 5202 'CS' 0C00 'IN PROGRESS '",           // ... Status
        "4000 5302 'SH' 0400 'PPS1'",                   // ... ID
        "4000 5402 'LO' 0000",                          // ... Description
        "4000 5502 'LO' 0000",                          // Performed Procedure Type Description
        "4000 6002 'SQ' 0000 00000000",                 // Performed Protocol Code Sequence
        "4000 7002 'SQ' 0000 56000000",                 // Scheduled Step Attributes Sequence, 86 bytes
        "FEFF 00E0 4E000000",                           // its item, 78 bytes
        "0800 5000 'SH' 0000",                          // Accession Number
        "0800 1011 'SQ' 0000 00000000",                 // Referenced Study Sequence
        "2000 0D00 'UI' 0600 '1.2.3' 00",               // Study Instance UID
        "3200 6010 'LO' 0000",                          // Requested Procedure Description
        "4000 0700 'LO' 0000",                          // Scheduled Procedure Step Description
        "4000 0800 'SQ' 0000 00000000",                 // Scheduled Protocol Code Sequence
        "4000 0900 'SH' 0000",                          // Scheduled Procedure Step ID
        "4000 0110 'SH' 0000",                          // Requested Procedure ID
        "4000 8102 'SQ' 0000 00000000",                 // ... Discontinuation Reason Code Sequence
        "4000 4003 'SQ' 0000 00000000"})));             // Performed Series Sequence
    const n_create_request created{message_id{1}, service::modality_performed_procedure_step, "1.2.3.4.5"};
    co_await peer.send_message(context_id{1}, n_create_response{created});

    const auto set = co_await wire_message(peer);
    CHECK(dump(set.first) == dump(hex({"0000 0000 04000000 50000000",                      // group length 80
                                       "0000 0300 18000000 '1.2.840.10008.3.1.2.3.3' 00",  // Requested SOP Class UID
                                       "0000 0001 02000000 2001",                          // Command Field 0120
                                       "0000 1001 02000000 0200",                          // Message ID 2
                                       "0000 0008 02000000 0100",                          // the modification list follows
                                       "0000 0110 0A000000 '1.2.3.4.5' 00"})));            // Requested SOP Instance UID
    CHECK(dump(set.second) == dump(hex({
        "4000 5002 'DA' 0800 '20260101'",                                // Performed Procedure Step End Date
        "4000 5102 'TM' 0400 '1230'",                                    // ... End Time
        "4000 5202 'CS' 0A00 'COMPLETED '",                              // ... Status
        "4000 4003 'SQ' 0000 98000000",                                  // Performed Series Sequence, 152 bytes
        "FEFF 00E0 90000000",                                            // its item, 144 bytes
        "0800 5400 'AE' 0000",                                           // Retrieve AE Title
        "0800 3E10 'LO' 0000",                                           // Series Description
        "0800 5010 'PN' 0000",                                           // Performing Physician's Name
        "0800 7010 'PN' 0000",                                           // Operators' Name
        "0800 4011 'SQ' 0000 3A000000 FEFF 00E0 32000000",               // Referenced Image Sequence, its item
        "0800 5011 'UI' 1A00 '1.2.840.10008.5.1.4.1.1.2' 00",            // Referenced SOP Class UID
        "0800 5511 'UI' 0800 '1.2.3.7' 00",                              // Referenced SOP Instance UID
        "1800 3010 'LO' 0600 'Thorax'",                                  // Protocol Name
        "2000 0E00 'UI' 0800 '1.2.3.1' 00",                              // Series Instance UID
        "4000 2002 'SQ' 0000 00000000"})));                              // Referenced Non-Image Composite SOP ...
    const n_set_request changed{message_id{2}, service::modality_performed_procedure_step, "1.2.3.4.5"};
    co_await peer.send_message(context_id{1}, n_set_response{changed});
    co_await peer.expect_release();
  };
  const auto asks_for = [](association& a) -> task<> {
    data_set attributes;
    attributes.add_item(tag::ScheduledStepAttributesSequence).set(tag::StudyInstanceUID, "1.2.3");
    attributes.set(tag::PatientName, "DOE^JANE").set(tag::PatientID, "4711").set(tag::Modality, "CT");
    attributes.set(tag::PerformedProcedureStepID, "PPS1").set(tag::PerformedStationAETitle, "CT99");
    attributes.set_text(tag::PerformedProcedureStepStartDate, "20260101");
    attributes.set_text(tag::PerformedProcedureStepStartTime, "1200");
    procedure_step step{"1.2.3.4.5"};
    const auto begun = co_await step.begin(a, attributes);
    CHECK(begun.status() == status::success);
    auto end = results();
    end.items(tag::PerformedSeriesSequence)[0]
        .add_item(tag::ReferencedImageSequence)
        .set(tag::ReferencedSOPClassUID, ct)
        .set(tag::ReferencedSOPInstanceUID, "1.2.3.7");
    const auto ended = co_await step.complete(a, end);
    CHECK(ended.status() == status::success);
    co_await a.release();
  };
  meet(asks_for, answers, asks());
}

TEST_CASE("the answers to N-CREATE and N-SET of a step, byte for byte") {  // PS3.7 Tables 10.3-10 and 10.3-6, Annex C
  service::volatile_procedure_steps steps;
  ask_provider(steps, [](scripted_peer& peer) -> task<> {
    const auto& mpps = service::modality_performed_procedure_step;
    co_await peer.send_message(context_id{1}, n_create_request{message_id{7}, mpps, "1.2.3.4.5"}, encoded(complete_step()));
    const auto created = co_await wire_message(peer);
    CHECK(dump(created.first) == dump(hex({"0000 0000 04000000 5A000000",                      // group length 90
                                           "0000 0200 18000000 '1.2.840.10008.3.1.2.3.3' 00",  // Affected SOP Class UID
                                           "0000 0001 02000000 4081",                          // Command Field 8140
                                           "0000 2001 02000000 0700",            // Message ID Being Responded To 7
                                           "0000 0008 02000000 0101",            // no attribute list
                                           "0000 0009 02000000 0000",            // Status 0000
                                           "0000 0010 0A000000 '1.2.3.4.5' 00"})));  // Affected SOP Instance UID

    data_set fixed;
    fixed.set(tag::PatientName, "ROE");
    co_await peer.send_message(context_id{1}, n_set_request{message_id{8}, mpps, "1.2.3.4.5"}, encoded(fixed));
    const auto partly = co_await wire_message(peer);
    CHECK(dump(partly.first) == dump(hex({"0000 0000 04000000 88000000",                      // group length 136
                                          "0000 0200 18000000 '1.2.840.10008.3.1.2.3.3' 00",  // Affected SOP Class UID
                                          "0000 0001 02000000 2081",                          // Command Field 8120
                                          "0000 2001 02000000 0800",                  // Message ID Being Responded To 8
                                          "0000 0008 02000000 0101",                  // no attribute list
                                          "0000 0009 02000000 0701",                  // Status 0107
                                          "0000 0209 1A000000 'not to be changed by N-SET'",
                                          "0000 0010 0A000000 '1.2.3.4.5' 00",        // Affected SOP Instance UID
                                          "0000 0510 04000000 10001000"})));          // Attribute Identifier List

    auto ends = results();
    ends.set(tag::PerformedProcedureStepStatus, "COMPLETED");
    co_await peer.send_message(context_id{1}, n_set_request{message_id{9}, mpps, "1.2.3.4.5"}, encoded(ends));
    const auto ended = co_await wire_message(peer);
    CHECK(dump(ended.first) == dump(hex({"0000 0000 04000000 5A000000",                      // group length 90
                                         "0000 0200 18000000 '1.2.840.10008.3.1.2.3.3' 00",  // Affected SOP Class UID
                                         "0000 0001 02000000 2081",                          // Command Field 8120
                                         "0000 2001 02000000 0900",            // Message ID Being Responded To 9
                                         "0000 0008 02000000 0101",            // no attribute list
                                         "0000 0009 02000000 0000",            // Status 0000
                                         "0000 0010 0A000000 '1.2.3.4.5' 00"})));  // Affected SOP Instance UID

    co_await peer.send_message(context_id{1}, n_set_request{message_id{10}, mpps, "1.2.3.4.5"}, encoded(ends));
    const auto late = co_await wire_message(peer);
    CHECK(dump(late.first) == dump(hex({"0000 0000 04000000 A4000000",                      // group length 164
                                        "0000 0200 18000000 '1.2.840.10008.3.1.2.3.3' 00",  // Affected SOP Class UID
                                        "0000 0001 02000000 2081",                          // Command Field 8120
                                        "0000 2001 02000000 0A00",  // Message ID Being Responded To 10
                                        "0000 0008 02000000 0101",  // no attribute list
                                        "0000 0009 02000000 1001",  // Status 0110; the rest: PS3.4 Table F.7.2-2
                                        "0000 0209 38000000 'Performed Procedure Step Object may no longer be updated'",
                                        "0000 0309 02000000 10A7",                  // Error ID A710
                                        "0000 0010 0A000000 '1.2.3.4.5' 00"})));    // Affected SOP Instance UID
  });
}

TEST_CASE("a step is read by whoever knows its UID, PS3.4 §F.8") {
  service::volatile_procedure_steps steps;
  with_store(steps, [&](association& a) -> task<> {
    auto attributes = complete_step();
    attributes.set(tag::SpecificCharacterSet, "ISO_IR 100").set(tag::PatientName, "MÜLLER^EVA");
    const auto created = co_await a.n_create(service::modality_performed_procedure_step, "1.1", attributes);
    CHECK(created.status() == status::success);

    const std::vector<element_tag> few{tag::PatientName, tag::PerformedProcedureStepStatus,
                                       tag::PerformedProcedureStepDiscontinuationReasonCodeSequence};
    const auto some = co_await service::read_step(a, "1.1", few);
    CHECK(some.status() == status::success);
    CHECK(some.attributes.size() == 4);
    CHECK(some.attributes.text(tag::PatientName) == "MÜLLER^EVA");
    CHECK(some.attributes.text(tag::PerformedProcedureStepStatus) == "IN PROGRESS");
    CHECK(some.attributes.contains(tag::PerformedProcedureStepDiscontinuationReasonCodeSequence));  // type 2 for the SCP
    const auto whole = co_await service::read_step(a, "1.1");
    CHECK(whole.attributes.text("ScheduledStepAttributesSequence[0].StudyInstanceUID") == "1.2.3");
    CHECK(whole.attributes.contains(tag::PerformedSeriesSequence));
    CHECK(whole.status() == dimse_status{0x0001});  // it knows of no admission, for instance
    const auto& lacking = whole.response.attribute_identifiers;
    CHECK(std::find(lacking.begin(), lacking.end(), element_tag{tag::AdmissionID}) != lacking.end());
    const auto unlisted = co_await a.n_get(service::modality_performed_procedure_step_retrieve, "1.1");
    CHECK(unlisted.status() == status::success);
    CHECK(unlisted.attributes == attributes);
    CHECK(*steps.find("1.1") == attributes);

    const auto unknown = co_await service::read_step(a, "1.2");
    CHECK(unknown.status() == status::no_such_sop_instance);
    const auto other_class = co_await a.n_get(service::modality_performed_procedure_step, "1.1", few);
    CHECK(other_class.status() == status::no_such_sop_class);
  });
}

TEST_CASE("N-GET of a step and its answer, byte for byte") {  // PS3.7 Tables 10.3-3 and 10.3-4
  const auto answers = [](scripted_peer& peer) -> task<> {
    const auto get = co_await wire_message(peer);
    CHECK(dump(get.first) == dump(hex({"0000 0000 04000000 60000000",                      // group length 96
                                       "0000 0300 18000000 '1.2.840.10008.3.1.2.3.4' 00",  // Requested SOP Class UID
                                       "0000 0001 02000000 1001",                          // Command Field 0110
                                       "0000 1001 02000000 0100",                          // Message ID 1
                                       "0000 0008 02000000 0101",                          // no data set
                                       "0000 0110 0A000000 '1.2.3.4.5' 00",                // Requested SOP Instance UID
                                       "0000 0510 08000000 10002000 08000500"})));         // Attribute Identifier List
    n_get_response nothing{message_id{1}, status::no_such_sop_instance};
    co_await peer.send_message(context_id{3}, nothing);
    co_await peer.expect_release();
  };
  const auto asks_for = [](association& a) -> task<> {
    const std::vector<element_tag> wanted{tag::PatientID};
    const auto got = co_await service::read_step(a, "1.2.3.4.5", wanted);
    CHECK(got.status() == status::no_such_sop_instance);
    co_await a.release();
  };
  meet(asks_for, answers, asks());

  service::volatile_procedure_steps steps;
  ask_provider(steps, [](scripted_peer& peer) -> task<> {
    const n_create_request create{message_id{1}, service::modality_performed_procedure_step, "1.2.3.4.5"};
    co_await peer.send_message(context_id{1}, create, encoded(complete_step()));
    co_await peer.expect_message();
    const std::vector<element_tag> wanted{tag::PatientID, tag::AdmissionID};
    const n_get_request get{message_id{2}, service::modality_performed_procedure_step_retrieve, "1.2.3.4.5", wanted};
    co_await peer.send_message(context_id{3}, get);
    const auto got = co_await wire_message(peer);
    CHECK(dump(got.first) == dump(hex({"0000 0000 04000000 66000000",                      // group length 102
                                       "0000 0200 18000000 '1.2.840.10008.3.1.2.3.4' 00",  // Affected SOP Class UID
                                       "0000 0001 02000000 1081",                          // Command Field 8110
                                       "0000 2001 02000000 0200",             // Message ID Being Responded To 2
                                       "0000 0008 02000000 0100",             // the attribute list follows
                                       "0000 0009 02000000 0100",             // Status 0001, PS3.4 Table F.8.2-2
                                       "0000 0010 0A000000 '1.2.3.4.5' 00",   // Affected SOP Instance UID
                                       "0000 0510 04000000 38001000"})));     // Attribute Identifier List
    CHECK(dump(got.second) == dump(hex({"1000 2000 'LO' 0400 '4711'"})));
  });
}
