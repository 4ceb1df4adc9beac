#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/dictionary/dictionary.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/matching.hpp>
#include <codicom/service/query_extensions.hpp>
#include <codicom/service/query_model.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

namespace codicom::service {
namespace detail {

// The members in the order of the bytes; null: not ours.
inline constexpr std::array<bool query_extensions::*, 7> extension_bytes{
    &query_extensions::relational, &query_extensions::combined_date_time, &query_extensions::fuzzy_names,
    &query_extensions::timezone,   nullptr,
    &query_extensions::empty_value, &query_extensions::multiple_value};

inline constexpr std::array<std::string_view, 7> extension_names{
    "relational queries",  "combined date-time matching", "fuzzy matching of person names", "timezone query adjustment", "",
    "empty value matching", "multiple value matching"};

// How long the item has been: the first edition, fuzzy names, timezone, empty and multiple values.
inline constexpr std::array<std::size_t, 4> extension_lengths{1, 3, 4, 7};

[[nodiscard]] inline bool has_several_values(const data_set& keys, const element& key) {
  return is_multi_valued(key.value_representation()) && keys.text(key).find('\\') != std::string::npos;
}

}  // namespace detail

CODICOM_FUNCTION std::vector<std::byte> encode(query_extensions offered) {
  std::size_t needed = 1;
  for (std::size_t i = 0; i < detail::extension_bytes.size(); ++i)
    if (detail::extension_bytes[i] != nullptr && offered.*detail::extension_bytes[i]) needed = i + 1;
  std::vector<std::byte> information(
      *std::find_if(detail::extension_lengths.begin(), detail::extension_lengths.end(),
                    [&](std::size_t length) { return length >= needed; }));
  for (std::size_t i = 0; i < information.size(); ++i)
    if (detail::extension_bytes[i] != nullptr && offered.*detail::extension_bytes[i]) information[i] = std::byte{1};
  return information;
}

CODICOM_FUNCTION query_extensions decode_query_extensions(byte_span information) noexcept {
  query_extensions result;
  for (std::size_t i = 0; i < detail::extension_bytes.size() && i < information.size(); ++i)
    if (detail::extension_bytes[i] != nullptr) result.*detail::extension_bytes[i] = information[i] == std::byte{1};
  return result;
}

CODICOM_FUNCTION std::vector<std::byte> answer_extensions(byte_span offered, query_extensions supported) {
  const auto both = decode_query_extensions(offered) & supported;
  std::vector<std::byte> answer(std::min(offered.size(), detail::extension_bytes.size()));
  for (std::size_t i = 0; i < answer.size(); ++i)
    if (detail::extension_bytes[i] != nullptr && both.*detail::extension_bytes[i]) answer[i] = std::byte{1};
  return answer;
}

CODICOM_FUNCTION void offer(dul::requestor_options& options, const unique_id& find_class, query_extensions extensions) {
  std::erase_if(options.extended, [&](const auto& each) { return each.sop_class_uid == find_class; });
  options.extended.emplace_back(find_class, encode(extensions));
}

CODICOM_FUNCTION void accept_extensions(dul::acceptor_policy& policy, query_extensions supported) {
  policy.on_extended = [supported, others = std::move(policy.on_extended)](
                           const dul::sop_class_extended& item) -> std::optional<std::vector<std::byte>> {
    if (const auto model = model_of(item.sop_class_uid); model && find_class(*model) == item.sop_class_uid)
      return answer_extensions(item.application_information, supported);
    return others ? others(item) : std::nullopt;
  };
}

CODICOM_FUNCTION query_extensions negotiated_extensions(const dul::association_parameters& parameters,
                                              const unique_id& sop_class) noexcept {
  for (const auto& item : parameters.extended())
    if (item.sop_class_uid == sop_class) return decode_query_extensions(item.application_information);
  return {};
}

CODICOM_FUNCTION std::optional<element_tag> missing_unique_key(const data_set& keys, query_model model) {
  const auto level = level_of(keys);
  if (!level) return std::nullopt;
  for (auto above = top_level(model); above < *level; above = static_cast<query_level>(static_cast<int>(above) + 1)) {
    const auto value = keys.text(unique_key(above));
    const bool wild = above == query_level::patient && value.find_first_of("*?") != std::string::npos;
    if (is_universal(value) || wild || value.find('\\') != std::string::npos) return unique_key(above);
  }
  return std::nullopt;
}

CODICOM_FUNCTION std::string missing_extension(const data_set& keys, const unique_id& find_class, query_extensions negotiated) {
  if (const auto model = model_of(find_class); model && !negotiated.relational)
    if (const auto key = missing_unique_key(keys, *model))
      return "a query at " + std::string{to_string(*level_of(keys))} + " level needs one " + std::string{keyword(*key)} +
             " (PS3.4 C.4.1.2.1): give it, or negotiate relational queries";
  for (const auto& key : keys) {
    const auto named = [&] {
      const auto name = keyword(key.tag());
      return name.empty() ? codicom::to_string(key.tag()) : std::string{name};
    };
    if (!negotiated.empty_value && key.value_representation() != vr::sq && keys.text(key) == "\"\"")
      return "the key " + named() + " asks for empty values (PS3.4 C.2.2.2.7): negotiate empty value matching";
    if (!negotiated.multiple_value && detail::is_matched_by_all_values(key.value_representation()) &&
        key.tag() != tag::SpecificCharacterSet && detail::has_several_values(keys, key))
      return "the key " + named() + " has several values (PS3.4 C.2.2.2.8): give one, or negotiate multiple value matching";
  }
  return {};
}

CODICOM_FUNCTION void require_extensions(const data_set& keys, const unique_id& find_class,
                               const dul::association_parameters& parameters, query_extensions wanted) {
  const auto negotiated = negotiated_extensions(parameters, find_class);
  auto missing = missing_extension(keys, find_class, negotiated);
  for (std::size_t i = 0; i < detail::extension_bytes.size() && missing.empty(); ++i)
    if (const auto member = detail::extension_bytes[i]; member != nullptr && wanted.*member && !(negotiated.*member))
      missing = std::string{detail::extension_names[i]} +
                " was not negotiated: offer it with service::offer(); the peer may not have it";
  if (!missing.empty()) throw std::system_error{make_error_code(errc::invalid_argument), missing};
}

}  // namespace codicom::service
