// How dcmqrscp answers C-MOVE, and the account that a person gets of it.
#include "harness/loaded_archive.hpp"

#include <doctest/doctest.h>

using namespace interop;

using fixture = loaded_archive<dcmqrscp>;

TEST_CASE("dcmqrscp, success: every object arrives, a pending response for each") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const fixture f{*data};
  f.check_complete(f.retrieve(), 11);
}

TEST_CASE("dcmqrscp, unknown destination: A801, exit code 4, and the entry that its table needs") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const fixture f{*data};
  const auto result = f.retrieve({"--receive-as", "STRANGER"});
  INFO(result.err);
  CHECK(result.code == 4);
  CHECK(result.done("received") == 0);
  CHECK(result.done("missing") == 11);
  CHECK(result.err.find("A801") != std::string::npos);
  CHECK(result.err.find("STRANGER") != std::string::npos);
  CHECK(result.err.find(std::to_string(f.self.port)) != std::string::npos);
}

TEST_CASE("dcmqrscp, nobody listens at the destination: A702 with the failed list, exit code 4") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const fixture f{*data, {{"DEAD", free_port()}}};
  const auto result = f.retrieve({"--destination", "DEAD"});
  INFO(result.err);
  CHECK(result.code == 4);
  CHECK(result.done("moved") == 0);
  CHECK(result.done("failed") == 11);
  CHECK(result.count("failed") == 11);
}

TEST_CASE("dcmqrscp, the destination rejects the association: A702 with the failed list, exit code 4") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const auto port = free_port();
  process refuser{{"storescp", "--refuse", std::to_string(port)}};
  pause(300ms);
  const fixture f{*data, {{"REFUSER", port}}};
  const auto result = f.retrieve({"--destination", "REFUSER"});
  INFO(result.err);
  CHECK(result.code == 4);
  CHECK(result.done("moved") == 0);
  CHECK(result.done("failed") == 11);
}

TEST_CASE("dcmqrscp, the destination aborts midway: A702 with the failed list, exit code 4") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const storescp aborting{"ABORTER", {"+xa", "--abort-during"}};
  const fixture f{*data, {aborting}};
  const auto result = f.retrieve({"--destination", "ABORTER"});
  INFO(result.err);
  CHECK(result.code == 4);
  CHECK(result.count("pending") == 11);
  CHECK(result.done("moved") == 0);
  CHECK(result.done("failed") == 11);
  CHECK(result.count("failed") == 11);
}

TEST_CASE("dcmqrscp, the destination refuses one object: it goes on, B000 names the failed one, exit code 1") {
  const auto data = samples();
  if (!data || !fixture::ready() || !odil_store::available()) return;
  for (const char* status : {"A700", "0117"}) {
    const odil_store refusing{std::string{"0000,0000,"} + status + ",0000", "ODILDEST"};
    const fixture f{*data, {refusing}};
    const auto result = f.retrieve({"--destination", "ODILDEST"});
    INFO(status << ": " << result.err);
    CHECK(result.code == 1);
    CHECK(result.done("moved") == 10);
    CHECK(result.done("failed") == 1);
    CHECK(result.count("failed") == 1);
  }
}

TEST_CASE("dcmqrscp, the destination warns (B007): B000 with a warning, everything is there, exit code 0") {
  const auto data = samples();
  if (!data || !fixture::ready() || !odil_store::available()) return;
  const odil_store warning{"0000,B007,0000", "ODILDEST"};
  const fixture f{*data, {warning}};
  const auto result = f.retrieve({"--destination", "ODILDEST"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("warnings") == 1);
  CHECK(result.done("failed") == 0);
}

TEST_CASE("dcmqrscp, no match: nothing is moved, exit code 0") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const fixture f{*data};
  const auto result = interop::retrieve(f.archive, f.self, f.folder, {"-k", "StudyInstanceUID=1.2.3"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("studies") == 0);
  CHECK(result.done("received") == 0);
}

TEST_CASE("dcmqrscp, Ctrl-C after two pending responses: it stops within two more, exit code 130") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const storescp slow{"SLOW", {"+xa", "--sleep-after", "1"}};
  const fixture f{*data, {slow}};
  const auto result = retrieve_interrupted(f.archive, f.self, f.folder, SIGINT, "pending", 2,
                                           {"-k", std::string{"StudyInstanceUID="} + mr_study, "--destination", "SLOW"});
  INFO(result.err);
  CHECK(result.code == 130);
  CHECK(result.count("pending") >= 2);
  CHECK(result.count("pending") <= 4);
  CHECK(result.done("moved") <= 4);
  CHECK(slow.files() <= 4);
}

TEST_CASE("dcmqrscp rejects a called AE title that it does not have: exit code 3") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const fixture f{*data};
  entity wrong = f.archive;
  wrong.aet = "WRONG";
  const auto result = interop::retrieve(wrong, f.self, f.folder, {"-k", "StudyInstanceUID"});
  INFO(result.err);
  CHECK(result.code == 3);
  CHECK(result.err.find("WRONG") != std::string::npos);
}

TEST_CASE("nobody listens at the archive's port: exit code 3") {
  const temp_folder folder;
  const auto result = interop::retrieve({"NOBODY", free_port()}, receiver_entity(), folder, {"-k", "StudyInstanceUID"});
  INFO(result.err);
  CHECK(result.code == 3);
}

TEST_CASE("a study goes to a third party: storescp has every object, and none came here") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const storescp destination;
  const fixture f{*data, {destination}};
  const auto result = f.retrieve({"--destination", "DEST"});
  INFO(result.err);
  CHECK(result.code == 0);
  CHECK(result.done("moved") == 11);
  CHECK(result.done("received") == 0);
  CHECK(result.count("arrived") == 0);
  CHECK(files_below(f.folder).empty());
  CHECK(by_uid(destination.folder()).size() == 11);
}
