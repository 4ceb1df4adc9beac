#pragma once
#include "../common/csv.hpp"
#include "../common/keys.hpp"
#include "../common/levels.hpp"

#include <codicom/dictionary/dictionary.hpp>

#include <algorithm>
#include <fmt/format.h>
#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tools {

[[nodiscard]] inline bool is_unique_key(std::string_view name) {
  const auto key = codicom::parse_tag(name);
  for (const auto level : {query_level::patient, query_level::study, query_level::series, query_level::image})
    if (key == codicom::service::unique_key(level)) return true;
  return false;
}

/// What is to be found, one set of keys for each line: the first line names the attributes
/// (`StudyInstanceUID,PatientID`); without such a line the first cell of each is a Study Instance UID. In a line that has
/// a Study Instance UID only it and the other unique keys count, since what else stands there, as in a table of
/// codicom-find, describes it. Empty cells, empty lines and lines that begin with # are left out. `common` is asked for in
/// all of them.
/// @throws std::invalid_argument with the line, for a person.
[[nodiscard]] inline std::vector<codicom::data_set> read_work_list(std::istream& in, const codicom::data_set& common) {
  std::vector<codicom::data_set> all;
  std::vector<std::string> names;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    const auto cells = split_csv(line);
    if (cells[0].starts_with('#') || (cells.size() == 1 && cells[0].empty())) continue;
    if (names.empty()) {
      if (codicom::parse_tag(cells[0])) {
        names = cells;
        continue;
      }
      names = {"StudyInstanceUID"};
    }
    auto keys = common;
    bool any = false;
    const auto uid = std::find(names.begin(), names.end(), "StudyInstanceUID") - names.begin();
    const bool is_named = static_cast<std::size_t>(uid) < cells.size() && !cells[static_cast<std::size_t>(uid)].empty();
    for (std::size_t i = 0; i < names.size() && i < cells.size(); ++i) {
      if (cells[i].empty() || (is_named && !is_unique_key(names[i]))) continue;
      if (names[i] == "StudyInstanceUID" && !codicom::unique_id{cells[i]}.is_valid())
        throw std::invalid_argument{fmt::format("line {}: '{}' is no Study Instance UID", number, cells[i])};
      try {
        add_key(keys, names[i] + '=' + cells[i]);
      } catch (const std::invalid_argument& error) {
        throw std::invalid_argument{fmt::format("line {}: {}", number, error.what())};
      }
      any = true;
    }
    if (any) all.push_back(std::move(keys));  // a line of empty cells would match everything
  }
  return all;
}

}  // namespace tools
