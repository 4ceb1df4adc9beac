#pragma once
#include <codicom/core/tag.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace codicom::detail {

// Types of directory records (PS3.3 §F.5): the keys of each, and the SOP classes that it lists.

enum class key_type : std::uint8_t {
  required,     // 1
  may_be_empty, // 2
  conditional,  // 1C
};

struct record_key {
  element_tag tag;
  key_type type = key_type::required;
};

struct record_type {
  std::string_view name;
  std::span<const record_key> keys;
};

inline constexpr auto may_be_empty = key_type::may_be_empty;
inline constexpr auto conditional = key_type::conditional;

inline constexpr record_key patient_keys[] = {{tag::PatientName, may_be_empty}, {tag::PatientID}};
inline constexpr record_key study_keys[] = {
    {tag::StudyDate},        {tag::StudyTime}, {tag::AccessionNumber, may_be_empty}, {tag::StudyDescription, may_be_empty},
    {tag::StudyInstanceUID}, {tag::StudyID}};
inline constexpr record_key series_keys[] = {{tag::Modality}, {tag::SeriesInstanceUID}, {tag::SeriesNumber}};
inline constexpr record_key numbered_keys[] = {{tag::InstanceNumber}};
inline constexpr record_key dated_keys[] = {{tag::ContentDate}, {tag::ContentTime}};
inline constexpr record_key dated_and_numbered_keys[] = {{tag::ContentDate}, {tag::ContentTime}, {tag::InstanceNumber}};
inline constexpr record_key labelled_keys[] = {{tag::ContentDate},
                                               {tag::ContentTime},
                                               {tag::InstanceNumber},
                                               {tag::ContentLabel},
                                               {tag::ContentDescription, may_be_empty},
                                               {tag::ContentCreatorName, may_be_empty}};
inline constexpr record_key presentation_keys[] = {{tag::InstanceNumber},
                                                   {tag::ContentLabel},
                                                   {tag::ContentDescription, may_be_empty},
                                                   {tag::PresentationCreationDate},
                                                   {tag::PresentationCreationTime},
                                                   {tag::ContentCreatorName, may_be_empty},
                                                   {tag::ReferencedSeriesSequence, conditional},
                                                   {tag::BlendingSequence, conditional}};
inline constexpr record_key dose_keys[] = {{tag::InstanceNumber}, {tag::DoseSummationType}};
inline constexpr record_key structure_set_keys[] = {{tag::InstanceNumber},
                                                    {tag::StructureSetLabel},
                                                    {tag::StructureSetDate, may_be_empty},
                                                    {tag::StructureSetTime, may_be_empty}};
inline constexpr record_key plan_keys[] = {{tag::InstanceNumber},
                                           {tag::RTPlanLabel},
                                           {tag::RTPlanDate, may_be_empty},
                                           {tag::RTPlanTime, may_be_empty}};
inline constexpr record_key treatment_keys[] = {
    {tag::InstanceNumber}, {tag::TreatmentDate, may_be_empty}, {tag::TreatmentTime, may_be_empty}};
inline constexpr record_key radiotherapy_keys[] = {{tag::InstanceNumber},
                                                   {tag::UserContentLabel, conditional},
                                                   {tag::UserContentLongLabel, conditional},
                                                   {tag::ContentDescription, may_be_empty},
                                                   {tag::ContentCreatorName, may_be_empty}};
inline constexpr record_key report_keys[] = {{tag::ContentDate},
                                             {tag::ContentTime},
                                             {tag::InstanceNumber},
                                             {tag::VerificationDateTime, conditional},
                                             {tag::ConceptNameCodeSequence},
                                             {tag::CompletionFlag},
                                             {tag::VerificationFlag},
                                             {tag::ContentSequence, conditional}};
inline constexpr record_key key_object_keys[] = {{tag::ContentDate},
                                                 {tag::ContentTime},
                                                 {tag::InstanceNumber},
                                                 {tag::ConceptNameCodeSequence},
                                                 {tag::ContentSequence, conditional}};
inline constexpr record_key spectroscopy_keys[] = {{tag::ImageType},
                                                   {tag::ContentDate},
                                                   {tag::ContentTime},
                                                   {tag::ReferencedImageEvidenceSequence, conditional},
                                                   {tag::InstanceNumber},
                                                   {tag::NumberOfFrames},
                                                   {tag::Rows},
                                                   {tag::Columns},
                                                   {tag::DataPointRows},
                                                   {tag::DataPointColumns}};
inline constexpr record_key document_keys[] = {{tag::ContentDate, may_be_empty},
                                               {tag::ContentTime, may_be_empty},
                                               {tag::InstanceNumber},
                                               {tag::ConceptNameCodeSequence, may_be_empty},
                                               {tag::DocumentTitle, may_be_empty},
                                               {tag::HL7InstanceIdentifier, conditional},
                                               {tag::MIMETypeOfEncapsulatedDocument}};
inline constexpr record_key assessment_keys[] = {
    {tag::InstanceCreationDate}, {tag::InstanceCreationTime, may_be_empty}, {tag::InstanceNumber}};
inline constexpr record_key hanging_protocol_keys[] = {
    {tag::HangingProtocolCreator},
    {tag::HangingProtocolCreationDateTime},
    {tag::HangingProtocolDefinitionSequence},
    {tag::HangingProtocolUserIdentificationCodeSequence, may_be_empty},
    {tag::NumberOfPriorsReferenced}};
inline constexpr record_key palette_keys[] = {{tag::ContentLabel}, {tag::ContentDescription, may_be_empty}};
inline constexpr record_key implant_keys[] = {
    {tag::Manufacturer}, {tag::ImplantSize, conditional}, {tag::ImplantName}, {tag::ImplantPartNumber}};
inline constexpr record_key implant_assembly_keys[] = {
    {tag::Manufacturer}, {tag::ImplantAssemblyTemplateName}, {tag::ProcedureTypeCodeSequence}};
inline constexpr record_key implant_group_keys[] = {{tag::ImplantTemplateGroupName}, {tag::ImplantTemplateGroupIssuer}};
inline constexpr record_key inventory_keys[] = {{tag::ContentDate},
                                                {tag::ContentTime},
                                                {tag::ScopeOfInventorySequence, may_be_empty},
                                                {tag::InventoryPurpose, may_be_empty},
                                                {tag::InventoryLevel},
                                                {tag::InventoryCompletionStatus},
                                                {tag::TotalNumberOfStudyRecords}};

inline constexpr record_type patient_record{"PATIENT", patient_keys};
inline constexpr record_type study_record{"STUDY", study_keys};
inline constexpr record_type series_record{"SERIES", series_keys};

inline constexpr record_type image{"IMAGE", numbered_keys};
inline constexpr record_type presentation{"PRESENTATION", presentation_keys};
inline constexpr record_type waveform{"WAVEFORM", dated_and_numbered_keys};
inline constexpr record_type sr_document{"SR DOCUMENT", report_keys};
inline constexpr record_type rt_treat_record{"RT TREAT RECORD", treatment_keys};
inline constexpr record_type rt_plan{"RT PLAN", plan_keys};
inline constexpr record_type radiotherapy{"RADIOTHERAPY", radiotherapy_keys};
inline constexpr record_type delivery_plan{"PLAN", {}};
inline constexpr record_type encap_doc{"ENCAP DOC", document_keys};
inline constexpr record_type registration{"REGISTRATION", labelled_keys};
inline constexpr record_type measurement{"MEASUREMENT", labelled_keys};
inline constexpr record_type surface_scan{"SURFACE SCAN", dated_keys};

struct listed_class {
  const unique_id* sop_class;
  record_type type;
};

// All but the images.
inline constexpr std::array listed_classes{
    listed_class{&sop_class::GrayscaleSoftcopyPresentationStateStorage, presentation},
    listed_class{&sop_class::ColorSoftcopyPresentationStateStorage, presentation},
    listed_class{&sop_class::PseudoColorSoftcopyPresentationStateStorage, presentation},
    listed_class{&sop_class::BlendingSoftcopyPresentationStateStorage, presentation},
    listed_class{&sop_class::XAXRFGrayscaleSoftcopyPresentationStateStorage, presentation},
    listed_class{&sop_class::GrayscalePlanarMPRVolumetricPresentationStateStorage, presentation},
    listed_class{&sop_class::CompositingPlanarMPRVolumetricPresentationStateStorage, presentation},
    listed_class{&sop_class::AdvancedBlendingPresentationStateStorage, presentation},
    listed_class{&sop_class::VolumeRenderingVolumetricPresentationStateStorage, presentation},
    listed_class{&sop_class::SegmentedVolumeRenderingVolumetricPresentationStateStorage, presentation},
    listed_class{&sop_class::MultipleVolumeRenderingVolumetricPresentationStateStorage, presentation},
    listed_class{&sop_class::VariableModalityLUTSoftcopyPresentationStateStorage, presentation},
    listed_class{&sop_class::BasicStructuredDisplayStorage, presentation},
    listed_class{&sop_class::TwelveLeadECGWaveformStorage, waveform},
    listed_class{&sop_class::GeneralECGWaveformStorage, waveform},
    listed_class{&sop_class::General32bitECGWaveformStorage, waveform},
    listed_class{&sop_class::AmbulatoryECGWaveformStorage, waveform},
    listed_class{&sop_class::HemodynamicWaveformStorage, waveform},
    listed_class{&sop_class::CardiacElectrophysiologyWaveformStorage, waveform},
    listed_class{&sop_class::BasicVoiceAudioWaveformStorage, waveform},
    listed_class{&sop_class::GeneralAudioWaveformStorage, waveform},
    listed_class{&sop_class::ArterialPulseWaveformStorage, waveform},
    listed_class{&sop_class::RespiratoryWaveformStorage, waveform},
    listed_class{&sop_class::MultichannelRespiratoryWaveformStorage, waveform},
    listed_class{&sop_class::RoutineScalpElectroencephalogramWaveformStorage, waveform},
    listed_class{&sop_class::ElectromyogramWaveformStorage, waveform},
    listed_class{&sop_class::ElectrooculogramWaveformStorage, waveform},
    listed_class{&sop_class::SleepElectroencephalogramWaveformStorage, waveform},
    listed_class{&sop_class::BodyPositionWaveformStorage, waveform},
    listed_class{&sop_class::UltrasoundWaveformStorage, waveform},
    listed_class{&sop_class::BasicTextSRStorage, sr_document},
    listed_class{&sop_class::EnhancedSRStorage, sr_document},
    listed_class{&sop_class::ComprehensiveSRStorage, sr_document},
    listed_class{&sop_class::Comprehensive3DSRStorage, sr_document},
    listed_class{&sop_class::ExtensibleSRStorage, sr_document},
    listed_class{&sop_class::ProcedureLogStorage, sr_document},
    listed_class{&sop_class::MammographyCADSRStorage, sr_document},
    listed_class{&sop_class::ChestCADSRStorage, sr_document},
    listed_class{&sop_class::ColonCADSRStorage, sr_document},
    listed_class{&sop_class::XRayRadiationDoseSRStorage, sr_document},
    listed_class{&sop_class::EnhancedXRayRadiationDoseSRStorage, sr_document},
    listed_class{&sop_class::RadiopharmaceuticalRadiationDoseSRStorage, sr_document},
    listed_class{&sop_class::PatientRadiationDoseSRStorage, sr_document},
    listed_class{&sop_class::AcquisitionContextSRStorage, sr_document},
    listed_class{&sop_class::SimplifiedAdultEchoSRStorage, sr_document},
    listed_class{&sop_class::ImplantationPlanSRStorage, sr_document},
    listed_class{&sop_class::PlannedImagingAgentAdministrationSRStorage, sr_document},
    listed_class{&sop_class::PerformedImagingAgentAdministrationSRStorage, sr_document},
    listed_class{&sop_class::SpectaclePrescriptionReportStorage, sr_document},
    listed_class{&sop_class::MacularGridThicknessAndVolumeReportStorage, sr_document},
    listed_class{&sop_class::WaveformAnnotationSRStorage, sr_document},
    listed_class{&sop_class::KeyObjectSelectionDocumentStorage, {"KEY OBJECT DOC", key_object_keys}},
    listed_class{&sop_class::RTDoseStorage, {"RT DOSE", dose_keys}},
    listed_class{&sop_class::RTStructureSetStorage, {"RT STRUCTURE SET", structure_set_keys}},
    listed_class{&sop_class::RTPlanStorage, rt_plan},
    listed_class{&sop_class::RTIonPlanStorage, rt_plan},
    listed_class{&sop_class::RTBeamsTreatmentRecordStorage, rt_treat_record},
    listed_class{&sop_class::RTBrachyTreatmentRecordStorage, rt_treat_record},
    listed_class{&sop_class::RTTreatmentSummaryRecordStorage, rt_treat_record},
    listed_class{&sop_class::RTIonBeamsTreatmentRecordStorage, rt_treat_record},
    listed_class{&sop_class::RTBeamsDeliveryInstructionStorage, delivery_plan},
    listed_class{&sop_class::RTBrachyApplicationSetupDeliveryInstructionStorage, delivery_plan},
    listed_class{&sop_class::RTPhysicianIntentStorage, radiotherapy},
    listed_class{&sop_class::RTSegmentAnnotationStorage, radiotherapy},
    listed_class{&sop_class::RTRadiationSetStorage, radiotherapy},
    listed_class{&sop_class::CArmPhotonElectronRadiationStorage, radiotherapy},
    listed_class{&sop_class::TomotherapeuticRadiationStorage, radiotherapy},
    listed_class{&sop_class::RoboticArmRadiationStorage, radiotherapy},
    listed_class{&sop_class::RTRadiationRecordSetStorage, radiotherapy},
    listed_class{&sop_class::RTRadiationSalvageRecordStorage, radiotherapy},
    listed_class{&sop_class::CArmPhotonElectronRadiationRecordStorage, radiotherapy},
    listed_class{&sop_class::TomotherapeuticRadiationRecordStorage, radiotherapy},
    listed_class{&sop_class::RoboticRadiationRecordStorage, radiotherapy},
    listed_class{&sop_class::RTRadiationSetDeliveryInstructionStorage, radiotherapy},
    listed_class{&sop_class::RTTreatmentPreparationStorage, radiotherapy},
    listed_class{&sop_class::RTPatientPositionAcquisitionInstructionStorage, radiotherapy},
    listed_class{&sop_class::EncapsulatedPDFStorage, encap_doc},
    listed_class{&sop_class::EncapsulatedCDAStorage, encap_doc},
    listed_class{&sop_class::EncapsulatedSTLStorage, encap_doc},
    listed_class{&sop_class::EncapsulatedOBJStorage, encap_doc},
    listed_class{&sop_class::EncapsulatedMTLStorage, encap_doc},
    listed_class{&sop_class::MRSpectroscopyStorage, {"SPECTROSCOPY", spectroscopy_keys}},
    listed_class{&sop_class::RawDataStorage, {"RAW DATA", dated_and_numbered_keys}},
    listed_class{&sop_class::SpatialRegistrationStorage, registration},
    listed_class{&sop_class::DeformableSpatialRegistrationStorage, registration},
    listed_class{&sop_class::SpatialFiducialsStorage, {"FIDUCIAL", labelled_keys}},
    listed_class{&sop_class::RealWorldValueMappingStorage, {"VALUE MAP", labelled_keys}},
    listed_class{&sop_class::StereometricRelationshipStorage, {"STEREOMETRIC", {}}},
    listed_class{&sop_class::LensometryMeasurementsStorage, measurement},
    listed_class{&sop_class::AutorefractionMeasurementsStorage, measurement},
    listed_class{&sop_class::KeratometryMeasurementsStorage, measurement},
    listed_class{&sop_class::SubjectiveRefractionMeasurementsStorage, measurement},
    listed_class{&sop_class::VisualAcuityMeasurementsStorage, measurement},
    listed_class{&sop_class::OphthalmicAxialMeasurementsStorage, measurement},
    listed_class{&sop_class::OphthalmicVisualFieldStaticPerimetryMeasurementsStorage, measurement},
    listed_class{&sop_class::SurfaceSegmentationStorage, {"SURFACE", labelled_keys}},
    listed_class{&sop_class::SurfaceScanMeshStorage, surface_scan},
    listed_class{&sop_class::SurfaceScanPointCloudStorage, surface_scan},
    listed_class{&sop_class::TractographyResultsStorage, {"TRACT", labelled_keys}},
    listed_class{&sop_class::ContentAssessmentResultsStorage, {"ASSESSMENT", assessment_keys}},
    listed_class{&sop_class::MicroscopyBulkSimpleAnnotationsStorage, {"ANNOTATION", labelled_keys}},
    listed_class{&sop_class::HangingProtocolStorage, {"HANGING PROTOCOL", hanging_protocol_keys}},
    listed_class{&sop_class::ColorPaletteStorage, {"PALETTE", palette_keys}},
    listed_class{&sop_class::GenericImplantTemplateStorage, {"IMPLANT", implant_keys}},
    listed_class{&sop_class::ImplantAssemblyTemplateStorage, {"IMPLANT ASSY", implant_assembly_keys}},
    listed_class{&sop_class::ImplantTemplateGroupStorage, {"IMPLANT GROUP", implant_group_keys}},
    listed_class{&sop_class::InventoryStorage, {"INVENTORY", inventory_keys}},
};

// Null for a class that is not here; it is an image when it has pixels.
[[nodiscard]] inline const record_type* record_type_of(const unique_id& sop_class) noexcept {
  for (const auto& entry : listed_classes)
    if (*entry.sop_class == sop_class) return &entry.type;
  return nullptr;
}

}  // namespace codicom::detail
