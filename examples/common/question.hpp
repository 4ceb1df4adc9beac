#pragma once
#include "keys.hpp"
#include "levels.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

/// `--level`
inline void add_level(CLI::App& app, std::string& level, const std::string& help) {
  app.add_option("--level", level, help)
      ->option_text("patient|study|series|image")
      ->check(CLI::IsMember({"patient", "study", "series", "image"}, CLI::ignore_case));
}

/// `--model`, one of `models`
inline void add_model(CLI::App& app, std::string& model, const std::vector<std::string>& models) {
  app.add_option("--model", model, "information model (default study; patient for --level patient)")
      ->option_text(fmt::format("{}", fmt::join(models, "|")))
      ->check(CLI::IsMember(models, CLI::ignore_case));
}

/// Each `-k` into `into`, and the level that one of them or `--level` (empty: not given) names, without which it is
/// study.
/// @throws std::invalid_argument for a person, where a key is none or the two contradict each other.
inline query_level read_keys(codicom::data_set& into, std::vector<std::string> keys, const std::string& level) {
  // What the others are written in comes first.
  std::stable_partition(keys.begin(), keys.end(), [](std::string_view key) {
    return codicom::parse_tag(key.substr(0, key.find('='))) == codicom::tag::SpecificCharacterSet;
  });
  for (const auto& key : keys) add_key(into, key);
  const auto by_option = codicom::service::parse_level(level);
  const auto by_key = take_level(into);
  if (by_option && by_key && by_option != by_key)
    throw std::invalid_argument{
        fmt::format("--level {} and -k QueryRetrieveLevel={} contradict each other", level, to_string(*by_key))};
  return by_key ? *by_key : by_option.value_or(query_level::study);
}

/// The model that `--model` (empty: not given) means at a level.
/// @throws std::invalid_argument for a person, where it has no such level.
inline query_model read_model(const std::string& model, query_level level) {
  const auto asked = CLI::detail::to_lower(model);
  if (asked == "patient" || (asked.empty() && level == query_level::patient)) return query_model::patient_root;
  if (level == query_level::patient)
    throw std::invalid_argument{"the study root model has no patient level: use --model patient"};
  return query_model::study_root;
}

}  // namespace tools
