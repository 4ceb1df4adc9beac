#pragma once
#include <codicom/core/config.hpp>
#include <codicom/core/error.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/query_model.hpp>

#include <algorithm>
#include <string>
#include <system_error>

namespace codicom::service {

CODICOM_FUNCTION std::optional<query_level> level_of(const data_set& identifier) {
  return parse_level(identifier.text(tag::QueryRetrieveLevel));
}

CODICOM_FUNCTION data_set retrieve_identifier(const data_set& match, query_model model) {
  const auto level = level_of(match);
  if (!level || *level < top_level(model) || *level > lowest_level(model))
    throw std::system_error{make_error_code(errc::invalid_argument),
                            "Query/Retrieve Level (0008,0052) must name a level of the model, e.g. STUDY"};
  data_set identifier;
  identifier.set(tag::QueryRetrieveLevel, to_string(*level));
  for (auto each = top_level(model); each <= *level; each = static_cast<query_level>(static_cast<int>(each) + 1)) {
    const auto key = unique_key(each);
    const auto value = match.text(key);
    const bool ascii =
        std::all_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii)  // only a Patient ID can be so; without its character set it would be another one
      if (const auto* character_set = match.find(tag::SpecificCharacterSet)) identifier.set(*character_set);
    if (!value.empty()) identifier.set_text(key, value);
    else if (each == *level)
      throw std::system_error{make_error_code(errc::invalid_argument),
                              "the unique key " + codicom::to_string(key) + " of level " +
                                  std::string{to_string(*level)} + " has no value"};
  }
  return identifier;
}

}  // namespace codicom::service
