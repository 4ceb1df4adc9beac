#pragma once
#include <codicom/core/tag.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/data_set/data_set.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace codicom::service {

/// The levels of the Query/Retrieve information models, outermost first (PS3.4 §C.6).
enum class query_level : std::uint8_t { patient, study, series, image };

/// Where the hierarchy begins, and ends (PS3.4 §C.6.1 to §C.6.3). In `study_root` the patient's attributes belong to the
/// study; the retired `patient_study_only` has no series and images.
enum class query_model : std::uint8_t { patient_root, study_root, patient_study_only };

/// The value of Query/Retrieve Level (0008,0052): "PATIENT", "STUDY", "SERIES", "IMAGE".
[[nodiscard]] constexpr std::string_view to_string(query_level level) noexcept;
/// The level of that name, in capitals or not; nothing when there is none.
[[nodiscard]] constexpr std::optional<query_level> parse_level(std::string_view text) noexcept;
/// The level that a data set asks for or answers at: its Query/Retrieve Level.
[[nodiscard]] std::optional<query_level> level_of(const data_set& identifier);

/// Patient ID, Study, Series or SOP Instance UID (PS3.4 §C.6.1.1).
[[nodiscard]] constexpr element_tag unique_key(query_level level) noexcept;
/// The first and the last level of a model.
[[nodiscard]] constexpr query_level top_level(query_model model) noexcept;
[[nodiscard]] constexpr query_level lowest_level(query_model model) noexcept;

/// The model of a C-FIND, C-MOVE or C-GET SOP class; nothing when it is another one.
[[nodiscard]] constexpr std::optional<query_model> model_of(const unique_id& sop_class) noexcept;
[[nodiscard]] constexpr const unique_id& find_class(query_model model) noexcept;
[[nodiscard]] constexpr const unique_id& move_class(query_model model) noexcept;
[[nodiscard]] constexpr const unique_id& get_class(query_model model) noexcept;

/// The identifier of a C-MOVE or C-GET for what `match` describes: the level and the unique keys down to it, nothing
/// else (PS3.4 §C.4.2.2.1). In the study root, Patient ID is no unique key and is left out.
/// @throws std::system_error `errc::invalid_argument` when the level, or the unique key of that level, is missing.
[[nodiscard]] data_set retrieve_identifier(const data_set& match, query_model model);

}  // namespace codicom::service

#include <codicom/service/impl/query_model.hpp>
#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/retrieve_identifier.hpp>
#endif
