// The same queries asked of codicom-pacs, Orthanc and dcmqrscp over the same files, by findscu. Where a peer answers
// otherwise, the row says so and why: docs/matching.md lists these.
#include "harness/checks.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace interop;

namespace {

constexpr int refused = -1;
constexpr int same = -2;

struct question {
  std::string name, level;
  std::vector<std::string> keys;
  int ours;  // matches, or refused
  int orthanc = same, dcmqrscp = same;
};

const std::string ct_study = "StudyInstanceUID=2.25.292903589442002417934823363599461202";
const std::string ct_series = "SeriesInstanceUID=2.25.181530329114895426724859972236268376";
const std::string utf8 = "SpecificCharacterSet=ISO_IR 192";

// Four studies: Doe^Jane (CT, MR), Müller^Jörg (CT, in ISO_IR 100), Yamada^Tarou=山田^太郎=やまだ^たろう (MR).
const std::vector<question> questions{
    {"universal", "STUDY", {}, 4},
    {"a name that begins", "STUDY", {"PatientName=Doe*"}, 2},
    {"a name in capitals", "STUDY", {"PatientName=DOE*"}, 2, same, 0},
    {"a single name", "STUDY", {"PatientName=Doe^Jane"}, 2},
    {"a single name, case", "STUDY", {"PatientName=doe^JANE"}, 2, same, 0},
    {"empty components at the end", "STUDY", {"PatientName=Doe^Jane^^^"}, 2, 0, 0},
    {"the family name alone", "STUDY", {"PatientName=Doe"}, 0},
    {"one character", "STUDY", {"PatientName=Do?^Jane"}, 2},
    {"within", "STUDY", {"PatientName=*Jan*"}, 2},
    {"stars", "STUDY", {"PatientName=**"}, 4},
    {"another order", "STUDY", {"PatientName=Jane^Doe"}, 0},
    {"text, not bytes", "STUDY", {utf8, "PatientName=Müller*"}, 1},
    {"text, not bytes, case", "STUDY", {utf8, "PatientName=MÜLLER*"}, 1, same, 0},
    {"without the accent", "STUDY", {"PatientName=Muller*"}, 0},
    {"ideographs within", "STUDY", {utf8, "PatientName=*山田*"}, 1},
    {"the ideographic group", "STUDY", {utf8, "PatientName=山田^太郎"}, 1, 0, 0},
    {"the alphabetic group", "STUDY", {"PatientName=Yamada^Tarou"}, 1, 0, 0},
    {"the alphabetic group begins", "STUDY", {"PatientName=Yamada^Tarou*"}, 1},
    {"the second group", "STUDY", {utf8, "PatientName==山田*"}, 1, 0, 0},
    {"an ID", "STUDY", {"PatientID=PAT001"}, 2},
    {"an ID, case", "STUDY", {"PatientID=pat001"}, 0},
    {"IDs that begin", "STUDY", {"PatientID=PAT*"}, 4},
    {"one character of an ID", "STUDY", {"PatientID=PAT00?"}, 4},
    {"the beginning of an ID without a star", "STUDY", {"PatientID=PAT0"}, 0},
    {"an ID with spaces around it", "STUDY", {"PatientID= PAT001 "}, 2, 0, same},
    {"an accession number", "STUDY", {"AccessionNumber=ACC1001"}, 1},
    {"accession numbers", "STUDY", {"AccessionNumber=ACC1*"}, 2},
    {"two characters", "STUDY", {"AccessionNumber=ACC?00?"}, 4},
    {"a date", "STUDY", {"StudyDate=20240115"}, 1},
    {"dates", "STUDY", {"StudyDate=20240101-20240331"}, 2},
    {"dates from", "STUDY", {"StudyDate=20240301-"}, 2},
    {"dates to", "STUDY", {"StudyDate=-20231231"}, 1},
    {"dates reversed", "STUDY", {"StudyDate=20241231-20240101"}, 0},
    {"a time", "STUDY", {"StudyTime=083000"}, 1},
    {"an hour", "STUDY", {"StudyTime=08"}, 1, 0, 0},
    {"times", "STUDY", {"StudyTime=080000-130000"}, 2},
    {"times in minutes", "STUDY", {"StudyTime=0800-1200"}, 2, 1, same},
    {"times to", "STUDY", {"StudyTime=-0830"}, 1, 0, same},
    {"times over midnight", "STUDY", {"StudyTime=2300-0900"}, 0},
    {"ranges of date and time, each for itself", "STUDY", {"StudyDate=20240115-20240620", "StudyTime=1000-1300"}, 1},
    {"a UID", "STUDY", {ct_study}, 1},
    {"UIDs", "STUDY", {ct_study + "\\1.2.3"}, 1},
    {"a UID has no wild card", "STUDY", {"StudyInstanceUID=2.25.2929*"}, 0, refused, same},
    {"Modalities in Study", "STUDY", {"ModalitiesInStudy=CT"}, 2, same, 4},
    {"one of two modalities", "STUDY", {"ModalitiesInStudy=CT\\MR"}, 4},
    {"a description", "STUDY", {"StudyDescription=*THORAX*"}, 1},
    {"a description, case", "STUDY", {"StudyDescription=ct thorax"}, 0},
    {"the patient's sex", "STUDY", {"PatientSex=M"}, 2},
    {"dates of birth", "STUDY", {"PatientBirthDate=19500101-19620101"}, 3},
    {"empty values, not negotiated", "STUDY", {"AccessionNumber=\"\""}, 0},
    {"a modality", "SERIES", {ct_study, "Modality=CT"}, 2},
    {"another modality", "SERIES", {ct_study, "Modality=MR"}, 0},
    {"a series number", "SERIES", {ct_study, "SeriesNumber=1"}, 1},
    {"a series number as a number", "SERIES", {ct_study, "SeriesNumber=01"}, 1, 0, 0},
    {"a series description", "SERIES", {ct_study, "SeriesDescription=AXIAL*"}, 2},
    {"an instance number", "IMAGE", {ct_study, ct_series, "InstanceNumber=2"}, 1},
    {"all images of a series", "IMAGE", {ct_study, ct_series}, 12},
    {"instances by UID", "IMAGE", {ct_study, ct_series,
      "SOPInstanceUID=2.25.810382003399810312622074776539430796\\2.25.614478961320349749721385618912344389"}, 2},
    {"relational, not negotiated", "IMAGE", {ct_study}, refused, 24, same},
    {"series without their study", "SERIES", {}, refused, 7, same},
};

int ask(const entity& archive, const question& asked) {
  const std::string own = asked.level == "STUDY"    ? "StudyInstanceUID"
                          : asked.level == "SERIES" ? "SeriesInstanceUID"
                                                    : "SOPInstanceUID";
  std::vector<std::string> command{"findscu", "-v", "-S", "-aec", archive.aet, "-k", "QueryRetrieveLevel=" + asked.level};
  bool has_own = false;
  for (const auto& key : asked.keys) {
    command.insert(command.end(), {"-k", key});
    has_own |= key.find(own + "=") == 0;
  }
  if (!has_own) command.insert(command.end(), {"-k", own});
  command.insert(command.end(), {"127.0.0.1", std::to_string(archive.port)});
  const auto result = run(command);
  if (count_of(result.all(), "Final Find Response (Success") == 0) return refused;
  return static_cast<int>(count_of(result.all(), "(Pending"));
}

void check(const entity& archive, int question::*exception) {
  for (const auto& each : questions) {
    CAPTURE(each.name);
    const int expected = exception == nullptr || each.*exception == same ? each.ours : each.*exception;
    CHECK(ask(archive, each) == expected);
  }
}

std::vector<fs::path> studies(const fs::path& data) {
  auto files = files_below(data / "qr_study");
  std::erase_if(files, [](const fs::path& file) { return file.extension() != ".dcm"; });
  return files;
}

}  // namespace

TEST_CASE("codicom-pacs matches as the table says") {
  const auto data = samples();
  if (!data || !have({"findscu"})) return;
  const temp_folder folder;
  fs::copy(*data / "qr_study", folder.path(), fs::copy_options::recursive);
  const codicom_pacs pacs{folder};
  check(pacs, nullptr);
}

TEST_CASE("Orthanc answers the same queries the same, but for the differences listed") {
  const auto data = samples();
  if (!data || !orthanc::available() || !have({"findscu"})) return;
  orthanc archive;
  CHECK_MESSAGE(archive.load(studies(*data)), archive.load_log);
  check(archive, &question::orthanc);
}

TEST_CASE("dcmqrscp answers the same queries the same, but for the differences listed") {
  const auto data = samples();
  if (!data || !dcmqrscp::available()) return;
  dcmqrscp archive{{}};
  CHECK_MESSAGE(archive.load(studies(*data)), archive.load_log);
  check(archive, &question::dcmqrscp);
}

TEST_CASE("codicom-pacs --relational answers without the unique keys of the levels above") {
  const auto data = samples();
  if (!data || !have({"findscu"})) return;
  const temp_folder folder;
  fs::copy(*data / "qr_study", folder.path(), fs::copy_options::recursive);
  const codicom_pacs pacs{folder, {}, {"--relational"}};
  CHECK(ask(pacs, {"", "IMAGE", {ct_study}, 0}) == 24);
  CHECK(ask(pacs, {"", "SERIES", {}, 0}) == 7);
}
