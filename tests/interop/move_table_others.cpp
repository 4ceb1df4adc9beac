// How PixelMed's and odil's archives answer C-MOVE: network stacks that share nothing with DCMTK and Orthanc.
#include "harness/loaded_archive.hpp"

#include <doctest/doctest.h>

using namespace interop;

using fixture = loaded_archive<pixelmed_archive>;

TEST_CASE("PixelMed: success, an unknown destination, one where nobody listens, and a third party") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const storescp destination;
  const fixture f{*data, {destination, {"DEAD", free_port()}}};

  f.check_complete(f.retrieve(), 10);

  const auto unknown = f.retrieve({"--receive-as", "STRANGER"});  // A801 without any count
  INFO(unknown.err);
  CHECK(unknown.code == 4);
  CHECK(unknown.done("received") == 0);
  CHECK(unknown.done("missing") == 11);
  CHECK(unknown.err.find("A801") != std::string::npos);

  const auto dead = f.retrieve({"--destination", "DEAD"});  // B000, failed 11, no list
  INFO(dead.err);
  CHECK(dead.code == 4);
  CHECK(dead.done("moved") == 0);
  CHECK(dead.done("failed") == 11);
  CHECK(dead.count("failed") == 0);

  const auto moved = f.retrieve({"--destination", "DEST"});
  INFO(moved.err);
  CHECK(moved.code == 0);
  CHECK(moved.done("moved") == 11);
  CHECK(moved.count("arrived") == 0);
  CHECK(by_uid(destination.folder()).size() == 11);

  const auto none = interop::retrieve(f.archive, f.self, f.folder, {"-k", "StudyInstanceUID=1.2.3"});
  INFO(none.err);
  CHECK(none.code == 0);
  CHECK(none.done("received") == 0);
}

TEST_CASE("PixelMed ignores C-CANCEL: after Ctrl-C the tool ends by its deadline, exit code 130") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const storescp slow{"SLOW", {"+xa", "--sleep-after", "2"}};
  const fixture f{*data, {slow}};
  const auto result = retrieve_interrupted(f.archive, f.self, f.folder, SIGINT, "pending", 1,
                                           {"-k", std::string{"StudyInstanceUID="} + mr_study, "--destination", "SLOW"});
  INFO(result.err);
  CHECK(result.code == 130);
  CHECK(result.count("done") == 1);
}

TEST_CASE("a second Ctrl-C aborts at once, exit code 130") {
  const auto data = samples();
  if (!data || !fixture::ready()) return;
  const storescp slow{"SLOW", {"+xa", "--sleep-after", "2"}};
  const fixture f{*data, {slow}};
  process program{retrieve_command(f.archive, f.self, f.folder,
                                   {"-k", std::string{"StudyInstanceUID="} + mr_study, "--destination", "SLOW"})};
  CHECK(until([&] { return report_of(-1, program).count("pending") >= 1; }, 30s));
  program.signal(SIGINT);
  pause(500ms);
  CHECK(program.running());
  program.signal(SIGINT);
  const auto code = program.wait(3s);
  INFO(program.all());
  CHECK(code == 130);
}

TEST_CASE("odil: a pending response before each C-STORE and a final one with Remaining 0 count the same") {
  const auto data = samples();
  if (!data || !odil_archive::available() || !fixture::ready()) return;
  const temp_folder source, folder;
  for (const auto& file : mr_study_files(*data)) fs::copy_file(file, source / (file.filename().string() + ".dcm"));
  const auto self = receiver_entity();
  const odil_archive archive{source, {self, {"DEAD", free_port()}}};
  const auto result = interop::retrieve(archive, self, folder, {"-k", std::string{"StudyInstanceUID="} + mr_study});
  INFO(result.err << archive.server->all());
  CHECK(result.done("received") == 11);
  CHECK(result.done("failed") == 0);
  CHECK(by_uid(folder).size() == 11);

  archive.await_listening();
  const auto dead = interop::retrieve(archive, self, folder,
                                      {"-k", std::string{"StudyInstanceUID="} + mr_study, "--destination", "DEAD"});
  INFO(dead.err);
  CHECK(dead.code == 4);  // it aborts
  CHECK(dead.done("moved") == 0);
}
