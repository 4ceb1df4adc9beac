#pragma once
#include "../common/keys.hpp"

#include <codicom/dictionary/dictionary.hpp>

#include <fmt/format.h>
#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

/// The cells of one line of comma-separated values (RFC 4180, without line ends in quotes); blanks around are dropped.
[[nodiscard]] inline std::vector<std::string> split_csv(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') cells.back() += line[++i];
    else if (c == '"') quoted = !quoted;
    else if (c == ',' && !quoted) cells.emplace_back();
    else if (c != '\r') cells.back() += c;
  }
  for (auto& cell : cells) {
    const auto first = cell.find_first_not_of(" \t");
    cell = first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(" \t") - first + 1);
  }
  return cells;
}

/// What is to be found, one set of keys for each line: the first line names the attributes
/// (`StudyInstanceUID,PatientID`); without such a line the first cell of each is a Study Instance UID. Empty cells, empty
/// lines and lines that begin with # are left out. `common` is asked for in all of them.
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
    for (std::size_t i = 0; i < names.size() && i < cells.size(); ++i) {
      if (cells[i].empty()) continue;
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
