#pragma once
#include <codicom/dictionary/sop_classes.hpp>

/// The SOP classes of PS3.4 that people propose by name. They are aliases of `sop_class` values: any other SOP class
/// can be used in their place.
namespace codicom::service {

// PS3.4 Annex A
inline constexpr const unique_id& verification = sop_class::Verification;

// PS3.4 §C.6.1
inline constexpr const unique_id& patient_root_find = sop_class::PatientRootQueryRetrieveInformationModelFind;
inline constexpr const unique_id& patient_root_move = sop_class::PatientRootQueryRetrieveInformationModelMove;
inline constexpr const unique_id& patient_root_get = sop_class::PatientRootQueryRetrieveInformationModelGet;

// PS3.4 §C.6.2
inline constexpr const unique_id& study_root_find = sop_class::StudyRootQueryRetrieveInformationModelFind;
inline constexpr const unique_id& study_root_move = sop_class::StudyRootQueryRetrieveInformationModelMove;
inline constexpr const unique_id& study_root_get = sop_class::StudyRootQueryRetrieveInformationModelGet;

// PS3.4 §C.6.3; retired
inline constexpr const unique_id& patient_study_only_find =
    sop_class::PatientStudyOnlyQueryRetrieveInformationModelFind;
inline constexpr const unique_id& patient_study_only_move =
    sop_class::PatientStudyOnlyQueryRetrieveInformationModelMove;
inline constexpr const unique_id& patient_study_only_get = sop_class::PatientStudyOnlyQueryRetrieveInformationModelGet;

// PS3.4 §F.7 and F.8
inline constexpr const unique_id& modality_performed_procedure_step = sop_class::ModalityPerformedProcedureStep;
inline constexpr const unique_id& modality_performed_procedure_step_retrieve =
    sop_class::ModalityPerformedProcedureStepRetrieve;

// PS3.4 Annex J
inline constexpr const unique_id& storage_commitment = sop_class::StorageCommitmentPushModel;
inline constexpr unique_id storage_commitment_instance{"1.2.840.10008.1.20.1.1"};  // §J.3.5: the one there is

// PS3.4 Annex K
inline constexpr const unique_id& modality_worklist = sop_class::ModalityWorklistInformationModelFind;

}  // namespace codicom::service
