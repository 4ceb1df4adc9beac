// codicom-pacs, driven by DCMTK's tools.
#include "harness/checks.hpp"

#include <doctest/doctest.h>

#include <regex>

using namespace interop;

namespace {

bool ready() { return storescp::available() && have({"storescu", "findscu", "movescu", "echoscu", "dcmconv"}); }

fs::path copies_of(const std::vector<fs::path>& files, const fs::path& folder) {
  int number = 0;
  for (const auto& file : files) fs::copy_file(file, folder / (std::to_string(number++) + ".dcm"));
  return folder;
}

std::string find(const entity& archive, const std::vector<std::string>& keys, const char* model = "-S") {
  std::vector<std::string> command{"findscu", "-v", model, "-aec", archive.aet};
  for (const auto& key : keys) command.insert(command.end(), {"-k", key});
  command.insert(command.end(), {"127.0.0.1", std::to_string(archive.port)});
  const auto result = run(command);
  CHECK_MESSAGE(result.code == 0, result.all());
  return result.all();
}
std::size_t matches(const std::string& log) { return count_of(log, "(Pending"); }

std::string value_of(const std::string& log, const std::string& tag) {
  const std::regex value{"\\(" + tag + "\\) [A-Z][A-Z] \\[([^\\]]*)\\]"};
  std::smatch found;
  std::string text = std::regex_search(log, found, value) ? found[1].str() : "";
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("codicom-pacs says where it listens, answers C-ECHO, and ends with 0 on SIGTERM") {
  if (!have({"echoscu"})) return;
  const temp_folder folder;
  codicom_pacs pacs{folder};
  CHECK(pacs.server().all().find("listening on 127.0.0.1:" + std::to_string(pacs.port) + " as CODIPACS") != std::string::npos);
  const auto echo = run({"echoscu", "-v", "-aec", pacs.aet, "127.0.0.1", std::to_string(pacs.port)});
  INFO(echo.all());
  CHECK(echo.code == 0);
  CHECK(pacs.server().stop() == 0);
}

TEST_CASE("termscu ends nothing: its context is refused, and the archive stays up") {
  if (!have({"termscu", "echoscu"})) return;
  const temp_folder folder;
  codicom_pacs pacs{folder};
  const auto port = std::to_string(pacs.port);
  const auto shutdown = run({"termscu", "-v", "-aec", pacs.aet, "127.0.0.1", port});
  INFO(shutdown.all());
  CHECK(shutdown.code != 0);
  CHECK(shutdown.all().find("No Acceptable Presentation Contexts") != std::string::npos);
  CHECK(run({"echoscu", "-aec", pacs.aet, "127.0.0.1", port}).code == 0);
  CHECK(pacs.server().stop() == 0);
}

TEST_CASE("what storescu sends is kept as it was sent, in every syntax, and found and moved at once") {
  const auto data = samples();
  if (!data || !ready()) return;
  const temp_folder folder, scratch;
  const storescp destination;
  codicom_pacs pacs{folder, {destination}};
  const auto files = mixed_collection(*data, scratch);
  // storescu offers the syntax of its file only where it is told to: one run for each. It changes what it sends a
  // little (trailing padding falls away), so what storescp gets of it is the measure.
  const storescp reference{"REFERENCE"};
  const auto send = [&](std::vector<fs::path> what, std::vector<std::string> options) {
    for (const entity& to : {entity{pacs}, entity{reference}}) {
      std::vector<std::string> command{"storescu", "-v", "-R", "-aec", to.aet};
      command.insert(command.end(), options.begin(), options.end());
      command.insert(command.end(), {"127.0.0.1", std::to_string(to.port)});
      for (const auto& file : what) command.push_back(file.string());
      const auto result = run(command, 180s);
      CHECK_MESSAGE(result.code == 0, result.all());
    }
  };
  send(files.uncompressed, {});
  send({*data / "cs_CTImage_JPEGProcess1.dcm", *data / "pyd_SC_rgb_jpeg_dcmtk.dcm"}, {"-xy"});
  send({*data / "d4c_CT-JPEGLosslessSV1.dcm", *data / "dcmjs_sample-op.dcm"}, {"-xs"});
  send({*data / "d4c_US-PAL-8-10x-echo", *data / "wg4_MR4_RLE"}, {"-xr"});

  const auto stored = by_uid(folder);
  CHECK(stored.size() == files.uncompressed.size() + 6);
  check_only_complete_files(folder);
  CHECK(same_objects(stored, by_uid(reference.folder())));

  const auto studies = studies_of(pacs);
  CHECK(studies.size() >= 10);
  for (const auto& study : studies) {
    const auto moved = movescu(pacs, destination, study);
    CHECK_MESSAGE(moved.code == 0, moved.all());
    const auto responses = move_responses(moved.all());
    REQUIRE(!responses.empty());
    CHECK(responses.back().status == 0);
    check_counts(responses, responses.back().completed.value_or(-1));
  }
  CHECK(same_objects(by_uid(destination.folder()), stored));
}

TEST_CASE("the same object sent twice is kept once") {
  const auto data = samples();
  if (!data || !ready()) return;
  const temp_folder folder;
  const codicom_pacs pacs{folder};
  const auto file = mr_study_files(*data).at(0);
  for (int i = 0; i < 2; ++i)
    CHECK(run({"storescu", "-aec", pacs.aet, "127.0.0.1", std::to_string(pacs.port), file.string()}).code == 0);
  CHECK(files_below(folder).size() == 1);
}

TEST_CASE("findscu: all four levels, wildcards, lists, ranges, names that are not ASCII") {
  const auto data = samples();
  if (!data || !ready()) return;
  const temp_folder folder;
  fs::copy(*data / "qr_study", folder.path(), fs::copy_options::recursive);
  const codicom_pacs pacs{folder};

  const auto patients = find(pacs, {"QueryRetrieveLevel=PATIENT", "PatientID", "PatientName"}, "-P");
  CHECK(matches(patients) == 3);
  const auto studies = find(pacs, {"QueryRetrieveLevel=STUDY", "StudyInstanceUID", "PatientID", "StudyDate"});
  CHECK(matches(studies) == 4);
  CHECK(matches(find(pacs, {"QueryRetrieveLevel=STUDY", "StudyInstanceUID", "PatientName=DOE^J*"})) >= 1);  // case
  const auto one = find(pacs, {"QueryRetrieveLevel=STUDY", "StudyInstanceUID", "AccessionNumber=ACC1001"});
  CHECK(matches(one) == 1);
  const auto study = value_of(one, "0020,000d");
  CHECK(study == "2.25.292903589442002417934823363599461202");
  CHECK(matches(find(pacs, {"QueryRetrieveLevel=STUDY", "StudyInstanceUID", "StudyDate=20240115-20240115"})) >= 1);
  CHECK(matches(find(pacs, {"QueryRetrieveLevel=STUDY", "StudyInstanceUID", "StudyDate=19000101-19000102"})) == 0);
  CHECK(matches(find(pacs, {"QueryRetrieveLevel=STUDY", "StudyInstanceUID=" + study + "\\1.2.3"})) == 1);
  const auto series = find(pacs, {"QueryRetrieveLevel=SERIES", "StudyInstanceUID=" + study, "SeriesInstanceUID", "Modality"});
  CHECK(matches(series) >= 1);
  const auto images = find(pacs, {"QueryRetrieveLevel=IMAGE", "StudyInstanceUID=" + study,
                                  "SeriesInstanceUID=" + value_of(series, "0020,000e"), "SOPInstanceUID", "InstanceNumber"});
  CHECK(matches(images) == 12);
  // An optional key that is not supported is not matched against; the status tells (FF01), and it stays a match.
  const auto warned = find(pacs, {"QueryRetrieveLevel=STUDY", "StudyInstanceUID=" + study, "RouteOfAdmissions=X"});
  CHECK(matches(warned) == 1);
  // Names of the second patient group are in ISO_IR 192, with ideographs.
  CHECK(matches(find(pacs, {"QueryRetrieveLevel=PATIENT", "SpecificCharacterSet=ISO_IR 192", "PatientID",
                            "PatientName=*\xE5\xB1\xB1\xE7\x94\xB0*"}, "-P")) <= 1);
}

TEST_CASE("movescu gets a study, a series and one image; the counts of every response add up") {
  const auto data = samples();
  if (!data || !ready()) return;
  const temp_folder folder;
  const storescp destination;
  const codicom_pacs pacs{copies_of(mr_study_files(*data), folder), {destination}};
  const auto moved = movescu(pacs, destination, mr_study);
  CHECK_MESSAGE(moved.code == 0, moved.all());
  const auto responses = move_responses(moved.all());
  check_counts(responses, 11);
  CHECK(responses.size() >= 11);
  CHECK(responses.back().completed == 11);
  CHECK(same_objects(by_uid(destination.folder()), by_uid(folder)));

  const auto series = value_of(find(pacs, {"QueryRetrieveLevel=SERIES", std::string{"StudyInstanceUID="} + mr_study,
                                           "SeriesInstanceUID"}), "0020,000e");
  const auto images = find(pacs, {"QueryRetrieveLevel=IMAGE", std::string{"StudyInstanceUID="} + mr_study,
                                  "SeriesInstanceUID=" + series, "SOPInstanceUID"});
  const auto one = run({"movescu", "-d", "-S", "-aet", "MOVESCU", "-aem", "DEST", "-aec", pacs.aet, "-k",
                        "QueryRetrieveLevel=IMAGE", "-k", std::string{"StudyInstanceUID="} + mr_study, "-k",
                        "SeriesInstanceUID=" + series, "-k", "SOPInstanceUID=" + value_of(images, "0008,0018"),
                        "127.0.0.1", std::to_string(pacs.port)});
  CHECK(one.code == 0);
  check_counts(move_responses(one.all()), 1);
  const auto some = run({"movescu", "-d", "-S", "-aet", "MOVESCU", "-aem", "DEST", "-aec", pacs.aet, "-k",
                         "QueryRetrieveLevel=SERIES", "-k", std::string{"StudyInstanceUID="} + mr_study, "-k",
                         "SeriesInstanceUID=" + series, "127.0.0.1", std::to_string(pacs.port)});
  CHECK(some.code == 0);
  check_counts(move_responses(some.all()), static_cast<int>(matches(images)));
}

TEST_CASE("movescu receives on its own port what it asks for") {
  const auto data = samples();
  if (!data || !ready()) return;
  const temp_folder folder, received;
  const entity self{"MOVESCU", free_port()};
  const codicom_pacs pacs{copies_of(mr_study_files(*data), folder), {self}};
  const auto moved = movescu(pacs, self, mr_study, {"+P", std::to_string(self.port), "+B"}, received);
  CHECK_MESSAGE(moved.code == 0, moved.all());
  CHECK(same_objects(by_uid(received), by_uid(folder)));
}

TEST_CASE("C-CANCEL stops a C-MOVE within one further sub-operation") {
  const auto data = samples();
  if (!data || !ready()) return;
  const temp_folder folder;
  const storescp slow{"SLOW", {"+xa", "--sleep-after", "1"}};
  const codicom_pacs pacs{copies_of(mr_study_files(*data), folder), {slow}};
  const auto moved = movescu(pacs, slow, mr_study, {"--cancel", "2"});
  const auto responses = move_responses(moved.all());
  INFO(moved.all());
  check_counts(responses, 11);
  CHECK(responses.back().status == 0xFE00);
  // The C-CANCEL goes out after the second response; at most the sub-operation under way then is finished.
  const int then = responses.at(1).completed.value_or(0);
  CHECK(responses.back().completed.value_or(99) <= then + 1);
  CHECK(slow.files() <= static_cast<std::size_t>(then + 1));
}

TEST_CASE("C-MOVE: unknown destination gives A801, one that does not answer A702, one that refuses an object B000") {
  const auto data = samples();
  if (!data || !ready()) return;
  const temp_folder folder;
  const entity dead{"DEAD", free_port()};
  std::vector<entity> peers{dead};
  std::unique_ptr<odil_store> refusing;
  if (odil_store::available()) {
    refusing = std::make_unique<odil_store>("0000,0000,A700,0000", "REFUSER");
    peers.push_back(*refusing);
  }
  const codicom_pacs pacs{copies_of(mr_study_files(*data), folder), peers};

  const auto unknown = move_responses(movescu(pacs, {"STRANGER", 1}, mr_study).all());
  REQUIRE(unknown.size() == 1);
  CHECK(unknown.back().status == 0xA801);

  const auto refused = movescu(pacs, dead, mr_study).all();
  REQUIRE(!move_responses(refused).empty());
  CHECK(move_responses(refused).back().status == 0xA702);
  CHECK(move_responses(refused).back().failed == 11);
  CHECK(refused.find("(0008,0058)") != std::string::npos);

  if (refusing) {
    const auto partly = movescu(pacs, *refusing, mr_study).all();
    const auto responses = move_responses(partly);
    check_counts(responses, 11);
    CHECK(responses.back().status == 0xB000);
    CHECK(responses.back().completed == 10);
    CHECK(responses.back().failed == 1);
    CHECK(partly.find("(0008,0058)") != std::string::npos);
  }

  const auto none = move_responses(movescu(pacs, dead, "1.2.3").all());
  REQUIRE(none.size() == 1);
  CHECK(none.back().status == 0);
}

TEST_CASE("codicom-retrieve gets everything from codicom-pacs that storescp gets from it") {
  const auto data = samples();
  if (!data || !ready()) return;
  const temp_folder folder, received;
  const auto self = receiver_entity();
  const codicom_pacs pacs{copies_of(mixed_collection(*data, folder).all(), folder.make("copies")), {self}};
  fs::remove(folder / "large.dcm"), fs::remove(folder / "rtstruct.dcm");
  const auto result = retrieve(pacs, self, received, {"-k", "StudyInstanceUID"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(same_objects(by_uid(received), by_uid(folder / "copies")));
}
