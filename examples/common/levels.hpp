#pragma once
#include <codicom/data_set/data_set.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/query_model.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

namespace tools {

using codicom::service::query_level;
using codicom::service::query_model;

/// "study" or, for another `count` than one, "studies".
[[nodiscard]] constexpr std::string_view noun(query_level level, std::size_t count = 1) noexcept {
  constexpr std::string_view one[] = {"patient", "study", "series", "image"};
  constexpr std::string_view many[] = {"patients", "studies", "series", "images"};
  return (count == 1 ? one : many)[static_cast<std::size_t>(level)];
}

/// The level whose entity an attribute describes (PS3.4 Tables C.6-1 to C.6-4), for the attributes that people match
/// by; nothing for others. In the study root model, a patient's attributes are asked for at the study level.
[[nodiscard]] inline std::optional<query_level> level_of_key(codicom::element_tag key, query_model model) {
  namespace tag = codicom::tag;
  static constexpr codicom::element_tag patient[] = {tag::PatientName,
                                                     tag::PatientID,
                                                     tag::IssuerOfPatientID,
                                                     tag::PatientBirthDate,
                                                     tag::PatientBirthTime,
                                                     tag::PatientSex,
                                                     tag::OtherPatientIDs,
                                                     tag::OtherPatientNames,
                                                     tag::EthnicGroup,
                                                     tag::PatientComments,
                                                     tag::NumberOfPatientRelatedStudies,
                                                     tag::NumberOfPatientRelatedSeries,
                                                     tag::NumberOfPatientRelatedInstances};
  static constexpr codicom::element_tag study[] = {tag::StudyInstanceUID,
                                                   tag::StudyDate,
                                                   tag::StudyTime,
                                                   tag::AccessionNumber,
                                                   tag::StudyID,
                                                   tag::StudyDescription,
                                                   tag::ModalitiesInStudy,
                                                   tag::ReferringPhysicianName,
                                                   tag::PatientAge,
                                                   tag::PatientSize,
                                                   tag::PatientWeight,
                                                   tag::SOPClassesInStudy,
                                                   tag::NumberOfStudyRelatedSeries,
                                                   tag::NumberOfStudyRelatedInstances};
  static constexpr codicom::element_tag series[] = {tag::SeriesInstanceUID, tag::Modality,
                                                    tag::SeriesNumber,      tag::SeriesDescription,
                                                    tag::BodyPartExamined,  tag::ProtocolName,
                                                    tag::SeriesDate,        tag::SeriesTime,
                                                    tag::Laterality,        tag::PerformingPhysicianName,
                                                    tag::StationName,       tag::NumberOfSeriesRelatedInstances};
  static constexpr codicom::element_tag image[] = {
      tag::SOPInstanceUID, tag::SOPClassUID, tag::InstanceNumber, tag::ContentDate,   tag::ContentTime,
      tag::ImageType,      tag::Rows,        tag::Columns,        tag::BitsAllocated, tag::NumberOfFrames};
  const auto among = [key](const auto& list) {
    return std::find(std::begin(list), std::end(list), key) != std::end(list);
  };
  if (among(patient)) return codicom::service::top_level(model);
  if (among(study)) return query_level::study;
  if (among(series)) return query_level::series;
  if (among(image)) return query_level::image;
  return std::nullopt;
}

/// One value and no wildcard: it names one entity (PS3.4 §C.2.2.2.1).
[[nodiscard]] inline bool is_single_value(const codicom::data_set& keys, codicom::element_tag key) {
  const auto text = keys.text(key);
  return !text.empty() && text.find_first_of("*?\\") == std::string::npos;
}

}  // namespace tools
