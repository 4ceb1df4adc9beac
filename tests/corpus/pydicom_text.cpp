// The text we read beside the text that pydicom reads, in every character set of the sample files and of pydicom's own.
#include <codicom/data_set.hpp>

#include <support/output_of.hpp>
#include <support/sample_files.hpp>
#ifdef CODICOM_WITH_CHARSETS
#include <codicom/data_set/iconv.hpp>
#endif

#include <doctest/doctest.h>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

using namespace codicom;
namespace fs = std::filesystem;

namespace {

using texts = std::map<std::string, std::string>;  // by path and VR

std::map<fs::path, texts> with_pydicom(const std::string& arguments) {
  const auto script = test_support::source_folder() / "tests" / "corpus" / "pydicom_text.py";
  std::istringstream lines{
      test_support::output_of("/usr/bin/python3 '" + script.string() + "' " + arguments + " 2>/dev/null")};
  std::map<fs::path, texts> files;
  texts* file = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("@ ")) {
      file = &files[line.substr(2)];
      continue;
    }
    const auto tab = line.rfind('\t');
    if (file == nullptr || line.starts_with('!') || tab == std::string::npos) continue;
    std::string text;
    for (auto i = tab + 1; i + 1 < line.size(); i += 2)
      text += static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16));
    (*file)[line.substr(0, tab)] = text;
  }
  return files;
}

void list(const data_set& d, const std::string& path, texts& found) {
  for (const auto& e : d) {
    const auto here = path + to_string(e.tag());
    std::size_t number = 0;
    for (const auto& item : e.items()) list(item, here + '[' + std::to_string(number++) + ']', found);
    if (!has_character_set(e.value_representation()) || e.is_sequence()) continue;
    std::string all;
    for (const auto& value : d.values<std::string>(e.tag())) {
      // pydicom drops empty component groups at the end, and the script spaces
      const auto first = value.find_first_not_of(' ');
      const auto last = value.find_last_not_of(e.value_representation() == vr::pn ? "= " : " ");
      all += '\\' + (last == std::string::npos ? "" : value.substr(first, last + 1 - first));
    }
    found[here + '\t' + std::string{code(e.value_representation())}] = all.empty() ? all : all.substr(1);
  }
}

std::size_t compare(const std::map<fs::path, texts>& files, const std::map<std::string, std::string>& judged) {
  std::size_t compared = 0;
  for (const auto& [path, expected] : files) {
    texts ours;
    try {
      list(read_file(path).value, "", ours);
    } catch (const std::system_error&) {
      continue;  // judged elsewhere
    }
    for (const auto& [where, text] : expected) {
      const auto found = ours.find(where);
      if (found == ours.end() || judged.contains(path.filename().string() + ' ' + where.substr(0, where.find('\t'))))
        continue;
      ++compared;
      CHECK_MESSAGE(found->second == text, path.filename().string() << ' ' << where);
    }
  }
  return compared;
}

}  // namespace

TEST_CASE("text of the sample files is what pydicom makes of it") {
  if (!test_support::has_samples()) return;
  const auto files = with_pydicom("'" + test_support::sample_folder().string() + "'/*");
  if (files.empty() || !has_multi_byte_sets()) {
    MESSAGE("skipped: no Python, no pydicom, or no iconv");
    return;
  }
  const std::map<std::string, std::string> judged{
      {"fo_chrGB2312.dcm (0010,0010)", "pydicom leaves the escape sequences of ISO 2022 IR 58 in the text"},
  };
  CHECK(compare(files, judged) > 1000);
}

TEST_CASE("text of the files that pydicom tests character sets with is what pydicom makes of it") {
  const auto files = with_pydicom("--own");
  if (files.empty() || !has_multi_byte_sets()) {
    MESSAGE("skipped: no pydicom, its files are not installed, or no iconv");
    return;
  }
  CHECK(compare(files, {}) > 100);
}
