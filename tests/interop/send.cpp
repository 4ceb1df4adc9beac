// codicom-send to archives and receivers that know nothing of us.
#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

namespace {

report send(const entity& to, std::vector<std::string> more) {
  std::vector<std::string> command{CODICOM_SEND, to.address(), "--json"};
  command.insert(command.end(), more.begin(), more.end());
  const auto result = run(std::move(command), 120s);
  return {result.code, json_lines(result.out), result.err, result.seconds};
}

}  // namespace

TEST_CASE("codicom-send: storescp gets what is there, each object as it is, over several associations") {
  const auto data = samples();
  if (!data || !storescp::available() || !have({"dcmconv"})) return;
  const storescp destination;
  const temp_folder scratch, files;
  int number = 0;
  for (const auto& file : mixed_collection(*data, scratch).all())
    fs::copy_file(file, files.path() / (std::to_string(number++) + ".dcm"));
  write_text(files / "notes.txt", "no DICOM");
  fs::copy_file(*data / "fileset/DICOMDIR", files / "DICOMDIR");
  const auto result = send(destination, {files.path().string(), "--parallel", "3"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("stored") == number);
  CHECK(result.done("failed") == 0);
  CHECK(result.done("passed_over") == 2);
  fs::remove(files / "notes.txt");
  fs::remove(files / "DICOMDIR");
  CHECK(same_objects(by_uid(destination.folder()), by_uid(files)));
}

TEST_CASE("codicom-send: Orthanc gets a pattern's files, and what is no file is said before anything is sent") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  orthanc archive;
  const temp_folder files;
  int number = 0;
  for (const auto& file : mr_study_files(*data)) fs::copy_file(file, files.path() / (std::to_string(number++) + ".dcm"));
  const auto result = send(archive, {(files / "*.dcm").string()});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.count("stored") == 11);
  CHECK(studies_of(archive) == std::vector<std::string>{mr_study});

  write_text(files / "notes.txt", "no DICOM");
  const auto named = send(archive, {(files / "0.dcm").string(), (files / "notes.txt").string()});
  CHECK(named.code == 1);
  CHECK(named.done("stored") == 1);
  REQUIRE(named.all("failed").size() == 1);
  CHECK(named.all("failed")[0]["reason"] == "unreadable");
  CHECK(send(archive, {(files / "nothing-*").string()}).code == 2);
  CHECK(send(archive, {(files / "notes.txt").string()}).code == 5);
}

TEST_CASE("codicom-send --commit: Orthanc reports on an association of its own, codicom-pacs as well") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const temp_folder files;
  int number = 0;
  for (const auto& file : mr_study_files(*data)) fs::copy_file(file, files.path() / (std::to_string(number++) + ".dcm"));
  const auto self = receiver_entity();
  const auto check = [&](const entity& archive) {
    const auto result = send(archive, {files.path().string(), "--commit", "--commit-wait", "30", "--listen",
                                       "127.0.0.1:" + std::to_string(self.port)});
    INFO(archive.aet << ": " << result.err);
    CHECK(result.code == 0);
    CHECK(result.done("stored") == 11);
    CHECK(result.done("committed") == 11);
  };
  const orthanc archive{{.destinations = {self}}};
  check(archive);
  const temp_folder kept;
  const codicom_pacs pacs{kept, {self}};
  check(pacs);
  if (storescp::available()) {
    const storescp keeper;
    const auto refused = send(keeper, {files.path().string(), "--commit"});
    CHECK(refused.code == 1);
    CHECK(refused.done("stored") == 11);
    CHECK(refused.done("committed") == 0);
    CHECK(refused.err.find("not committed") != std::string::npos);
  }
}

TEST_CASE("codicom-send: what a receiver does not take, refuses, or loses has its words and its exit code") {
  const auto data = samples();
  if (!data) return;
  const auto file = mr_study_files(*data)[0].string();
  entity nobody;
  nobody.aet = "NOBODY";
  nobody.port = free_port();
  const auto unreachable = send(nobody, {file});
  CHECK(unreachable.code == 3);
  CHECK(unreachable.done("failed") == 1);
  if (storescp::available()) {
    // It takes compressed objects only (JPEG baseline), and this one is not.
    const auto compressed = (*data / "pyd_SC_rgb_jpeg_dcmtk.dcm").string();
    const storescp plain{"PLAIN", {}};
    const auto result = send(plain, {file, compressed});
    INFO(result.err);
    CHECK(result.code == 1);
    CHECK(result.done("stored") == 1);
    REQUIRE(result.all("failed").size() == 1);
    CHECK(result.all("failed")[0]["reason"] == "not_accepted");
    CHECK(result.err.find("1 file: ") != std::string::npos);
    const auto none = send(plain, {compressed});
    CHECK(none.code == 3);
  }
  if (odil_store::available()) {
    const odil_store refuses{"0xa700,0x0000,0xb000"};
    const auto result = send(refuses, {file, mr_study_files(*data)[1].string(), mr_study_files(*data)[2].string(), "--retries", "3"});
    INFO(result.err);
    CHECK(result.code == 1);
    CHECK(result.done("stored") == 2);
    CHECK(result.done("warnings") == 1);
    REQUIRE(result.all("failed").size() == 1);
    CHECK(result.all("failed")[0]["status"] == "A700");
    CHECK(result.err.find("A700") != std::string::npos);
  }
}
