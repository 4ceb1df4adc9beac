// codicom-find asks Orthanc, dcmqrscp and wlmscpfs.
#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

namespace {

outcome find(const entity& peer, std::vector<std::string> more) {
  std::vector<std::string> command{CODICOM_FIND, peer.address()};
  command.insert(command.end(), more.begin(), more.end());
  return run(std::move(command), 60s);
}

std::size_t matches(const entity& peer, std::vector<std::string> more) {
  more.push_back("--json");
  const auto result = find(peer, std::move(more));
  CHECK_MESSAGE(result.code == 0, result.err);
  std::size_t count = 0;
  for (const auto& line : json_lines(result.out)) count += line.value("event", "") == "match";
  return count;
}

std::vector<fs::path> study_files(const fs::path& samples) {
  std::vector<fs::path> files;
  for (const auto& file : files_below(samples / "qr_study"))
    if (file.extension() == ".dcm") files.push_back(file);
  return files;
}

// Names outside ASCII match, at every level and whatever else the keys are written in: the request names its set.
void check_names(const entity& archive) {
  for (const char* level : {"patient", "study", "series"})
    CHECK_MESSAGE(matches(archive, {"--level", level, "-k", "PatientName=Müller*"}) == 1, level);
  CHECK(matches(archive, {"--level", "image", "-k", "PatientName=Müller*"}) >= 1);
  CHECK(matches(archive, {"-k", "PatientName=Müller*", "-k", "SpecificCharacterSet=ISO_IR 100"}) == 1);
  CHECK(matches(archive, {"-k", "PatientName=*山田*"}) == 1);
  CHECK(matches(archive, {"-k", "PatientName=*山本*"}) == 0);
  const auto table = find(archive, {"-k", "PatientName=Müller*"});
  CHECK(table.out.find("Müller^Jörg") != std::string::npos);
  const temp_folder folder;
  const auto got = retrieve(archive, receiver_entity(), folder, {"--get", "-k", "PatientName=Müller*"});
  CHECK_MESSAGE(got.code == 0, got.err);
  CHECK(got.done("studies") == 1);
}

// Four studies, of Doe^Jane (PAT001: CT, MR), Müller^Jörg and Yamada^Tarou.
void check_levels(const entity& archive) {
  const std::string study = "StudyInstanceUID=2.25.292903589442002417934823363599461202";
  CHECK(matches(archive, {"--level", "patient"}) == 3);
  CHECK(matches(archive, {"-k", "PatientName=Doe*"}) == 2);
  CHECK(matches(archive, {"--model", "patient", "-k", "PatientID=PAT001", "-k", "StudyInstanceUID"}) == 2);
  const auto series = matches(archive, {"--level", "series", "-k", study});
  CHECK(series >= 1);
  CHECK(matches(archive, {"--level", "series", "-k", "PatientName=Doe*"}) > series);  // level by level
  CHECK(matches(archive, {"--level", "image", "-k", study}) >= series);

  const auto table = find(archive, {"-k", "PatientID=PAT001"});
  CHECK(table.code == 0);
  CHECK(table.out.find("StudyDate") == 0);
  CHECK(count_of(table.out, "Doe^Jane") == 2);
  CHECK(find(archive, {"-k", "PatientID=NOBODY"}).out.empty());

  const auto limited = find(archive, {"--limit", "2", "--json"});
  CHECK_MESSAGE(limited.code == 0, limited.err);
  CHECK(count_of(limited.out, "\"event\":\"match\"") == 2);
  CHECK(limited.out.find("\"limited\":true") != std::string::npos);
}

}  // namespace

TEST_CASE("codicom-find: Orthanc answers at every level, and codicom-retrieve reads the CSV") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  orthanc archive;
  REQUIRE_MESSAGE(archive.load(study_files(*data)), archive.load_log);
  check_levels(archive);
  check_names(archive);

  const temp_folder scratch, folder;
  const auto csv = find(archive, {"-k", "PatientID=PAT001", "--csv"});
  CHECK(csv.code == 0);
  CHECK(count_of(csv.out, "\n") == 3);
  write_text(scratch / "list.csv", csv.out);
  const auto planned = retrieve(archive, receiver_entity(), folder, {"--dry-run", "--from", (scratch / "list.csv").string()});
  INFO(planned.err);
  CHECK(planned.code == 0);
  CHECK(planned.all("planned").size() == 2);
}

TEST_CASE("codicom-find: dcmqrscp answers at every level") {
  const auto data = samples();
  if (!data || !dcmqrscp::available()) return;
  dcmqrscp archive{{}, false};
  REQUIRE_MESSAGE(archive.load(study_files(*data)), archive.load_log);
  check_levels(archive);
  check_names(archive);
}

TEST_CASE("codicom-find: codicom-pacs answers at every level") {
  const auto data = samples();
  if (!data) return;
  const temp_folder folder;
  fs::copy(*data / "qr_study", folder.path(), fs::copy_options::recursive);
  const codicom_pacs archive{folder};
  check_levels(archive);
  check_names(archive);
}

TEST_CASE("codicom-find: nobody there, and an archive that has no such class") {
  entity nobody;
  nobody.aet = "NOBODY";
  nobody.port = free_port();
  CHECK(find(nobody, {}).code == 3);
  if (!storescp::available()) return;
  const storescp keeper;
  const auto refused = find(keeper, {"-k", "PatientName=*"});
  CHECK(refused.code == 3);
  CHECK(refused.err.find("Study Root") != std::string::npos);
}

TEST_CASE("codicom-find: a worklist, as wlmscpfs has it") {
  if (!have({"wlmscpfs", "dump2dcm", "echoscu"})) return;
  const temp_folder folder;
  fs::create_directories(folder / "WORKLIST");
  write_text(folder / "WORKLIST/lockfile", "");
  const auto item = [&folder](int number, const std::string& modality) {
    const auto n = std::to_string(number);
    write_text(folder / "item.dump", "(0008,0005) CS [ISO_IR 100]\n(0008,0050) SH [ACC" + n +
                                         "]\n(0010,0010) PN [DOE^JANE" + n + "]\n(0010,0020) LO [P" + n +
                                         "]\n(0010,0030) DA [19700101]\n(0010,0040) CS [F]\n(0020,000d) UI [1.2.3." + n +
                                         "]\n(0032,1032) PN [NOBODY]\n(0032,1060) LO [Chest]\n(0040,0100) SQ\n(fffe,e000) na\n(0008,0060) CS [" +
                                         modality + "]\n(0040,0001) AE [SCANNER]\n(0040,0002) DA [20261123]\n(0040,0003) TM [08000" + n +
                                         "]\n(0040,0006) PN [SMITH]\n(0040,0007) LO [Chest]\n(0040,0009) SH [STEP" + n +
                                         "]\n(fffe,e00d) na\n(fffe,e0dd) na\n(0040,1001) SH [RP" + n + "]\n(0040,1003) SH [LOW]\n");
    const auto made = run({"dump2dcm", (folder / "item.dump").string(), (folder / ("WORKLIST/" + n + ".wl")).string()});
    REQUIRE_MESSAGE(made.code == 0, made.all());
  };
  item(1, "CT"), item(2, "MR"), item(3, "CT");
  entity worklist;
  worklist.aet = "WORKLIST";
  worklist.port = free_port();
  process server{{"wlmscpfs", "-dfp", folder.path().string(), std::to_string(worklist.port)}};
  await_echo(worklist, server);
  CHECK(matches(worklist, {"-W"}) == 3);
  CHECK(matches(worklist, {"-W", "-k", "ScheduledProcedureStepSequence[0].Modality=CT"}) == 2);
  CHECK(matches(worklist, {"--model", "worklist", "-k", "PatientName=DOE^JANE2"}) == 1);
  const auto table = find(worklist, {"-W", "-k", "ScheduledProcedureStepSequence[0].Modality=MR"});
  CHECK_MESSAGE(table.code == 0, table.err);
  CHECK(table.out.find("STEP2") != std::string::npos);
  CHECK(table.out.find("DOE^JANE2") != std::string::npos);
}
