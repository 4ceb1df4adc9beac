#pragma once
#include <codicom/data_set/character_set.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dictionary/dictionary.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/query_model.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace tools {

/// Put `KEY=VALUE` into `keys`: KEY is a keyword, `gggg,eeee`, or a path into sequences with dots; without `=VALUE`
/// it is a key to be returned. VALUE is UTF-8 text, and goes as such where it is more than ASCII and no other Specific
/// Character Set is among the keys.
/// @throws std::invalid_argument with what is wrong, for a person.
inline void add_key(codicom::data_set& keys, std::string_view key) {
  const auto equals = key.find('=');
  const auto path = key.substr(0, equals);
  const auto value = equals == std::string_view::npos ? std::string_view{} : key.substr(equals + 1);

  for (std::size_t start = 0; start <= path.size();) {
    const auto end = std::min(path.find('.', start), path.size());
    const auto name = path.substr(start, std::min(path.find('[', start), end) - start);
    if (!codicom::parse_tag(name))
      throw std::invalid_argument{fmt::format(
          "-k {}: '{}' is no attribute; write its keyword, as in PatientName=ALLISON*, or gggg,eeee=VALUE", key, name)};
    start = end + 1;
  }
  const bool ascii =
      std::all_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii && keys.text(codicom::tag::SpecificCharacterSet).empty())
    keys.set(codicom::tag::SpecificCharacterSet, "ISO_IR 192");
  // What a set lacks would be asked for as '?', which matches anything.
  if (const auto set = keys.text(codicom::tag::SpecificCharacterSet); !ascii && !codicom::from_utf8(value, set))
    throw std::invalid_argument{fmt::format("-k {}: this cannot be written in the character set {}", key, set)};
  try {
    keys.set_text(path, value);
  } catch (const std::system_error& error) {
    throw std::invalid_argument{fmt::format("-k {}: {}", key, error.what())};
  }
}

/// Query/Retrieve Level has an option of its own; who gives it as a key means the same. It is taken out.
/// @throws std::invalid_argument when it is none of the four.
inline std::optional<codicom::service::query_level> take_level(codicom::data_set& keys) {
  const auto text = keys.text(codicom::tag::QueryRetrieveLevel);
  if (!keys.erase(codicom::tag::QueryRetrieveLevel)) return std::nullopt;
  const auto level = codicom::service::parse_level(text);
  if (!level)
    throw std::invalid_argument{fmt::format("-k QueryRetrieveLevel={}: give PATIENT, STUDY, SERIES or IMAGE", text)};
  return level;
}

}  // namespace tools
