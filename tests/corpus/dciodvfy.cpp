// What validate finds wrong with values beside what dciodvfy of dicom3tools does, file by file and element by element.
#include <codicom/data_set.hpp>
#include <codicom/data_set/validate.hpp>

#include <support/output_of.hpp>
#include <support/sample_files.hpp>
#ifdef CODICOM_WITH_CHARSETS
#include <codicom/data_set/iconv.hpp>
#endif

#include <doctest/doctest.h>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <system_error>

using namespace codicom;
namespace fs = std::filesystem;

namespace {

// The elements, wherever they lie, with a value that is invalid or a wrong number of values.
std::set<std::string> with_dciodvfy(const fs::path& path) {
  static const std::regex value{R"(Value invalid for this VR - \(0x([0-9a-f]{4}),0x([0-9a-f]{4})\))"};
  static const std::regex number{R"(Required by Dictionary\) Element=<(\w+)>)"};
  std::set<std::string> found;
  std::istringstream lines{test_support::output_of("timeout 60 dciodvfy '" + path.string() + "' 2>&1")};
  for (std::string line; std::getline(lines, line);) {
    line = line.substr(0, 400);
    std::smatch match;
    if (std::regex_search(line, match, value)) {
      const element_tag tag{static_cast<std::uint16_t>(std::stoul(match[1], nullptr, 16)),
                            static_cast<std::uint16_t>(std::stoul(match[2], nullptr, 16))};
      if (tag.group() != 2) found.insert(to_string(tag));  // the file meta information is no part of the data set
    } else if (std::regex_search(line, match, number)) {
      if (const auto tag = parse_tag(match[1].str())) found.insert(to_string(*tag));
    }
  }
  return found;
}

const std::map<std::string, const char*> only_dciodvfy{
    {"d4c_Tag-0040-A170-VR-CS.dcm (0031,1120)", "private and implicit: dciodvfy guesses IS, we leave it UN"},
    {"fo_GH1146.dcm (0029,0005)", "UN: dciodvfy takes it for a private creator, which begin at 0010"},
    {"pyd_examples_ybr_color.dcm (0019,1060)", "a UT with lines, tabs and nothing else that is unusual"},
};
const std::map<std::string, const char*> only_ours{
    {"d4c_no_preamble_dicm_in_data (0008,0100)", "34 characters in SH"},
    {"dtf_paramaps_pm-example-slice.dcm (0028,0303)", "SH, in the dictionary CS"},
    {"sk_3.dcm (0028,0303)", "SH, in the dictionary CS"},
    {"sk_2.dcm (0018,1200)", "DS, in the dictionary DA"},
    {"fo_GH195.dcm (0010,0030)", "padded with NUL"},
    {"fo_GH364.dcm (0028,0004)", "padded with NUL"},
    {"fo_GH364.dcm (0028,1050)", "padded with NUL"},
    {"fo_GH364.dcm (0028,1051)", "padded with NUL"},
    {"dcmjs_IM-0001-0001.dcm (0028,1055)", "padded with NUL"},
    {"dcmjs_IM-0001-0001.dcm (0032,000A)", "padded with NUL"},
    {"dcmjs_IM-0001-0001.dcm (0032,1032)", "padded with NUL"},
    {"dcmjs_IM-0001-0001.dcm (0032,4000)", "padded with NUL"},
    {"dcmjs_IM-0001-0001.dcm (0040,0009)", "padded with NUL"},
    {"dcmjs_IM-0001-0001.dcm (0040,0254)", "padded with NUL"},
    {"dcmjs_IM-0001-0001.dcm (0040,1001)", "padded with NUL"},
    {"fo_GH626.dcm (0000,0000)", "a command group in a file, of 128 KiB"},
    {"pyd_rtdose_1frame.dcm (0008,1155)", "a component with a leading zero"},
    {"pyd_J2K_pixelrep_mismatch.dcm (0009,0010)", "a private creator as UN"},
    {"pyd_J2K_pixelrep_mismatch.dcm (0009,0011)", "a private creator as UN"},
    {"pyd_J2K_pixelrep_mismatch.dcm (0019,0010)", "a private creator as UN"},
};

}  // namespace

TEST_CASE("values of the sample files are right or wrong as dciodvfy has it") {
  if (!test_support::has_samples()) return;
  if (std::system("command -v dciodvfy > /dev/null 2>&1") != 0 || !has_multi_byte_sets()) {
    MESSAGE("skipped: no dciodvfy, or no iconv");
    return;
  }
  std::size_t agreed = 0;
  std::size_t well_formed = 0;
  for (const auto& path : test_support::sample_files()) {
    std::set<std::string> ours;
    try {
      for (const auto& found : validate(read_file(path).value)) ours.insert(to_string(found.path.back()));
    } catch (const std::system_error&) {
      continue;  // judged elsewhere
    }
    const auto theirs = with_dciodvfy(path);
    const auto name = path.filename().string();
    for (const auto& tag : ours)
      CHECK_MESSAGE((theirs.contains(tag) || only_ours.contains(name + ' ' + tag)), "only we: " << name << ' ' << tag);
    for (const auto& tag : theirs) {
      CHECK_MESSAGE((ours.contains(tag) || only_dciodvfy.contains(name + ' ' + tag)),
                    "only dciodvfy: " << name << ' ' << tag);
      agreed += ours.contains(tag) ? 1u : 0u;
    }
    well_formed += ours.empty() && theirs.empty() ? 1u : 0u;
  }
  MESSAGE(well_formed << " files without a fault, " << agreed << " faulty elements found by both");
  CHECK(well_formed > 100);
  CHECK(agreed > 80);
}
