// How Orthanc answers C-MOVE, and the account that a person gets of it.
#include "harness/loaded_archive.hpp"

#include <doctest/doctest.h>

using namespace interop;

using fixture = loaded_archive<orthanc>;

TEST_CASE("Orthanc, success: every object arrives, and one pending response fewer than objects") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const fixture f{*data};
  f.check_complete(f.retrieve(), 10);
}

TEST_CASE("Orthanc, unknown destination: C000 without counts, exit code 4, and the entry that its table needs") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const fixture f{*data};
  const auto result = f.retrieve({"--receive-as", "STRANGER"});
  INFO(result.err);
  CHECK(result.code == 4);
  CHECK(result.done("received") == 0);
  CHECK(result.done("failed") == 0);
  CHECK(result.done("missing") == 11);
  CHECK(result.count("missing") == 11);
  CHECK(result.err.find("STRANGER") != std::string::npos);
  CHECK(result.err.find(std::to_string(f.self.port)) != std::string::npos);
}

TEST_CASE("Orthanc, nobody listens at the destination: C000, exit code 4") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const fixture f{*data, {{"DEAD", free_port()}}};
  const auto result = f.retrieve({"--destination", "DEAD"});
  INFO(result.err);
  CHECK(result.code == 4);
  CHECK(result.done("moved") == 0);
  CHECK(result.done("received") == 0);
}

TEST_CASE("Orthanc, the destination rejects the association: C000, exit code 4") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  fixture f{*data};
  storescp refusing{"DEST", {"+xa"}};
  f.archive.add({"REFUSER", refusing.port});
  refusing.server().stop();
  process refuser{{"storescp", "--refuse", std::to_string(refusing.port)}};
  pause(300ms);
  const auto result = f.retrieve({"--destination", "REFUSER"});
  INFO(result.err);
  CHECK(result.code == 4);
  CHECK(result.done("moved") == 0);
}

TEST_CASE("Orthanc, no match: nothing is moved, exit code 0") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const fixture f{*data};
  const auto result = interop::retrieve(f.archive, f.self, f.folder, {"-k", "StudyInstanceUID=1.2.3"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("studies") == 0);
  CHECK(result.done("received") == 0);
  CHECK(result.count("match") == 0);
}

TEST_CASE("Orthanc, the destination refuses an object: it stops there with C000 and all counts 0, exit code 4") {
  const auto data = samples();
  if (!data || !fixture::ready() || !odil_store::available()) return;
  for (const char* status : {"A700", "0117"}) {
    fixture f{*data};
    const odil_store refusing{std::string{"0000,0000,"} + status, "ODILDEST"};
    f.archive.add(refusing);
    const auto result = f.retrieve({"--destination", "ODILDEST"});
    INFO(status << ": " << result.err);
    CHECK(result.code == 4);
    CHECK(result.done("moved") == 0);
  }
}

TEST_CASE("Orthanc, the destination warns (B007): counted as completed, exit code 0") {
  const auto data = samples();
  if (!data || !fixture::ready() || !odil_store::available()) return;
  fixture f{*data};
  const odil_store warning{"0000,B007,0000", "ODILDEST"};
  f.archive.add(warning);
  const auto result = f.retrieve({"--destination", "ODILDEST"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("moved") == 11);
  CHECK(result.done("warnings") == 0);
}

TEST_CASE("Orthanc, the destination aborts midway: C000, exit code 4") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  fixture f{*data};
  const storescp aborting{"ABORTER", {"+xa", "--abort-during"}};
  f.archive.add(aborting);
  const auto result = f.retrieve({"--destination", "ABORTER"});
  INFO(result.err);
  CHECK(result.code == 4);
  CHECK(result.done("moved") == 0);
}

TEST_CASE("Orthanc, Ctrl-C after two pending responses: it stops within two more, exit code 130") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  fixture f{*data};
  const storescp slow{"SLOW", {"+xa", "--sleep-after", "1"}};
  f.archive.add(slow);
  const auto result = retrieve_interrupted(f.archive, f.self, f.folder, SIGINT, "pending", 2,
                                           {"-k", std::string{"StudyInstanceUID="} + mr_study, "--destination", "SLOW"});
  INFO(result.err);
  CHECK(result.code == 130);
  CHECK(result.count("pending") >= 2);
  CHECK(result.count("pending") <= 4);
  CHECK(result.done("moved") <= 5);
  CHECK(slow.files() <= 5);
}

TEST_CASE("Orthanc does not allow us to move: it aborts, exit code 4, and what to allow there") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const temp_folder folder;
  const auto self = receiver_entity();
  orthanc archive{{.destinations = {{"DEST", self.port}}, .allow_move = false}};
  CHECK(archive.load(mr_study_files(*data)));
  const auto result = interop::retrieve(archive, self, folder, {"-k", "StudyInstanceUID"});
  INFO(result.err);
  CHECK(result.code == 4);
  CHECK(result.done("received") == 0);
  CHECK(result.err.find("CODICOM") != std::string::npos);
}

TEST_CASE("Orthanc rejects a called AE title that is not its own: exit code 3") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const temp_folder folder;
  const auto self = receiver_entity();
  // It is Orthanc's own check that is wanted here, so the title it is started with is told apart from the one called.
  orthanc archive;
  entity wrong = archive;
  wrong.aet = "WRONG";
  CHECK(interop::retrieve(wrong, self, folder, {"-k", "StudyInstanceUID"}).code == 0);
  orthanc strict{{.destinations = {}, .check_called = true}};
  wrong.port = strict.port;
  const auto result = interop::retrieve(wrong, self, folder, {"-k", "StudyInstanceUID"});
  INFO(result.err);
  CHECK(result.code == 3);
  CHECK(result.err.find("WRONG") != std::string::npos);
}

TEST_CASE("Orthanc takes several Study Instance UIDs in one key: both studies arrive") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  fixture f{*data};
  CHECK(f.archive.load(files_below(*data / "series_mr_d4c")));
  const auto studies = studies_of(f.archive);
  CHECK(studies.size() == 2);
  const auto result =
      interop::retrieve(f.archive, f.self, f.folder, {"-k", "StudyInstanceUID=" + studies.at(0) + "\\" + studies.at(1)});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("studies") == 2);
  CHECK(result.done("received") == 11 + 16);
}

TEST_CASE("Orthanc cannot convert to what the destination accepts: C000, exit code 4; to us it sends it as it is") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const storescp implicit{"IMPLICIT", {"+xi"}};
  const auto self = receiver_entity();
  const temp_folder folder;
  orthanc archive{{.destinations = {implicit, self}}};
  CHECK(archive.load({*data / "djd_j2k.dcm"}));
  const auto refused = interop::retrieve(archive, self, folder, {"-k", "StudyInstanceUID", "--destination", "IMPLICIT"});
  INFO(refused.err);
  CHECK(refused.code == 4);
  CHECK(implicit.files() == 0);
  const auto result = interop::retrieve(archive, self, folder, {"-k", "StudyInstanceUID"});
  INFO(result.err);
  CHECK(result.code == 0);
  REQUIRE(result.count("arrived") == 1);
  CHECK(result.all("arrived")[0].value("transfer_syntax_uid", "") == "1.2.840.10008.1.2.4.90");
}

TEST_CASE("the archive's table has another port for us: it says success, nothing arrives, exit code 1") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const storescp elsewhere{"CODICOM"};
  const auto self = receiver_entity();
  const temp_folder folder;
  orthanc archive{{.destinations = {elsewhere}}};
  CHECK(archive.load(mr_study_files(*data)));
  const auto result = interop::retrieve(archive, self, folder, {"-k", "StudyInstanceUID", "--timeout", "2"});
  INFO(result.err);
  CHECK(result.code == 1);
  CHECK(result.done("received") == 0);
  CHECK(result.done("missing") == 11);
  CHECK(elsewhere.files() == 11);
  CHECK(result.err.find(std::to_string(self.port)) != std::string::npos);
}
