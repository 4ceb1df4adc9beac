#pragma once
// The tables of facts of the standard, when the sample data are there: CODICOM_TEST_DATA/standard/*.tsv.
#include <support/folders.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace codicom::test_support {

/// The rows below the header line, split at tabs, each as wide as the header. No rows when there is no such file.
[[nodiscard]] inline std::vector<std::vector<std::string>> standard_table(const std::string& name) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream file{data_folder() / "standard" / name};
  std::string line;
  std::size_t width = 0;
  while (std::getline(file, line)) {
    std::vector<std::string> fields{""};
    for (const char c : line) {
      if (c == '\t') fields.emplace_back();
      else fields.back() += c;
    }
    if (width == 0) {
      width = fields.size();
      continue;
    }
    fields.resize(width);
    rows.push_back(std::move(fields));
  }
  return rows;
}

}  // namespace codicom::test_support
