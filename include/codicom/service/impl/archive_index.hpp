#pragma once
#include <codicom/core/error.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/archive_index.hpp>
#include <codicom/service/matching.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <system_error>
#include <utility>

namespace codicom::service {
namespace detail {

struct supported_attribute {
  element_tag tag;
  query_level level;
};

// What is kept of every object, in the order of PS3.4 Tables C.6-1 to C.6-4; required and unique keys first, then the
// optional ones that clients ask for.
inline constexpr std::array kept_attributes{
    supported_attribute{tag::PatientName, query_level::patient},
    supported_attribute{tag::PatientID, query_level::patient},
    supported_attribute{tag::IssuerOfPatientID, query_level::patient},
    supported_attribute{tag::PatientBirthDate, query_level::patient},
    supported_attribute{tag::PatientBirthTime, query_level::patient},
    supported_attribute{tag::PatientSex, query_level::patient},
    supported_attribute{tag::OtherPatientIDs, query_level::patient},
    supported_attribute{tag::OtherPatientNames, query_level::patient},
    supported_attribute{tag::EthnicGroup, query_level::patient},
    supported_attribute{tag::PatientComments, query_level::patient},

    supported_attribute{tag::StudyInstanceUID, query_level::study},
    supported_attribute{tag::StudyDate, query_level::study},
    supported_attribute{tag::StudyTime, query_level::study},
    supported_attribute{tag::AccessionNumber, query_level::study},
    supported_attribute{tag::StudyID, query_level::study},
    supported_attribute{tag::StudyDescription, query_level::study},
    supported_attribute{tag::ReferringPhysicianName, query_level::study},
    supported_attribute{tag::NameOfPhysiciansReadingStudy, query_level::study},
    supported_attribute{tag::AdmittingDiagnosesDescription, query_level::study},
    supported_attribute{tag::ProcedureCodeSequence, query_level::study},
    supported_attribute{tag::PatientAge, query_level::study},
    supported_attribute{tag::PatientSize, query_level::study},
    supported_attribute{tag::PatientWeight, query_level::study},
    supported_attribute{tag::Occupation, query_level::study},
    supported_attribute{tag::AdditionalPatientHistory, query_level::study},
    supported_attribute{tag::TimezoneOffsetFromUTC, query_level::study},

    supported_attribute{tag::SeriesInstanceUID, query_level::series},
    supported_attribute{tag::Modality, query_level::series},
    supported_attribute{tag::SeriesNumber, query_level::series},
    supported_attribute{tag::SeriesDescription, query_level::series},
    supported_attribute{tag::SeriesDate, query_level::series},
    supported_attribute{tag::SeriesTime, query_level::series},
    supported_attribute{tag::BodyPartExamined, query_level::series},
    supported_attribute{tag::ProtocolName, query_level::series},
    supported_attribute{tag::Laterality, query_level::series},
    supported_attribute{tag::PatientPosition, query_level::series},
    supported_attribute{tag::OperatorsName, query_level::series},
    supported_attribute{tag::PerformingPhysicianName, query_level::series},
    supported_attribute{tag::InstitutionName, query_level::series},
    supported_attribute{tag::StationName, query_level::series},
    supported_attribute{tag::Manufacturer, query_level::series},
    supported_attribute{tag::ManufacturerModelName, query_level::series},
    supported_attribute{tag::FrameOfReferenceUID, query_level::series},
    supported_attribute{tag::PerformedProcedureStepStartDate, query_level::series},
    supported_attribute{tag::PerformedProcedureStepStartTime, query_level::series},
    supported_attribute{tag::RequestAttributesSequence, query_level::series},

    supported_attribute{tag::SOPInstanceUID, query_level::image},
    supported_attribute{tag::SOPClassUID, query_level::image},
    supported_attribute{tag::InstanceNumber, query_level::image},
    supported_attribute{tag::ImageType, query_level::image},
    supported_attribute{tag::ContentDate, query_level::image},
    supported_attribute{tag::ContentTime, query_level::image},
    supported_attribute{tag::AcquisitionDate, query_level::image},
    supported_attribute{tag::AcquisitionTime, query_level::image},
    supported_attribute{tag::AcquisitionDateTime, query_level::image},
    supported_attribute{tag::AcquisitionNumber, query_level::image},
    supported_attribute{tag::NumberOfFrames, query_level::image},
    supported_attribute{tag::Rows, query_level::image},
    supported_attribute{tag::Columns, query_level::image},
    supported_attribute{tag::BitsAllocated, query_level::image},
    supported_attribute{tag::ConceptNameCodeSequence, query_level::image},
    supported_attribute{tag::CompletionFlag, query_level::image},
    supported_attribute{tag::VerificationFlag, query_level::image},
    supported_attribute{tag::ContentLabel, query_level::image},
    supported_attribute{tag::ContentDescription, query_level::image},
    supported_attribute{tag::PresentationCreationDate, query_level::image},
    supported_attribute{tag::PresentationCreationTime, query_level::image},
};

// Computed when asked for (PS3.4 Table C.6-5 and §C.6.1.1).
inline constexpr std::array computed_attributes{
    supported_attribute{tag::NumberOfPatientRelatedStudies, query_level::patient},
    supported_attribute{tag::NumberOfPatientRelatedSeries, query_level::patient},
    supported_attribute{tag::NumberOfPatientRelatedInstances, query_level::patient},
    supported_attribute{tag::NumberOfStudyRelatedSeries, query_level::study},
    supported_attribute{tag::NumberOfStudyRelatedInstances, query_level::study},
    supported_attribute{tag::ModalitiesInStudy, query_level::study},
    supported_attribute{tag::SOPClassesInStudy, query_level::study},
    supported_attribute{tag::NumberOfSeriesRelatedInstances, query_level::series},
    supported_attribute{tag::AvailableTransferSyntaxUID, query_level::image},
};

// Tells how to read or reach the answer, not what it is about.
[[nodiscard]] constexpr bool is_query_control(element_tag key) noexcept {
  return key.is_group_length() || key == tag::SpecificCharacterSet || key == tag::QueryRetrieveLevel ||
         key == tag::RetrieveAETitle || key == tag::InstanceAvailability;
}

[[nodiscard]] inline std::optional<query_level> level_of_attribute(element_tag key) noexcept {
  for (const auto& each : kept_attributes)
    if (each.tag == key) return each.level;
  for (const auto& each : computed_attributes)
    if (each.tag == key) return each.level;
  return std::nullopt;
}
[[nodiscard]] inline bool is_computed(element_tag key) noexcept {
  return std::any_of(computed_attributes.begin(), computed_attributes.end(),
                     [key](const supported_attribute& each) { return each.tag == key; });
}

// The part of a head that belongs to one level, as it came, in its character set.
[[nodiscard]] inline data_set record_of(const data_set& head, query_level level) {
  data_set record;
  if (const auto* character_set = head.find(tag::SpecificCharacterSet)) record.set(*character_set);
  for (const auto& each : kept_attributes) {
    if (each.level != level) continue;
    if (const auto* found = head.find(each.tag)) record.set(*found);
  }
  return record;
}

// Copies one attribute. Where the two sides use different character sets, the text goes by way of Unicode.
inline void copy_attribute(data_set& answer, const data_set& record, element_tag key) {
  const auto* found = record.find(key);
  if (found == nullptr) {
    answer.set(key);  // asked for, supported, without a value
  } else if (answer.specific_character_set() == record.specific_character_set()) {
    answer.set(*found);
  } else if (found->is_sequence()) {
    data_set copy;
    if (const auto* character_set = record.find(tag::SpecificCharacterSet)) copy.set(*character_set);
    copy.set(*found);
    copy.convert_to_utf8();
    answer.convert_to_utf8();
    answer.set(*copy.find(key));
  } else if (has_character_set(found->value_representation())) {
    answer.set_text(key, found->value_representation(), record.text(key));
  } else {
    answer.set(*found);
  }
}

}  // namespace detail

inline archive_index::outcome archive_index::add(const data_set& head, stored_object where) {
  const auto study_uid = head.uid(tag::StudyInstanceUID);
  const auto series_uid = head.uid(tag::SeriesInstanceUID);
  if (!study_uid || !series_uid || where.sop_instance_uid.empty()) return outcome::incomplete;
  if (instance_by_uid_.contains(where.sop_instance_uid)) return outcome::already_there;

  auto& series = series_by_uid_[*series_uid];
  if (series == nullptr) {
    auto& study = study_by_uid_[*study_uid];
    if (study == nullptr) {
      // Without an ID, a patient is known by nothing else than the study (PS3.4 §C.6.1.1.2 asks for one).
      auto id = head.text(tag::PatientID);
      id = id.empty() ? '\\' + study_uid->str() : id + '\\' + head.text(tag::IssuerOfPatientID);
      auto& patient = patient_by_id_[id];
      if (patient == nullptr) {
        patient = &patients_.emplace_back();
        patient->attributes = detail::record_of(head, query_level::patient);
      }
      study = &studies_.emplace_back();
      study->attributes = detail::record_of(head, query_level::study);
      study->patient = patient;
      patient->studies.push_back(study);
    }
    series = &series_.emplace_back();
    series->attributes = detail::record_of(head, query_level::series);
    series->study = study;
    study->series.push_back(series);
  }
  auto& instance = instances_.emplace_back();
  instance.attributes = detail::record_of(head, query_level::image);
  instance.attributes.set(tag::SOPInstanceUID, where.sop_instance_uid).set(tag::SOPClassUID, where.sop_class_uid);
  instance.where = std::move(where);
  series->instances.push_back(&instance);
  instance_by_uid_.emplace(instance.where.sop_instance_uid, &instance);
  return outcome::added;
}

inline const stored_object* archive_index::find(const unique_id& sop_instance) const noexcept {
  const auto found = instance_by_uid_.find(sop_instance);
  return found == instance_by_uid_.end() ? nullptr : &found->second->where;
}

inline bool archive_index::supports(element_tag key, query_level level) noexcept {
  if (detail::is_query_control(key)) return true;
  const auto own = detail::level_of_attribute(key);
  return own && *own <= level;
}

inline std::vector<const stored_object*> archive_index::select(const data_set& identifier, query_model model) const {
  const auto keys = retrieve_identifier(identifier, model);  // the level and unique keys, checked
  const auto level = *level_of(keys);
  std::vector<const stored_object*> selected;
  const auto add_series = [&](const series_record& series) {
    for (const auto* instance : series.instances) selected.push_back(&instance->where);
  };
  const auto patient_id = keys.text(tag::PatientID);  // a single value: a wild card would move everybody
  const auto fits_patient = [&](const patient_record& patient) {
    return patient_id.empty() || patient.attributes.text(tag::PatientID) == patient_id;
  };
  const auto fits = [&](element_tag key, const data_set& record) { return matches(key, keys, record); };
  const auto fits_study = [&](const study_record& study) {
    return fits_patient(*study.patient) && fits(tag::StudyInstanceUID, study.attributes);
  };
  switch (level) {
    case query_level::patient:
      for (const auto& patient : patients_) {
        if (!fits_patient(patient)) continue;
        for (const auto* study : patient.studies)
          for (const auto* series : study->series) add_series(*series);
      }
      break;
    case query_level::study:
      for (const auto& uid : keys.values<unique_id>(tag::StudyInstanceUID))
        if (const auto found = study_by_uid_.find(uid); found != study_by_uid_.end() && fits_study(*found->second))
          for (const auto* series : found->second->series) add_series(*series);
      break;
    case query_level::series:
      for (const auto& uid : keys.values<unique_id>(tag::SeriesInstanceUID))
        if (const auto found = series_by_uid_.find(uid);
            found != series_by_uid_.end() && fits_study(*found->second->study))
          add_series(*found->second);
      break;
    case query_level::image: {
      // The levels above narrow the choice down, which is rare: look only where a key says so.
      std::unordered_map<const stored_object*, bool> allowed;
      const bool narrowed = keys.contains(tag::PatientID) || keys.contains(tag::StudyInstanceUID) ||
                            keys.contains(tag::SeriesInstanceUID);
      if (narrowed)
        for (const auto& series : series_)
          if (fits(tag::SeriesInstanceUID, series.attributes) && fits_study(*series.study))
            for (const auto* instance : series.instances) allowed[&instance->where] = true;
      for (const auto& uid : keys.values<unique_id>(tag::SOPInstanceUID))
        if (const auto* found = find(uid); found != nullptr && (!narrowed || allowed.contains(found)))
          selected.push_back(found);
      break;
    }
  }
  return selected;
}

inline find_cursor::find_cursor(const archive_index& index, query_model model, data_set keys, ae_title retrieve_from)
    : index_{&index}, keys_{std::move(keys)}, retrieve_from_{retrieve_from} {
  const auto level = level_of(keys_);
  if (!level || *level < top_level(model))
    throw std::system_error{make_error_code(errc::invalid_argument),
                            "Query/Retrieve Level (0008,0052) must name a level of the model"};
  level_ = *level;
  for (const auto& key : keys_) has_unsupported_keys_ |= !archive_index::supports(key.tag(), level_);
  if (level_ == query_level::patient) return;
  const auto wanted = keys_.values<unique_id>(tag::StudyInstanceUID);
  if (wanted.empty()) {
    for (const auto& study : index.studies_) studies_.push_back(&study);
  } else {
    for (const auto& uid : wanted)
      if (const auto found = index.study_by_uid_.find(uid); found != index.study_by_uid_.end())
        studies_.push_back(found->second);
  }
}

inline bool find_cursor::matches_level(query_level level, const data_set& attributes) const {
  for (const auto& key : keys_) {
    const auto tag = key.tag();
    if (detail::is_query_control(tag) || detail::is_computed(tag) || detail::level_of_attribute(tag) != level) continue;
    if (!matches(tag, keys_, attributes)) return false;
  }
  return true;
}

inline std::optional<data_set> find_cursor::next() {
  // Computed attributes are matched against the finished answer, which has them.
  const auto fits = [this](const data_set& found) {
    for (const auto& key : keys_)
      if (detail::is_computed(key.tag()) && found.contains(key.tag()) && !matches(key.tag(), keys_, found))
        return false;
    return true;
  };
  if (level_ == query_level::patient) {
    while (at_ < index_->patients_.size()) {
      const auto& patient = index_->patients_[at_++];
      if (!matches_level(query_level::patient, patient.attributes)) continue;
      if (auto found = answer(patient, nullptr, nullptr, nullptr); fits(found)) return found;
    }
    return std::nullopt;
  }
  for (; at_ < studies_.size(); ++at_, study_matches_ = false) {
    const auto& study = *studies_[at_];
    if (!study_matches_) {
      if (!matches_level(query_level::study, study.attributes) ||
          !matches_level(query_level::patient, study.patient->attributes))
        continue;
      study_matches_ = true;
      series_at_ = 0;
      series_matches_ = false;
      if (level_ == query_level::study) {
        if (auto found = answer(*study.patient, &study, nullptr, nullptr); fits(found)) {
          ++at_;
          study_matches_ = false;
          return found;
        }
        continue;
      }
    }
    for (; series_at_ < study.series.size(); ++series_at_, series_matches_ = false) {
      const auto& series = *study.series[series_at_];
      if (!series_matches_) {
        if (!matches_level(query_level::series, series.attributes)) continue;
        series_matches_ = true;
        instance_at_ = 0;
        if (level_ == query_level::series) {
          if (auto found = answer(*study.patient, &study, &series, nullptr); fits(found)) {
            ++series_at_;
            series_matches_ = false;
            return found;
          }
          continue;
        }
      }
      while (instance_at_ < series.instances.size()) {
        const auto& instance = *series.instances[instance_at_++];
        if (!matches_level(query_level::image, instance.attributes)) continue;
        if (auto found = answer(*study.patient, &study, &series, &instance); fits(found)) return found;
      }
    }
  }
  return std::nullopt;
}

inline data_set find_cursor::answer(const archive_index::patient_record& patient,
                                    const archive_index::study_record* study,
                                    const archive_index::series_record* series,
                                    const archive_index::instance_record* instance) const {
  const data_set* records[] = {&patient.attributes, study ? &study->attributes : nullptr,
                               series ? &series->attributes : nullptr, instance ? &instance->attributes : nullptr};
  data_set result;
  // The character set of the record that has most of the text.
  if (const auto* character_set = (study ? study->attributes : patient.attributes).find(tag::SpecificCharacterSet);
      character_set != nullptr && !character_set->empty())
    result.set(*character_set);
  result.set(tag::QueryRetrieveLevel, to_string(level_));
  if (!retrieve_from_.empty()) result.set(tag::RetrieveAETitle, retrieve_from_.view());
  if (keys_.contains(tag::InstanceAvailability)) result.set(tag::InstanceAvailability, std::string_view{"ONLINE"});
  const auto own_key = unique_key(level_);
  detail::copy_attribute(result, *records[static_cast<std::size_t>(level_)], own_key);

  const auto instances_of = [](const archive_index::study_record& s) {
    std::size_t count = 0;
    for (const auto* each : s.series) count += each->instances.size();
    return count;
  };
  for (const auto& key : keys_) {
    const auto tag = key.tag();
    const auto own = detail::level_of_attribute(tag);
    if (detail::is_query_control(tag) || !own || *own > level_ || tag == own_key) continue;
    if (!detail::is_computed(tag)) {
      detail::copy_attribute(result, *records[static_cast<std::size_t>(*own)], tag);
    } else if (tag == tag::NumberOfPatientRelatedStudies) {
      result.set_text(tag, std::to_string(patient.studies.size()));
    } else if (tag == tag::NumberOfPatientRelatedSeries || tag == tag::NumberOfPatientRelatedInstances) {
      std::size_t count = 0;
      for (const auto* each : patient.studies)
        count += tag == tag::NumberOfPatientRelatedSeries ? each->series.size() : instances_of(*each);
      result.set_text(tag, std::to_string(count));
    } else if (tag == tag::NumberOfStudyRelatedSeries) {
      result.set_text(tag, std::to_string(study->series.size()));
    } else if (tag == tag::NumberOfStudyRelatedInstances) {
      result.set_text(tag, std::to_string(instances_of(*study)));
    } else if (tag == tag::NumberOfSeriesRelatedInstances) {
      result.set_text(tag, std::to_string(series->instances.size()));
    } else if (tag == tag::AvailableTransferSyntaxUID) {
      result.set_text(tag, instance->where.transfer_syntax_uid.view());
    } else {  // ModalitiesInStudy, SOPClassesInStudy
      std::set<std::string> values;
      for (const auto* each : study->series) {
        if (tag == tag::ModalitiesInStudy) values.insert(each->attributes.text(tag::Modality));
        else
          for (const auto* object : each->instances) values.insert(object->where.sop_class_uid.str());
      }
      std::string text;
      for (const auto& value : values)
        if (!value.empty()) text += (text.empty() ? "" : "\\") + value;
      result.set_text(tag, text);
    }
  }
  return result;
}

}  // namespace codicom::service
