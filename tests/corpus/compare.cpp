// The elements of every sample file beside those that DCMTK's dcmdump (tag, VR, length) and pydicom (tag, VR, length,
// value) find in it. Every difference is judged in EXPECTED.md, which must list just those that there are.
// Values beside those of dcm2json: json.cpp.
#include <codicom/data_set.hpp>
#include <codicom/dictionary/private_dictionary.hpp>
#ifdef CODICOM_WITH_DEFLATE
#include <codicom/encoding/deflate.hpp>
#endif
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <support/output_of.hpp>
#include <support/sample_files.hpp>
#include <system_error>
#include <vector>

using namespace codicom;
using test_support::sample_folder;
namespace fs = std::filesystem;

namespace {

struct found_element {
  std::string vr;
  std::string length;  // or the number of items
  std::string crc;     // of the value; "" when a tool does not tell
};
using found_elements = std::map<std::string, found_element>;  // by path

std::vector<std::string> indexed_files() {
  std::vector<std::string> names;
  std::ifstream index{sample_folder() / "INDEX.tsv"};
  for (std::string line; std::getline(index, line);)
    if (!line.starts_with('#')) names.push_back(line.substr(0, line.find('\t')));
  return names;
}

// CRC-32 of ISO 3309, as Python's zlib has it.
class crc32 {
 public:
  void add(byte_span bytes) {
    static const auto table = [] {
      std::array<std::uint32_t, 256> all{};
      for (std::uint32_t i = 0; i < 256; ++i) {
        all[i] = i;
        for (int bit = 0; bit < 8; ++bit) all[i] = all[i] >> 1 ^ ((all[i] & 1u) != 0 ? 0xEDB88320u : 0u);
      }
      return all;
    }();
    for (const auto b : bytes) state_ = state_ >> 8 ^ table[(state_ ^ std::to_integer<std::uint32_t>(b)) & 0xFF];
  }
  [[nodiscard]] std::string str() const {
    char text[9];
    std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(~state_));
    return text;
  }

 private:
  std::uint32_t state_ = ~0u;
};

void list(const data_set& d, const std::string& path, found_elements& all) {
  for (const auto& e : d) {
    const auto here = path + to_string(e.tag());
    found_element found{std::string{code(e.value_representation())}, std::to_string(e.length()), ""};
    crc32 crc;
    if (e.is_sequence()) {
      found.length = std::to_string(e.items().size()) + " items";
      std::size_t number = 0;
      for (const auto& item : e.items()) list(item, here + '[' + std::to_string(number++) + ']', all);
    } else if (e.is_encapsulated()) {
      std::size_t size = 0;
      for (const auto fragment : e.fragments()) {
        std::byte header[8]{std::byte{0xFE}, std::byte{0xFF}, std::byte{0}, std::byte{0xE0}};
        store_le(header + 4, static_cast<std::uint32_t>(fragment.size()));
        crc.add(header);
        crc.add(fragment);
        size += 8 + fragment.size();
      }
      found.length = std::to_string(size) + " in fragments";
      found.crc = crc.str();
    } else {
      crc.add(e.bytes());
      found.crc = crc.str();
    }
    all.emplace(here, found);  // of a tag that is there twice, the first
  }
}

// By the VR that a file may have where PS3.6 leaves the choice.
bool same_vr(const std::string& ours, const std::string& theirs) {
  return ours == theirs || theirs == "??" || (theirs.size() > 2 && theirs.find(ours) != std::string::npos);
}

// All differences, by path.
std::map<std::string, std::string> differences(const found_elements& ours, const found_elements& theirs) {
  std::map<std::string, std::string> all;
  for (const auto& [path, we] : ours) {
    const auto other = theirs.find(path);
    if (other == theirs.end()) {
      all[path] = "only ours";
      continue;
    }
    const auto& they = other->second;
    const bool items = we.length.ends_with(" items") && they.length.ends_with(" items");  // SQ, or UN (PS3.5 §6.2.2)
    if (!items && !same_vr(we.vr, they.vr)) all[path] = "VR " + we.vr + ", theirs " + they.vr;
    else if (we.length != they.length) all[path] = "length " + we.length + ", theirs " + they.length;
    else if (!items && !they.crc.empty() && we.crc != they.crc) all[path] = "value";
  }
  for (const auto& [path, they] : theirs)
    if (!ours.contains(path)) all[path] = "only theirs";
  return all;
}

// In the words of EXPECTED.md: the first difference, and how many more.
std::string in_words(const std::map<std::string, std::string>& all) {
  const auto& [path, what] = *all.begin();
  return '`' + path + "` " + what + (all.size() == 1 ? "" : ", and " + std::to_string(all.size() - 1) + " more");
}

std::map<std::string, found_elements> with_pydicom(const std::vector<std::string>& names) {
  const auto script = test_support::source_folder() / "tests" / "corpus" / "pydicom_elements.py";
  std::string command =
      "cd '" + sample_folder().string() + "' && PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 '" + script.string() + "'";
  for (const auto& name : names) command += " '" + name + '\'';
  std::istringstream lines{test_support::output_of(command + " 2>/dev/null")};
  std::map<std::string, found_elements> files;
  found_elements* file = nullptr;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("@ ")) {
      file = &files[line.substr(2)];
    } else if (line.starts_with("! ")) {
      (*file)["stops"] = {"", line.substr(2), ""};
    } else if (file != nullptr) {
      std::istringstream fields{line};
      std::string path;
      found_element found;
      std::getline(fields, path, '\t');
      std::getline(fields, found.vr, '\t');
      std::getline(fields, found.length, '\t');
      std::getline(fields, found.crc, '\t');
      file->emplace(path, found);
    }
  }
  return files;
}

found_elements with_dcmdump(const std::string& name) {
  static const std::regex pattern{R"(^( *)\(([0-9a-f]{4}),([0-9a-f]{4})\) (\S\S) (.*)# *(\d+|u/l), *\d+.*)"};
  found_elements all;
  std::istringstream lines{
      test_support::output_of("dcmdump -q +E -dc +Qn '" + (sample_folder() / name).string() + "' 2>/dev/null")};
  struct level {
    std::string path;
    int items = 0;
  };
  std::vector<level> levels{{}};  // of the elements that are open, the root first
  std::vector<std::string> items{""};
  std::size_t fragment_bytes = 0;
  std::string fragments_of;
  for (std::string line; std::getline(lines, line);) {
    if (line.size() > 600) line = line.substr(0, 200) + line.substr(line.size() - 300);  // a long value in the middle
    std::smatch found;
    if (!std::regex_match(line, found, pattern)) continue;
    const auto indentation = static_cast<std::size_t>(found.length(1)) / 2;  // an item adds one, its elements another
    std::string tag = "(" + found[2].str() + ',' + found[3].str() + ')';
    std::transform(tag.begin(), tag.end(), tag.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (found[2] == "0002") continue;
    if (tag == "(FFFE,E000)" && found[4] == "pi") {
      fragment_bytes += 8 + std::stoul(found[6].str());
      all[fragments_of].length = std::to_string(fragment_bytes) + " in fragments";
      continue;
    }
    const auto depth = indentation / 2;
    if (tag == "(FFFE,E000)") {
      if (depth + 1 > levels.size()) break;
      levels.resize(depth + 1);
      auto& sequence = levels.back();
      all[sequence.path].length = std::to_string(sequence.items + 1) + " items";
      items.resize(depth + 1);
      items.push_back(sequence.path + '[' + std::to_string(sequence.items++) + ']');
      continue;
    }
    if (found[2] == "fffe") continue;
    if (depth >= items.size()) break;
    const auto path = items[depth] + tag;
    found_element e{found[4], found[6], ""};
    if (e.vr == "up") e.vr = "UL";  // an offset in a DICOMDIR
    const bool sequence = e.vr == "SQ" || line.find("(Sequence with") != std::string::npos;
    if (sequence) e.length = "0 items";
    if (line.find("PixelSequence") != std::string::npos) {
      fragments_of = path;
      fragment_bytes = 0;
    }
    all.emplace(path, e);
    levels.resize(depth);
    levels.push_back({path});
  }
  return all;
}

// The rows of EXPECTED.md of one tool: difference by file.
std::map<std::string, std::string> expected(const std::string& tool) {
  std::map<std::string, std::string> rows;
  std::ifstream table{test_support::source_folder() / "tests" / "corpus" / "EXPECTED.md"};
  for (std::string line; std::getline(table, line);) {
    std::vector<std::string> cells;
    for (std::size_t at = 0, bar; (bar = line.find('|', at)) != std::string::npos; at = bar + 1) {
      auto cell = line.substr(at, bar - at);
      const auto first = cell.find_first_not_of(' ');
      cells.push_back(first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(' ') + 1 - first));
    }
    if (cells.size() != 5 || cells[2] != tool) continue;
    CHECK_MESSAGE(cells[4].size() > 10, "no judgement: ", line);
    rows[cells[1]] = cells[3];
  }
  return rows;
}

// What is found must be what is listed; CODICOM_PRINT_DIFFERENCES=1 prints rows for the table.
template <class Read>
void compare(const std::string& tool, const decode_options& options, Read&& read) {
  const auto listed = expected(tool);
  std::map<std::string, std::string> met;
  std::size_t elements = 0;
  std::size_t files = 0;
  for (const auto& name : indexed_files()) {
    CAPTURE(name);
    found_elements ours;
    try {
      list(read_file(sample_folder() / name, options).value, "", ours);
    } catch (const std::system_error& e) {
      CHECK(e.code() == errc::unsupported_transfer_syntax);  // deflated, in a build without zlib
      continue;
    }
    const auto all = differences(ours, read(name));
    elements += ours.size();
    ++files;
    if (!all.empty()) met[name] = in_words(all);
  }
  const bool print = std::getenv("CODICOM_PRINT_DIFFERENCES") != nullptr;
  for (const auto& [name, what] : met) {
    CAPTURE(name);
    const auto row = listed.find(name);
    const std::string judged = row == listed.end() ? "nothing" : row->second;
    if (print && judged != what) std::cout << "| " << name << " | " << tool << " | " << what << " |  |\n";
    CHECK(judged == what);
  }
  for (const auto& [name, what] : listed) {
    CAPTURE(name);
    CHECK(met.contains(name));
  }
  MESSAGE(tool, ": ", elements, " elements of ", files, " files, differences in ", met.size());
}

}  // namespace

TEST_CASE("dcmdump finds the same elements, VRs and lengths in every sample file, or EXPECTED.md says why not") {
  if (indexed_files().empty() || test_support::output_of("dcmdump --version 2>/dev/null").empty()) {
    MESSAGE("skipped: no sample files, or no dcmdump");
    return;
  }
  decode_options options;  // DCMTK has a private dictionary, too
  options.private_vr = find_private_vr;
  compare("dcmdump", options, [](const std::string& name) { return with_dcmdump(name); });
}

TEST_CASE("pydicom finds the same elements, VRs, lengths and bytes in every sample file, or EXPECTED.md says why not") {
  const auto names = indexed_files();
  if (names.empty() || test_support::output_of("/usr/bin/python3 -c 'import pydicom; print(1)' 2>/dev/null").empty()) {
    MESSAGE("skipped: no sample files, or no pydicom");
    return;
  }
  const auto files = with_pydicom(names);
  compare("pydicom", {}, [&files](const std::string& name) {
    const auto found = files.find(name);
    return found == files.end() ? found_elements{} : found->second;
  });
}
