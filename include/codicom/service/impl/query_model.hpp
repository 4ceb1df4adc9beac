#pragma once
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/query_model.hpp>

#include <array>
#include <string_view>

namespace codicom::service {

namespace detail {

inline constexpr std::array<std::string_view, 4> level_names{"PATIENT", "STUDY", "SERIES", "IMAGE"};

}  // namespace detail

constexpr std::string_view to_string(query_level level) noexcept {
  return detail::level_names[static_cast<std::size_t>(level)];
}

constexpr std::optional<query_level> parse_level(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  for (std::size_t i = 0; i < detail::level_names.size(); ++i) {
    const auto name = detail::level_names[i];
    if (name.size() != text.size()) continue;
    bool same = true;
    for (std::size_t k = 0; k < name.size(); ++k) {
      const char c = text[k] >= 'a' && text[k] <= 'z' ? static_cast<char>(text[k] - 'a' + 'A') : text[k];
      same = same && c == name[k];
    }
    if (same) return static_cast<query_level>(i);
  }
  return std::nullopt;
}

constexpr element_tag unique_key(query_level level) noexcept {
  switch (level) {
    case query_level::patient: return tag::PatientID;
    case query_level::study: return tag::StudyInstanceUID;
    case query_level::series: return tag::SeriesInstanceUID;
    case query_level::image: break;
  }
  return tag::SOPInstanceUID;
}

constexpr query_level top_level(query_model model) noexcept {
  return model == query_model::study_root ? query_level::study : query_level::patient;
}
constexpr query_level lowest_level(query_model model) noexcept {
  return model == query_model::patient_study_only ? query_level::study : query_level::image;
}

constexpr std::optional<query_model> model_of(const unique_id& uid) noexcept {
  if (uid == study_root_find || uid == study_root_move || uid == study_root_get) return query_model::study_root;
  if (uid == patient_root_find || uid == patient_root_move || uid == patient_root_get) return query_model::patient_root;
  if (uid == patient_study_only_find || uid == patient_study_only_move || uid == patient_study_only_get)
    return query_model::patient_study_only;
  return std::nullopt;
}

constexpr const unique_id& find_class(query_model model) noexcept {
  switch (model) {
    case query_model::patient_root: return patient_root_find;
    case query_model::patient_study_only: return patient_study_only_find;
    case query_model::study_root: break;
  }
  return study_root_find;
}
constexpr const unique_id& move_class(query_model model) noexcept {
  switch (model) {
    case query_model::patient_root: return patient_root_move;
    case query_model::patient_study_only: return patient_study_only_move;
    case query_model::study_root: break;
  }
  return study_root_move;
}
constexpr const unique_id& get_class(query_model model) noexcept {
  switch (model) {
    case query_model::patient_root: return patient_root_get;
    case query_model::patient_study_only: return patient_study_only_get;
    case query_model::study_root: break;
  }
  return study_root_get;
}

}  // namespace codicom::service
