#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/worklist.hpp>

namespace codicom::service {

CODICOM_FUNCTION data_set worklist_query::identifier() const {
  data_set keys;
  keys.set(tag::SpecificCharacterSet, std::string_view{"ISO_IR 192"});
  keys.set_text(tag::PatientName, patient_name).set_text(tag::PatientID, patient_id);
  keys.set_text(tag::AccessionNumber, accession_number).set_text(tag::RequestedProcedureID, requested_procedure_id);
  // PS3.4 Table K.6-1: what every provider returns, of use to images and to a performed procedure step.
  for (const element_tag each :
       std::initializer_list<element_tag>{tag::IssuerOfPatientID, tag::PatientBirthDate, tag::PatientSex,
                                          tag::PatientWeight, tag::MedicalAlerts, tag::Allergies, tag::PregnancyStatus,
                                          tag::ReferringPhysicianName, tag::StudyInstanceUID,
                                          tag::ReferencedStudySequence, tag::ReferencedPatientSequence,
                                          tag::RequestingPhysician, tag::RequestedProcedureDescription,
                                          tag::RequestedProcedureCodeSequence, tag::RequestedProcedurePriority,
                                          tag::AdmissionID, tag::CurrentPatientLocation})
    keys.set(each);
  auto& step = keys.add_item(tag::ScheduledProcedureStepSequence);
  step.set_text(tag::ScheduledStationAETitle, station_ae_title).set_text(tag::Modality, modality);
  step.set_text(tag::ScheduledProcedureStepStartDate, start_date);
  step.set_text(tag::ScheduledProcedureStepStartTime, start_time);
  step.set_text(tag::ScheduledPerformingPhysicianName, performing_physician);
  for (const element_tag each :
       std::initializer_list<element_tag>{tag::ScheduledProcedureStepDescription, tag::ScheduledProtocolCodeSequence,
                                          tag::ScheduledProcedureStepID, tag::ScheduledStationName,
                                          tag::ScheduledProcedureStepLocation, tag::PreMedication,
                                          tag::ScheduledProcedureStepStatus, tag::RequestedContrastAgent})
    step.set(each);
  for (const auto& each : more) keys.set(each);
  return keys;
}

CODICOM_FUNCTION const data_set* worklist_item::step() const noexcept {
  const auto steps = attributes.items(tag::ScheduledProcedureStepSequence);
  return steps.empty() ? nullptr : &steps.front();
}
CODICOM_FUNCTION std::string worklist_item::of_step(element_tag tag) const {
  const auto* own = step();
  return own != nullptr ? own->text(tag) : std::string{};
}
CODICOM_FUNCTION std::string worklist_item::patient_name() const { return attributes.text(tag::PatientName); }
CODICOM_FUNCTION std::string worklist_item::patient_id() const { return attributes.text(tag::PatientID); }
CODICOM_FUNCTION std::string worklist_item::accession_number() const { return attributes.text(tag::AccessionNumber); }
CODICOM_FUNCTION std::string worklist_item::requested_procedure_id() const {
  return attributes.text(tag::RequestedProcedureID);
}
CODICOM_FUNCTION std::optional<unique_id> worklist_item::study_instance_uid() const {
  return attributes.uid(tag::StudyInstanceUID);
}
CODICOM_FUNCTION std::string worklist_item::modality() const { return of_step(tag::Modality); }
CODICOM_FUNCTION std::string worklist_item::station_ae_title() const { return of_step(tag::ScheduledStationAETitle); }
CODICOM_FUNCTION std::string worklist_item::start_date() const { return of_step(tag::ScheduledProcedureStepStartDate); }
CODICOM_FUNCTION std::string worklist_item::start_time() const { return of_step(tag::ScheduledProcedureStepStartTime); }
CODICOM_FUNCTION std::string worklist_item::description() const {
  return of_step(tag::ScheduledProcedureStepDescription);
}
CODICOM_FUNCTION std::string worklist_item::step_id() const { return of_step(tag::ScheduledProcedureStepID); }

CODICOM_FUNCTION task<std::optional<worklist_item>> worklist_responses::next() {
  auto match = co_await responses_.next();
  std::optional<worklist_item> item;
  if (match) item.emplace(std::move(match->identifier));
  co_return item;
}

CODICOM_FUNCTION worklist_responses find_worklist(association& over, const worklist_query& asked,
                                                  query_options options) {
  return worklist_responses{over.find(modality_worklist, asked.identifier(), std::move(options))};
}

}  // namespace codicom::service
