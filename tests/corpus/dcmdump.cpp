// The elements we read beside those that DCMTK's dcmdump reads: tag by tag, with the lengths.
#include <codicom/data_set.hpp>
#include <support/folders.hpp>
#include <support/output_of.hpp>

#include <doctest/doctest.h>
#include <filesystem>
#include <map>
#include <regex>
#include <string>
#include <vector>

using namespace codicom;
namespace fs = std::filesystem;

namespace {

fs::path sample_folder() { return test_support::data_folder() / "dicom"; }

void list(const data_set& d, std::vector<std::string>& lines) {
  for (const auto& e : d) {
    if (e.is_sequence()) {
      lines.push_back(to_string(e.tag()));
      for (const auto& item : e.items()) list(item, lines);
    } else if (e.is_encapsulated()) {
      lines.push_back(to_string(e.tag()) + " fragments " + std::to_string(e.fragments().size()));
    } else {
      lines.push_back(to_string(e.tag()) + ' ' + std::to_string(e.length()));
    }
  }
}

std::vector<std::string> dcmdump_lines(const fs::path& path) {
  static const std::regex pattern{R"(^ *\(([0-9a-f]{4}),([0-9a-f]{4})\) (\S\S) (.*)# *(\d+|u/l), *\d+.*)"};
  std::vector<std::string> lines;
  std::size_t fragments = 0;
  bool in_fragments = false;
  const std::string text = test_support::output_of("dcmdump -q +E -dc '" + path.string() + "' 2>/dev/null");
  std::size_t at = 0;
  while (at < text.size()) {
    auto end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    std::string line = text.substr(at, end - at);
    at = end + 1;
    // a long value stands in the middle and is of no interest
    if (line.size() > 600) line = line.substr(0, 200) + line.substr(line.size() - 300);
    std::smatch found;
    if (!std::regex_match(line, found, pattern)) continue;
    const std::string group = found[1];
    const std::string number = found[2];
    if (group == "0002") continue;
    if (group == "fffe") {
      if (in_fragments && number == "e000" && found[3] == "pi")
        lines.back() = lines.back().substr(0, 11) + " fragments " + std::to_string(++fragments);
      continue;
    }
    const element_tag tag{static_cast<std::uint16_t>(std::stoul(group, nullptr, 16)),
                          static_cast<std::uint16_t>(std::stoul(number, nullptr, 16))};
    in_fragments = line.find("PixelSequence") != std::string::npos;
    fragments = 0;
    const std::string length = found[5];
    if (in_fragments) lines.push_back(to_string(tag) + " fragments 0");
    else if (found[3] == "SQ" || line.find("Sequence with") != std::string::npos) lines.push_back(to_string(tag));
    else lines.push_back(to_string(tag) + ' ' + length);
  }
  return lines;
}

const std::map<std::string, std::string> differ{
    {"d4c_3gb-bulk-data-truncated", "dcmdump shows the length that is announced, we what is there"},
    {"pyd_MR_truncated.dcm", "the same"},
    {"d4c_Tag-0040-A170-VR-CS.dcm", "dcmdump gives up at a code where its dictionary has a sequence"},
    {"d4c_no_preamble_dicm_in_data", "dcmdump takes text in the middle for the DICM of a header"},
    {"djd_ele.dcm", "private sequences that nobody else looks into"},
    {"fo_GH064.dcm", "the same"},
    {"pyd_priv_SQ.dcm", "the same"},
    {"pdd_bad_sequence.dcm", "a sequence as UN, which dcmdump does not look into"},
    {"djd_sr.dcm", "a value of several lines, which the comparison does not follow"},
    {"d4c_report_dfl", "the same"},
    {"fo_RI6XDosiGap.dcm", "a value of several lines"},
    {"pyd_examples_ybr_color.dcm", "the same"},
    {"pyd_test-SR.dcm", "the same"},
    {"fo_FreezePattern.dcm", "items behind a sequence that says it is empty: dcmdump gives up"},
    {"fo_GH364.dcm", "items outside a sequence: dcmdump gives up"},
    {"fo_GH626.dcm", "a sequence that ends inside a delimiter: both read noise behind it"},
    {"pyd_SC_rgb_jpeg.dcm", "implicit VR where JPEG asks for explicit VR: dcmdump gives up"},
};

}  // namespace

TEST_CASE("dcmdump reads the same elements in every sample file, but for known ones") {
  const auto folder = sample_folder();
  if (!fs::is_directory(folder) || test_support::output_of("dcmdump --version 2>/dev/null").empty()) {
    MESSAGE("skipped: no sample files, or no dcmdump");
    return;
  }
  std::size_t compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    const auto name = entry.path().filename().string();
    if (!entry.is_regular_file() || entry.path().extension() == ".tsv" || entry.path().extension() == ".md" ||
        differ.contains(name))
      continue;
    CAPTURE(entry.path().string());
    std::vector<std::string> ours;
    list(read_file(entry.path()).value, ours);
    const auto theirs = dcmdump_lines(entry.path());
    std::size_t at = 0;
    while (at < ours.size() && at < theirs.size() && ours[at] == theirs[at]) ++at;
    const std::string we = at < ours.size() ? ours[at] : "the end";
    const std::string they = at < theirs.size() ? theirs[at] : "the end";
    CHECK(we == they);
    ++compared;
  }
  CHECK(compared > 250);
}
