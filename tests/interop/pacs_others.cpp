// codicom-pacs, driven by programs that share nothing with DCMTK's network stack, and by Orthanc.
#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

namespace {

std::size_t fill(const fs::path& data, const fs::path& folder) {
  const auto files = mr_study_files(data);
  int number = 0;
  for (const auto& file : files) fs::copy_file(file, folder / (std::to_string(number++) + ".dcm"));
  return files.size();
}

}  // namespace

TEST_CASE("PixelMed's C-FIND, C-MOVE and receiver, the tutorial's program, get a study from codicom-pacs") {
  const auto data = samples();
  if (!data || !has_pixelmed_retrieve()) return;
  const temp_folder folder, received;
  const entity self{"PIXEL", free_port()};
  CHECK(fill(*data, folder) == 11);
  codicom_pacs pacs{folder, {self}};
  const auto result = pixelmed_retrieve(pacs, self, received, mr_study);
  INFO(result.all() << pacs.server().all());
  CHECK(result.code == 0);
  CHECK(result.out.find("FOUND 1") != std::string::npos);
  CHECK(result.out.find(std::string{"MOVED "} + mr_study + " status=0x0000") != std::string::npos);
  CHECK(result.out.find("TOTAL 11") != std::string::npos);
  CHECK(count_of(result.out, "RECEIVED ") == 11);
  CHECK(same_objects(by_uid(received), by_uid(folder)));
}

TEST_CASE("odil echoes, finds and stores") {
  const auto data = samples();
  if (!data || !have({"odil"})) return;
  const temp_folder folder;
  const codicom_pacs pacs{folder};
  const auto port = std::to_string(pacs.port);
  const auto echo = run({"odil", "echo", "127.0.0.1", port, "ODIL", pacs.aet});
  CHECK_MESSAGE(echo.code == 0, echo.all());
  std::vector<std::string> store{"odil", "store", "127.0.0.1", port, "ODIL", pacs.aet};
  for (const auto& file : mr_study_files(*data)) store.push_back(file.string());
  const auto stored = run(store);
  CHECK_MESSAGE(stored.code == 0, stored.all());
  CHECK(by_uid(folder).size() == 11);
  const auto found = run({"odil", "find", "127.0.0.1", port, "ODIL", pacs.aet, "study", "QueryRetrieveLevel=STUDY",
                          "StudyInstanceUID", "PatientID"});
  CHECK_MESSAGE(found.code == 0, found.all());
  CHECK(found.all().find(mr_study) != std::string::npos);
}

TEST_CASE("Orthanc echoes, stores, queries, and retrieves back to itself") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const temp_folder folder;
  orthanc orthanc;
  CHECK(orthanc.load(mr_study_files(*data)));
  codicom_pacs pacs{folder, {orthanc}};
  orthanc.add(pacs);
  CHECK(orthanc.rest("POST", "/modalities/CODIPACS/echo", "{}").find("HttpError") == std::string::npos);
  const auto studies = orthanc.rest("GET", "/studies");
  const auto id = studies.substr(studies.find('"') + 1, 44);
  const auto stored = orthanc.rest("POST", "/modalities/CODIPACS/store", "[\"" + id + "\"]");
  CHECK_MESSAGE(stored.find("\"FailedInstancesCount\" : 0") != std::string::npos, stored);
  CHECK(by_uid(folder).size() == 11);

  orthanc.rest("DELETE", "/studies/" + id);
  const auto query = orthanc.rest("POST", "/modalities/CODIPACS/query",
                                  R"({"Level":"Study","Query":{"PatientName":"*","StudyInstanceUID":""}})");
  const auto at = query.find("\"/queries/");
  REQUIRE_MESSAGE(at != std::string::npos, query);
  const auto path = query.substr(at + 1, query.find('"', at + 1) - at - 1);
  const auto answer = orthanc.rest("POST", path + "/answers/0/retrieve", R"({"TargetAet":"ORTHANC","Synchronous":true})");
  CHECK_MESSAGE(orthanc.rest("GET", "/statistics").find("\"CountInstances\" : 11") != std::string::npos,
                answer << pacs.server().all());
}
