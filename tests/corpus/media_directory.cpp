// Media directories beside DCMTK's dcmdump, dcmmkdir, Clunie's dciodvfy and pydicom's FileSet: those that there are,
// and those that we write.
#include <codicom/data_set.hpp>
#include <codicom/file/media_directory.hpp>
#include <codicom/file/write_media_directory.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <support/output_of.hpp>
#include <support/sample_files.hpp>
#include <support/temporary_folder.hpp>
#include <vector>

using namespace codicom;
using test_support::has_samples;
using test_support::sample_folder;
using test_support::temporary_folder;
namespace fs = std::filesystem;

namespace {

bool have(const std::string& command) {
  if (!test_support::output_of("command -v " + command).empty()) return true;
  MESSAGE("skipped: no ", command);
  return false;
}
bool have_pydicom() {
  if (!test_support::output_of("/usr/bin/python3 -c 'import pydicom.fileset; print(1)' 2>/dev/null").empty())
    return true;
  MESSAGE("skipped: no pydicom");
  return false;
}

// One line a record, in the order of the file: offset, type, File ID.
std::vector<std::string> records_of(const media_directory& directory) {
  std::vector<const directory_record*> order;
  for (const auto& record : directory.records()) order.push_back(&record);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->offset() < b->offset(); });
  std::vector<std::string> lines;
  for (const auto* record : order)
    lines.push_back(std::to_string(record->offset()) + ' ' + std::string{record->type()} + ' ' +
                    record->keys().text(tag::ReferencedFileID));
  return lines;
}
std::vector<std::string> records_by_dcmdump(const fs::path& path) {
  static const std::regex record{R"re( *\(fffe,e000\) na "Directory Record" (.*) #=.*)re"};
  static const std::regex where{R"re( *#  offset=\$(\d+)(?:  refFileID="(.*)")?.*)re"};
  std::vector<std::string> lines;
  std::istringstream text{test_support::output_of("dcmdump -q '" + path.string() + "' 2>/dev/null")};
  std::smatch found;
  std::string type;
  for (std::string line; std::getline(text, line);) {
    if (std::regex_match(line, found, record)) type = found[1];
    else if (std::regex_match(line, found, where)) lines.push_back(found[1].str() + ' ' + type + ' ' + found[2].str());
  }
  return lines;
}

// One line an instance: patient, study, series, instance, file.
std::set<std::string> instances_of(const media_directory& directory) {
  std::set<std::string> lines;
  for (const auto& record : directory.records()) {
    if (record.file_id().empty()) continue;
    const auto* series = record.parent();
    const auto* study = series == nullptr ? nullptr : series->parent();
    const auto* patient = study == nullptr ? nullptr : study->parent();
    REQUIRE(patient != nullptr);
    lines.insert(patient->keys().text(tag::PatientID) + '|' + study->keys().text(tag::StudyInstanceUID) + '|' +
                 series->keys().text(tag::SeriesInstanceUID) + '|' +
                 record.keys().text(tag::ReferencedSOPInstanceUIDInFile) + '|' +
                 directory.path_of(record).lexically_relative(directory.folder()).string());
  }
  return lines;
}
std::set<std::string> instances_by_pydicom(const fs::path& path) {
  const temporary_folder folder;
  const auto script = (folder.path() / "list.py").string();
  std::ofstream{script} << R"(
import os, sys, warnings
warnings.simplefilter('ignore')
from pydicom.fileset import FileSet
def text(value): return '' if value is None else str(value)
for one in FileSet(sys.argv[1]):
    print('|'.join(text(getattr(one, key)) for key in ('PatientID', 'StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID')),
          os.path.relpath(one.path, os.path.dirname(sys.argv[1])), sep='|')
)";
  std::istringstream text{test_support::output_of("/usr/bin/python3 " + script + " '" + path.string() + "'")};
  std::set<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.insert(line);
  return lines;
}

void copy_file_set(const fs::path& to) {
  fs::copy(sample_folder() / "fileset", to, fs::copy_options::recursive);
  for (const auto& entry : fs::recursive_directory_iterator{to}) fs::permissions(entry, fs::perms::owner_all);
  fs::remove(to / "DICOMDIR");
}

}  // namespace

TEST_CASE("dcmdump reads the same records of every sample directory") {
  if (!has_samples() || !have("dcmdump")) return;
  for (const auto* name : {"fileset/DICOMDIR", "d4c_DICOMDIR", "pyd_DICOMDIR-bigEnd", "pyd_DICOMDIR-empty.dcm",
                           "pyd_DICOMDIR-implicit", "pyd_DICOMDIR-nooffset", "pyd_DICOMDIR-reordered"}) {
    CAPTURE(name);
    CHECK(records_of(read_media_directory(sample_folder() / name)) == records_by_dcmdump(sample_folder() / name));
  }
}

TEST_CASE("pydicom's FileSet finds the same instances in every sample directory") {
  if (!has_samples() || !have_pydicom()) return;
  for (const auto* name : {"fileset/DICOMDIR", "pyd_DICOMDIR-bigEnd", "pyd_DICOMDIR-implicit", "pyd_DICOMDIR-nooffset",
                           "pyd_DICOMDIR-reordered"}) {
    CAPTURE(name);
    const temporary_folder folder;
    copy_file_set(folder.path());
    fs::copy_file(sample_folder() / name, folder.path() / "DICOMDIR");
    const auto ours = instances_of(read_media_directory(folder.path() / "DICOMDIR"));
    CHECK(ours.size() == 31);
    CHECK(ours == instances_by_pydicom(folder.path() / "DICOMDIR"));
  }
}

TEST_CASE("a directory that we write opens everywhere without complaint and lists every instance") {
  if (!has_samples()) return;
  const temporary_folder folder;
  copy_file_set(folder.path());
  const auto path = folder.path() / "DICOMDIR";
  const auto report = write_media_directory(folder.path());
  CHECK(report.instances == 31);
  CHECK(report.left_out.empty());
  const auto directory = read_media_directory(path, strictness::strict);
  CHECK(instances_of(directory).size() == 31);
  // the same as those who made the sample
  CHECK(instances_of(directory) == instances_of(read_media_directory(sample_folder() / "fileset" / "DICOMDIR")));
  if (have("dcmdump")) {
    CHECK(records_by_dcmdump(path) == records_of(directory));
    CHECK(test_support::output_of("dcmdump '" + path.string() + "' 2>&1 >/dev/null").empty());
  }
  if (have("dciodvfy")) CHECK(test_support::output_of("dciodvfy '" + path.string() + "' 2>&1") == "BasicDirectory\n");
  if (have_pydicom()) CHECK(instances_by_pydicom(path) == instances_of(directory));
  if (have("dcmmkdir")) {  // another's work on the same files
    fs::remove(path);
    test_support::output_of("cd '" + folder.path().string() + "' && dcmmkdir +r +id . +D DICOMDIR 2>&1");
    CHECK(instances_of(read_media_directory(path)) == instances_of(directory));
  }
}

TEST_CASE("all sample files that are objects fit in one directory, with what they lack invented") {
  if (!has_samples()) return;
  const temporary_folder folder;
  std::vector<fs::path> files;
  for (const auto& source : test_support::sample_files()) {
    files.push_back(folder.path() / ("F" + std::to_string(files.size())));
    fs::create_symlink(fs::canonical(source), files.back());
  }
  media_directory_options options;
  options.if_missing = missing_keys::invent;
  const auto report = write_media_directory(folder.path(), files, options);
  CHECK(report.instances + report.left_out.size() == files.size());
  CHECK(report.instances > 250);
  for (const auto& left : report.left_out) {
    CAPTURE(left.path.string());
    CAPTURE(left.reason);
    const bool known = left.reason.starts_with("an object that is listed already") ||
                       left.reason == "not a Part 10 file" || left.reason.starts_with("an object without") ||
                       left.reason.starts_with("no type of directory") ||
                       left.reason.find("deflated") != std::string::npos;
    CHECK(known);
  }
  const auto path = folder.path() / "DICOMDIR";
  const auto directory = read_media_directory(path, strictness::strict);
  std::size_t listed = 0;
  for (const auto& record : directory.records()) listed += record.file_id().empty() ? 0u : 1u;
  CHECK(listed == report.instances);
  if (have("dcmdump")) CHECK(records_by_dcmdump(path) == records_of(directory));
  if (have_pydicom()) CHECK(instances_by_pydicom(path).size() == report.instances);
}
