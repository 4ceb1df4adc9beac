#pragma once
#include <codicom/core/config.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/transfer_syntaxes.hpp>
#include <codicom/encoding/transcode.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/net/association_options.hpp>

#include <iterator>

namespace codicom {
namespace detail {

// What hospitals store: images, presentation states, reports, radiotherapy, waveforms, documents.
inline constexpr unique_id common_storage_classes[] = {
    sop_class::ComputedRadiographyImageStorage, sop_class::DigitalXRayImageStorageForPresentation,
    sop_class::DigitalXRayImageStorageForProcessing, sop_class::DigitalMammographyXRayImageStorageForPresentation,
    sop_class::DigitalMammographyXRayImageStorageForProcessing,
    sop_class::DigitalIntraOralXRayImageStorageForPresentation, sop_class::EncapsulatedPDFStorage,
    sop_class::EncapsulatedCDAStorage, sop_class::EncapsulatedSTLStorage,
    sop_class::GrayscaleSoftcopyPresentationStateStorage, sop_class::ColorSoftcopyPresentationStateStorage,
    sop_class::PseudoColorSoftcopyPresentationStateStorage, sop_class::BlendingSoftcopyPresentationStateStorage,
    sop_class::AdvancedBlendingPresentationStateStorage, sop_class::XAXRFGrayscaleSoftcopyPresentationStateStorage,
    sop_class::XRayAngiographicImageStorage, sop_class::EnhancedXAImageStorage,
    sop_class::XRayRadiofluoroscopicImageStorage, sop_class::EnhancedXRFImageStorage,
    sop_class::PositronEmissionTomographyImageStorage, sop_class::LegacyConvertedEnhancedPETImageStorage,
    sop_class::XRay3DAngiographicImageStorage, sop_class::XRay3DCraniofacialImageStorage,
    sop_class::BreastTomosynthesisImageStorage, sop_class::BreastProjectionXRayImageStorageForPresentation,
    sop_class::BreastProjectionXRayImageStorageForProcessing, sop_class::EnhancedPETImageStorage,
    sop_class::IntravascularOpticalCoherenceTomographyImageStorageForPresentation, sop_class::CTImageStorage,
    sop_class::EnhancedCTImageStorage, sop_class::LegacyConvertedEnhancedCTImageStorage,
    sop_class::NuclearMedicineImageStorage, sop_class::UltrasoundMultiFrameImageStorage,
    sop_class::ParametricMapStorage, sop_class::MRImageStorage, sop_class::EnhancedMRImageStorage,
    sop_class::MRSpectroscopyStorage, sop_class::EnhancedMRColorImageStorage,
    sop_class::LegacyConvertedEnhancedMRImageStorage, sop_class::RTImageStorage, sop_class::RTDoseStorage,
    sop_class::RTStructureSetStorage, sop_class::RTBeamsTreatmentRecordStorage, sop_class::RTPlanStorage,
    sop_class::RTBrachyTreatmentRecordStorage, sop_class::RTTreatmentSummaryRecordStorage,
    sop_class::RTIonPlanStorage, sop_class::RTIonBeamsTreatmentRecordStorage,
    sop_class::RTBeamsDeliveryInstructionStorage, sop_class::EnhancedRTImageStorage,
    sop_class::UltrasoundImageStorage, sop_class::EnhancedUSVolumeStorage, sop_class::RawDataStorage,
    sop_class::SpatialRegistrationStorage, sop_class::SpatialFiducialsStorage,
    sop_class::DeformableSpatialRegistrationStorage, sop_class::SegmentationStorage,
    sop_class::SurfaceSegmentationStorage, sop_class::LabelMapSegmentationStorage,
    sop_class::TractographyResultsStorage, sop_class::RealWorldValueMappingStorage,
    sop_class::SecondaryCaptureImageStorage, sop_class::MultiFrameSingleBitSecondaryCaptureImageStorage,
    sop_class::MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    sop_class::MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
    sop_class::MultiFrameTrueColorSecondaryCaptureImageStorage, sop_class::VLEndoscopicImageStorage,
    sop_class::VideoEndoscopicImageStorage, sop_class::VLMicroscopicImageStorage,
    sop_class::VideoMicroscopicImageStorage, sop_class::VLSlideCoordinatesMicroscopicImageStorage,
    sop_class::VLPhotographicImageStorage, sop_class::VideoPhotographicImageStorage,
    sop_class::OphthalmicPhotography8BitImageStorage, sop_class::OphthalmicPhotography16BitImageStorage,
    sop_class::OphthalmicTomographyImageStorage, sop_class::OphthalmicAxialMeasurementsStorage,
    sop_class::OphthalmicVisualFieldStaticPerimetryMeasurementsStorage, sop_class::OphthalmicThicknessMapStorage,
    sop_class::VLWholeSlideMicroscopyImageStorage, sop_class::MicroscopyBulkSimpleAnnotationsStorage,
    sop_class::DermoscopicPhotographyImageStorage, sop_class::BasicTextSRStorage, sop_class::EnhancedSRStorage,
    sop_class::ComprehensiveSRStorage, sop_class::Comprehensive3DSRStorage, sop_class::ExtensibleSRStorage,
    sop_class::ProcedureLogStorage, sop_class::MammographyCADSRStorage, sop_class::KeyObjectSelectionDocumentStorage,
    sop_class::ChestCADSRStorage, sop_class::XRayRadiationDoseSRStorage,
    sop_class::EnhancedXRayRadiationDoseSRStorage, sop_class::RadiopharmaceuticalRadiationDoseSRStorage,
    sop_class::PatientRadiationDoseSRStorage, sop_class::SimplifiedAdultEchoSRStorage,
    sop_class::AcquisitionContextSRStorage, sop_class::TwelveLeadECGWaveformStorage,
    sop_class::GeneralECGWaveformStorage, sop_class::AmbulatoryECGWaveformStorage,
    sop_class::HemodynamicWaveformStorage, sop_class::CardiacElectrophysiologyWaveformStorage,
    sop_class::BasicVoiceAudioWaveformStorage, sop_class::HangingProtocolStorage};
static_assert(std::size(common_storage_classes) == 104);

}  // namespace detail

CODICOM_FUNCTION association_options::association_options(ae_title calling, ae_title called)
    : dul::requestor_options{calling, called} {}
CODICOM_FUNCTION association_options::association_options(const association_options&) = default;
CODICOM_FUNCTION association_options::association_options(association_options&&) noexcept = default;
CODICOM_FUNCTION association_options& association_options::operator=(const association_options&) = default;
CODICOM_FUNCTION association_options& association_options::operator=(association_options&&) noexcept = default;
CODICOM_FUNCTION association_options::~association_options() = default;

CODICOM_FUNCTION association_options& association_options::receive_storage() {
  for (const auto& each : detail::common_storage_classes) receive(each);
  return *this;
}

CODICOM_FUNCTION association_options& association_options::propose_for(const std::filesystem::path& file) {
  const auto header = read_file_header(file);
  const auto& sop_class = header.meta.media_storage_sop_class_uid;
  const auto& syntax = header.meta.transfer_syntax_uid;
  contexts.add(sop_class, syntax);
  for (const auto& plain : {transfer_syntax::ExplicitVRLittleEndian, transfer_syntax::ImplicitVRLittleEndian})
    if (plain != syntax && is_transcodable(syntax, plain)) contexts.add(sop_class, plain);
  return *this;
}

}  // namespace codicom
