// The files we write, opened by programs that are not ours: nothing to complain of that the source did not have.
#include "harness/checks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <sstream>

using namespace interop;

namespace {

// The lines that hold any of the words, without the file's name.
std::set<std::string> complaints(const std::string& text, const fs::path& file, const std::vector<std::string>& words) {
  std::set<std::string> found;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) {
    if (std::none_of(words.begin(), words.end(), [&](const auto& word) { return line.find(word) != std::string::npos; })) continue;
    for (const auto& name : {file.string(), file.filename().string()})
      for (auto at = line.find(name); at != std::string::npos; at = line.find(name)) line.erase(at, name.size());
    found.insert(line);
  }
  return found;
}

std::set<std::string> ask(const std::string& program, const fs::path& file) {
  if (program == "dcmdump") {
    const auto result = run({"dcmdump", "-v", file.string()});
    auto found = complaints(result.err, file, {"W:", "E:", "F:"});
    if (result.code != 0) found.insert("exit code " + std::to_string(result.code));
    return found;
  }
  if (program == "pydicom") {
    const auto result = run({"/usr/bin/python3", "-W", "always", "-c",
                             "import sys, pydicom\nstr(pydicom.dcmread(sys.argv[1]))", file.string()});
    auto found = complaints(result.err, file, {"Warning", "Error"});
    if (result.code != 0) found.insert("exit code " + std::to_string(result.code));
    return found;
  }
  if (program == "dciodvfy") {
    const auto result = run({"dciodvfy", file.string()});
    return complaints(result.all(), file, {"Error", "Warning"});
  }
  const auto result = run({program, file.string()});  // gdcmdump, gdcminfo
  auto found = complaints(result.err, file, {"Warning", "Error", "Failed", "failed"});
  if (result.code != 0) found.insert("exit code " + std::to_string(result.code));
  return found;
}

std::string joined(const std::set<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += "\n  " + line;
  return text;
}

void check_no_new_complaints(const fs::path& written, const fs::path& source) {
  for (const char* program : {"dcmdump", "pydicom", "gdcmdump", "gdcminfo", "dciodvfy"}) {
    const auto ours = ask(program, written);
    if (ours.empty()) continue;
    const auto before = ask(program, source);
    std::set<std::string> more;
    std::set_difference(ours.begin(), ours.end(), before.begin(), before.end(), std::inserter(more, more.end()));
    CHECK_MESSAGE(more.empty(), program << " on what we wrote of " << source.filename().string() << ':' << joined(more));
  }
}

bool ready() {
  if (!have({"dcmdump", "gdcmdump", "gdcminfo", "dciodvfy", "/usr/bin/python3"})) return false;
  const bool pydicom = run({"/usr/bin/python3", "-c", "import pydicom"}).code == 0;
  if (!pydicom) MESSAGE("skipped: there is no Python module pydicom");
  return pydicom;
}

// One of each kind.
std::vector<fs::path> kinds(const fs::path& samples, const fs::path& scratch) {
  auto files = mixed_collection(samples, scratch);
  std::vector<fs::path> some{samples / "qr_study/P1/ST1/SE1/IM001.dcm", samples / "series_mr_d4c/MR01.dcm"};
  for (const auto& file : files.all())
    if (file.parent_path() == samples || file.filename() == "rtstruct.dcm") some.push_back(file);
  return some;
}

}  // namespace

TEST_CASE("what codicom-retrieve writes opens everywhere with nothing to complain of that the source did not have") {
  const auto data = samples();
  if (!data || !orthanc::available() || !ready()) return;
  const auto self = receiver_entity();
  const temp_folder scratch, folder;
  orthanc archive{{.destinations = {self}}};
  const auto files = kinds(*data, scratch);
  CHECK_MESSAGE(archive.load(files), archive.load_log);
  const auto result = retrieve(archive, self, folder, {"-k", "StudyInstanceUID"});
  INFO(result.err);
  CHECK(result.code == 0);
  const auto written = by_uid(folder);
  CHECK(written.size() == files.size());
  for (const auto& file : files) {
    const auto ours = written.find(read_part10(file).sop_instance_uid);
    CHECK_MESSAGE(ours != written.end(), file.string());
    if (ours != written.end()) check_no_new_complaints(ours->second, file);
  }
}

TEST_CASE("what the library encodes itself opens everywhere without a complaint") {
  if (!ready()) return;
  const temp_folder folder;
  const auto made = run({CODICOM_MAKE_STUDIES, folder.path().string()});
  CHECK_MESSAGE(made.code == 0, made.all());
  const auto files = files_below(folder);
  CHECK(files.size() >= 3);
  for (const char* program : {"dcmdump", "pydicom", "gdcmdump", "gdcminfo"}) {
    const auto found = ask(program, files.front());
    CHECK_MESSAGE(found.empty(), program << ':' << joined(found));
  }
  const auto result = run({"dciodvfy", files.front().string()});
  CHECK_MESSAGE(result.all().find("Error") == std::string::npos, result.all());
}
