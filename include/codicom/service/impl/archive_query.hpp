#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/data_set/date_time.hpp>
#include <codicom/service/archive_query.hpp>
#include <codicom/service/impl/matching.hpp>

#include <algorithm>
#include <string_view>
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
         key == tag::RetrieveAETitle || key == tag::InstanceAvailability || key == tag::TimezoneOffsetFromUTC;
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

// Of a sequence that was matched, the items that match, and of these what was asked for (PS3.4 §C.2.2.2.6). A key
// without an item, or with an empty one, asks for all.
[[nodiscard]] inline data_set requested_items(const data_set& record, element_tag sequence, const data_set& keys,
                                              query_extensions extensions) {
  data_set result;
  if (const auto* character_set = record.find(tag::SpecificCharacterSet)) result.set(*character_set);
  const auto wanted = keys.items(sequence);
  if (wanted.empty() || wanted.front().empty()) {
    result.set(*record.find(sequence));
    return result;
  }
  result.set(sequence);
  for (const auto& item : record.items(sequence)) {
    if (!service::matches(wanted.front(), item, extensions)) continue;
    data_set part;
    for (const auto& key : wanted.front())
      if (const auto* found = item.find(key.tag())) part.set(*found);
    result.add_item(sequence, part);
  }
  return result;
}

// Copies one attribute. Where the two sides use different character sets, the text goes by way of Unicode.
inline void copy_attribute(data_set& answer, const data_set& record, element_tag key, const data_set& keys,
                           query_extensions extensions) {
  const auto* found = record.find(key);
  if (found == nullptr) {
    answer.set(key);  // asked for, supported, without a value
  } else if (found->is_sequence()) {
    auto part = requested_items(record, key, keys, extensions);
    if (answer.specific_character_set() != record.specific_character_set()) {
      part.convert_to_utf8();
      answer.convert_to_utf8();
    }
    answer.set(*part.find(key));
  } else if (answer.specific_character_set() != record.specific_character_set() &&
             has_character_set(found->value_representation())) {
    answer.set_text(key, found->value_representation(), record.text(key));
  } else {
    answer.set(*found);
  }
}

}  // namespace detail

CODICOM_FUNCTION data_set archive_record(const data_set& head, query_level level) {
  data_set record;
  // How its text and its times are to be read.
  for (const auto each : {element_tag{tag::SpecificCharacterSet}, element_tag{tag::TimezoneOffsetFromUTC}})
    if (const auto* found = head.find(each)) record.set(*found);
  for (const auto& each : detail::kept_attributes) {
    if (each.level != level) continue;
    if (const auto* found = head.find(each.tag)) record.set(*found);
  }
  return record;
}

CODICOM_FUNCTION std::vector<std::string> index_terms(const data_set& record, element_tag attribute) {
  std::vector<std::string> terms;
  const auto* found = record.find(attribute);
  if (found == nullptr) return terms;
  const auto v = found->value_representation();
  const auto every = [&](std::string_view value) {
    if (v == vr::pn) {
      const auto name = detail::folded(value);
      for (std::size_t start = 0; start <= name.size();) {
        const auto end = std::min(name.find('=', start), name.size());
        if (end != start) terms.push_back(name.substr(start, end - start));
        start = end + 1;
      }
    } else if (const auto day = v == vr::da ? date::parse(value) : std::nullopt) {
      terms.push_back(day->str());
    } else if (!value.empty()) {
      terms.emplace_back(value);
    }
    return false;
  };
  static_cast<void>(detail::any_value(v, record.text(attribute), every));
  std::sort(terms.begin(), terms.end());
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
  return terms;
}

CODICOM_FUNCTION std::optional<term_range> archive_query::narrow(element_tag key) const {
  const auto* wanted = keys_.find(key);
  if (wanted == nullptr) return std::nullopt;
  const auto v = wanted->value_representation();
  const auto text = keys_.text(key);
  if (is_universal(text) || text.find('\\') != std::string::npos) return std::nullopt;
  if (extensions_.empty_value && text == "\"\"") return std::nullopt;
  constexpr const char* highest = "\xFF";  // no UTF-8 has this byte
  if (v == vr::da) {
    const auto days = date_range::parse(text);
    if (!days || (extensions_.timezone && keys_.contains(tag::TimezoneOffsetFromUTC))) return std::nullopt;
    return term_range{days->first ? days->first->str() : std::string{}, days->last ? days->last->str() : highest};
  }
  if (v == vr::pn) {
    if (extensions_.fuzzy_names || text.find('=') != std::string::npos) return std::nullopt;
    auto prefix = detail::folded(detail::trimmed(v, text).substr(0, text.find_first_of("*?")));
    while (!prefix.empty() && (prefix.back() == '^' || prefix.back() == ' ')) prefix.pop_back();
    if (prefix.empty()) return std::nullopt;
    return term_range{prefix, prefix + highest};
  }
  if (!detail::has_wild_cards(v)) return std::nullopt;
  const auto value = detail::trimmed(v, text);
  const auto wild = value.find_first_of("*?");
  if (wild == std::string_view::npos) return term_range{std::string{value}, std::string{value}};
  if (wild == 0) return std::nullopt;
  return term_range{std::string{value.substr(0, wild)}, std::string{value.substr(0, wild)} + highest};
}

CODICOM_FUNCTION archive_query::archive_query(query_model model, data_set keys, ae_title retrieve_from,
                                    query_extensions extensions)
    : keys_{std::move(keys)}, retrieve_from_{retrieve_from}, extensions_{extensions} {
  const auto level = level_of(keys_);
  if (!level || *level < top_level(model) || *level > lowest_level(model))
    throw std::system_error{make_error_code(errc::invalid_argument),
                            "Query/Retrieve Level (0008,0052) must name a level of the model"};
  level_ = *level;
  for (const auto& key : keys_) has_unsupported_keys_ |= !supports(key.tag(), level_);
}

CODICOM_FUNCTION bool archive_query::supports(element_tag key, query_level level) noexcept {
  if (detail::is_query_control(key)) return true;
  const auto own = detail::level_of_attribute(key);
  return own && *own <= level;
}

CODICOM_FUNCTION bool archive_query::matches(query_level level, const data_set& record) const {
  return std::all_of(keys_.begin(), keys_.end(), [&](const element& key) {
    return detail::is_query_control(key.tag()) || detail::is_computed(key.tag()) ||
           detail::level_of_attribute(key.tag()) != level || service::matches(key.tag(), keys_, record, extensions_);
  });
}

CODICOM_FUNCTION std::optional<data_set> archive_query::answer(const records& found, const computed& compute) const {
  const auto record = [&](query_level level) -> const data_set& { return *found[static_cast<std::size_t>(level)]; };
  // The character set of the record that has most of the text.
  const auto& main = record(std::min(level_, query_level::study));
  data_set result;
  if (const auto* character_set = main.find(tag::SpecificCharacterSet);
      character_set != nullptr && !character_set->empty())
    result.set(*character_set);
  result.set(tag::QueryRetrieveLevel, to_string(level_));
  if (!retrieve_from_.empty()) result.set(tag::RetrieveAETitle, retrieve_from_.view());
  if (keys_.contains(tag::InstanceAvailability)) result.set(tag::InstanceAvailability, std::string_view{"ONLINE"});
  if (keys_.contains(tag::TimezoneOffsetFromUTC))
    if (const auto* offset = main.find(tag::TimezoneOffsetFromUTC)) result.set(*offset);
  const auto own_key = unique_key(level_);
  detail::copy_attribute(result, record(level_), own_key, keys_, extensions_);
  for (const auto& key : keys_) {
    const auto tag = key.tag();
    const auto own = detail::level_of_attribute(tag);
    if (detail::is_query_control(tag) || !own || *own > level_ || tag == own_key) continue;
    if (!detail::is_computed(tag)) {
      detail::copy_attribute(result, record(*own), tag, keys_, extensions_);
      continue;
    }
    result.set_text(tag, compute(tag));
    if (!service::matches(tag, keys_, result, extensions_)) return std::nullopt;
  }
  return result;
}

}  // namespace codicom::service
