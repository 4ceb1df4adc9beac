#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/archive_index.hpp>

#include <set>
#include <string>
#include <system_error>
#include <utility>

namespace codicom::service {

CODICOM_FUNCTION archive_index::outcome archive_index::add(const data_set& head, stored_object where) {
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
        patient->attributes = archive_record(head, query_level::patient);
      }
      study = &studies_.emplace_back();
      study->attributes = archive_record(head, query_level::study);
      study->patient = patient;
      patient->studies.push_back(study);
    }
    series = &series_.emplace_back();
    series->attributes = archive_record(head, query_level::series);
    series->study = study;
    study->series.push_back(series);
  }
  auto& instance = instances_.emplace_back();
  instance.attributes = archive_record(head, query_level::image);
  instance.attributes.set(tag::SOPInstanceUID, where.sop_instance_uid).set(tag::SOPClassUID, where.sop_class_uid);
  instance.where = std::move(where);
  series->instances.push_back(&instance);
  instance_by_uid_.emplace(instance.where.sop_instance_uid, &instance);
  return outcome::added;
}

CODICOM_FUNCTION const stored_object* archive_index::find(const unique_id& sop_instance) const noexcept {
  const auto found = instance_by_uid_.find(sop_instance);
  return found == instance_by_uid_.end() ? nullptr : &found->second->where;
}

CODICOM_FUNCTION std::vector<const stored_object*> archive_index::select(const data_set& identifier, query_model model) const {
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

CODICOM_FUNCTION task<std::vector<stored_object>> archive_index::resolve(data_set identifier, query_model model,
                                                                        std::size_t at_most) const {
  const auto selected = select(identifier, model);
  if (selected.size() > at_most)
    throw std::system_error{make_error_code(errc::limit_exceeded), std::to_string(selected.size()) + " objects"};
  std::vector<stored_object> result;
  result.reserve(selected.size());
  for (const auto* each : selected) result.push_back(*each);
  co_return result;
}

CODICOM_FUNCTION find_cursor::find_cursor(const archive_index& index, archive_query asked)
    : index_{&index}, query_{std::move(asked)} {
  if (query_.level() == query_level::patient) return;
  const auto wanted = query_.keys().values<unique_id>(tag::StudyInstanceUID);
  if (wanted.empty()) {
    for (const auto& study : index.studies_) studies_.push_back(&study);
  } else {
    for (const auto& uid : wanted)
      if (const auto found = index.study_by_uid_.find(uid); found != index.study_by_uid_.end())
        studies_.push_back(found->second);
  }
}

CODICOM_FUNCTION std::optional<data_set> find_cursor::next() {
  const auto level = query_.level();
  if (level == query_level::patient) {
    while (at_ < index_->patients_.size()) {
      const auto& patient = index_->patients_[at_++];
      if (!query_.matches(query_level::patient, patient.attributes)) continue;
      if (auto found = answer(patient, nullptr, nullptr, nullptr)) return found;
    }
    return std::nullopt;
  }
  for (; at_ < studies_.size(); ++at_, study_matches_ = false) {
    const auto& study = *studies_[at_];
    if (!study_matches_) {
      if (!query_.matches(query_level::study, study.attributes) ||
          !query_.matches(query_level::patient, study.patient->attributes))
        continue;
      study_matches_ = true;
      series_at_ = 0;
      series_matches_ = false;
      if (level == query_level::study) {
        if (auto found = answer(*study.patient, &study, nullptr, nullptr)) {
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
        if (!query_.matches(query_level::series, series.attributes)) continue;
        series_matches_ = true;
        instance_at_ = 0;
        if (level == query_level::series) {
          if (auto found = answer(*study.patient, &study, &series, nullptr)) {
            ++series_at_;
            series_matches_ = false;
            return found;
          }
          continue;
        }
      }
      while (instance_at_ < series.instances.size()) {
        const auto& instance = *series.instances[instance_at_++];
        if (!query_.matches(query_level::image, instance.attributes)) continue;
        if (auto found = answer(*study.patient, &study, &series, &instance)) return found;
      }
    }
  }
  return std::nullopt;
}

CODICOM_FUNCTION std::optional<data_set> find_cursor::answer(const archive_index::patient_record& patient,
                                                   const archive_index::study_record* study,
                                                   const archive_index::series_record* series,
                                                   const archive_index::instance_record* instance) const {
  const auto instances_of = [](const archive_index::study_record& s) {
    std::size_t count = 0;
    for (const auto* each : s.series) count += each->instances.size();
    return count;
  };
  const auto compute = [&](element_tag tag) -> std::string {
    if (tag == tag::NumberOfPatientRelatedStudies) return std::to_string(patient.studies.size());
    if (tag == tag::NumberOfPatientRelatedSeries || tag == tag::NumberOfPatientRelatedInstances) {
      std::size_t count = 0;
      for (const auto* each : patient.studies)
        count += tag == tag::NumberOfPatientRelatedSeries ? each->series.size() : instances_of(*each);
      return std::to_string(count);
    }
    if (tag == tag::NumberOfStudyRelatedSeries) return std::to_string(study->series.size());
    if (tag == tag::NumberOfStudyRelatedInstances) return std::to_string(instances_of(*study));
    if (tag == tag::NumberOfSeriesRelatedInstances) return std::to_string(series->instances.size());
    if (tag == tag::AvailableTransferSyntaxUID) return instance->where.transfer_syntax_uid.str();
    std::set<std::string> values;  // ModalitiesInStudy, SOPClassesInStudy
    for (const auto* each : study->series) {
      if (tag == tag::ModalitiesInStudy) values.insert(each->attributes.text(tag::Modality));
      else
        for (const auto* object : each->instances) values.insert(object->where.sop_class_uid.str());
    }
    std::string text;
    for (const auto& value : values)
      if (!value.empty()) text += (text.empty() ? "" : "\\") + value;
    return text;
  };
  return query_.answer({&patient.attributes, study ? &study->attributes : nullptr, series ? &series->attributes : nullptr,
                        instance ? &instance->attributes : nullptr},
                       compute);
}

CODICOM_FUNCTION task<std::vector<data_set>> find_cursor::next_page() {
  constexpr std::size_t page = 32;
  std::vector<data_set> matches;
  while (matches.size() < page)
    if (auto match = next()) matches.push_back(std::move(*match));
    else break;
  co_return matches;
}

CODICOM_FUNCTION std::unique_ptr<match_source> archive_index::query(archive_query asked) const {
  return std::make_unique<find_cursor>(*this, std::move(asked));
}

}  // namespace codicom::service
