// Programs that die, networks that end, disks that are full: what is complete stays, nothing is half there.
#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

namespace {

// A study of 100 images from one, each of about 130 kB.
void fill(archive& archive, const fs::path& data) {
  const auto sent = run({"storescu", "+II", "--repeat", "100", "-aec", archive.aet, "127.0.0.1",
                         std::to_string(archive.port), (data / "series_mr_d4c" / "MR01.dcm").string()},
                        120s);
  CHECK_MESSAGE(sent.code == 0, sent.all());
}

// A file system of 4 MiB, where the system lets us mount one.
class small_disk {
 public:
  explicit small_disk(fs::path folder) : folder_{std::move(folder)} {
    mounted_ = run({"mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder_.string()}).code == 0;
  }
  ~small_disk() {
    if (mounted_) run({"umount", folder_.string()});
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  bool is_mounted() const noexcept { return mounted_; }
  const fs::path& path() const noexcept { return folder_; }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("the archive is killed in the middle of a C-MOVE: the tool says so and ends, complete files stay") {
  const auto data = samples();
  if (!data || !orthanc::available() || !have({"storescu"})) return;
  const auto self = receiver_entity();
  const temp_folder folder;
  orthanc archive{{.destinations = {self}}};
  fill(archive, *data);
  process tool{retrieve_command(archive, self, folder, {"-k", "StudyInstanceUID", "--timeout", "5"})};
  CHECK(until([&] { return report_of(-1, tool).count("arrived") >= 5; }, 30s));
  archive.server->signal(SIGKILL);
  const auto code = tool.wait(20s);
  const auto result = report_of(code.value_or(-1), tool);
  INFO(result.err);
  REQUIRE(code.has_value());
  CHECK(*code == 1);
  CHECK(result.count("done") == 1);
  CHECK(!result.err.empty());
  const auto files = by_uid(folder);
  CHECK(files.size() >= 5);
  CHECK(files.size() < 100);
  CHECK(static_cast<long>(files.size()) == result.done("received"));
  check_only_complete_files(folder);
}

TEST_CASE("the tool is killed in the middle of a C-MOVE and started again: nothing is corrupt") {
  const auto data = samples();
  if (!data || !orthanc::available() || !storescp::available() || !have({"storescu", "movescu"})) return;
  const auto self = receiver_entity();
  const storescp reference;
  const temp_folder folder;
  orthanc archive{{.destinations = {self, reference}}};
  fill(archive, *data);
  CHECK(movescu(archive, reference, studies_of(archive).at(0)).code == 0);

  process first{retrieve_command(archive, self, folder, {"-k", "StudyInstanceUID"})};
  CHECK(until([&] { return report_of(-1, first).count("arrived") >= 5; }, 30s));
  first.signal(SIGKILL);
  CHECK(first.wait(5s) == 137);

  const auto second = retrieve(archive, self, folder, {"-k", "StudyInstanceUID"});
  INFO(second.err);
  CHECK(second.code == 0);
  CHECK(second.done("received") == 100);
  CHECK(second.done("warnings") == 0);
  std::map<std::string, fs::path> complete;
  for (const auto& file : files_below(folder))
    if (file.extension() == ".dcm") CHECK(complete.emplace(read_part10(file).sop_instance_uid, file).second);
  CHECK(same_objects(complete, by_uid(reference.folder())));
}

TEST_CASE("no room for an object: the archive gets A700, no part of it is left, exit code 5") {
  const auto data = samples();
  if (!data || !dcmqrscp::available()) return;
  const auto self = receiver_entity();
  const temp_folder folder, scratch;
  write_large_object(scratch / "large.dcm", {mr_study, "2.25.202", "2.25.203", 8});
  dcmqrscp archive{{self}};
  auto files = mr_study_files(*data);
  files.push_back(scratch / "large.dcm");
  CHECK(archive.load(files));
  // 4 MiB at most in one file; the shell's unit is 512 bytes. The signal is ignored, as a service manager may have it.
  std::vector<std::string> command{"sh", "-c", "trap '' XFSZ; ulimit -f 8192; exec \"$@\"", "sh"};
  for (auto& word : retrieve_command(archive, self, folder, {"-k", std::string{"StudyInstanceUID="} + mr_study}))
    command.push_back(word);
  process tool{command};
  const auto code = tool.wait(60s);
  const auto result = report_of(code.value_or(-1), tool);
  INFO(result.err << archive.server->all());
  CHECK(code == 5);
  CHECK(result.done("failed") >= 1);
  CHECK(archive.server->all().find("OutOfResources") != std::string::npos);
  for (const auto& [uid, file] : by_uid(folder)) CHECK(uid != "2.25.203");
  check_only_complete_files(folder);
}

TEST_CASE("a disk of 4 MiB fills up: what is complete stays, the archive gets A700, exit code 5") {
  const auto data = samples();
  if (!data || !orthanc::available() || !have({"storescu", "mount", "umount"})) return;
  const temp_folder scratch;
  const small_disk disk{scratch.make("disk")};
  if (!disk.is_mounted()) {
    MESSAGE("skipped: a tmpfs cannot be mounted here");
    return;
  }
  const auto self = receiver_entity();
  orthanc archive{{.destinations = {self}}};
  fill(archive, *data);
  const auto result = retrieve(archive, self, disk.path(), {"-k", "StudyInstanceUID"});
  INFO(result.err);
  CHECK(result.code == 5);
  CHECK(result.done("received") >= 20);
  CHECK(static_cast<long>(by_uid(disk.path()).size()) == result.done("received"));
  check_only_complete_files(disk.path());
}

TEST_CASE("a disk that is full, codicom-pacs: storescu gets A700, no half object") {
  const auto data = samples();
  if (!data || !have({"storescu", "echoscu"})) return;
  const temp_folder folder, scratch;
  write_large_object(scratch / "large.dcm", {"2.25.201", "2.25.202", "2.25.203", 8});
  entity self{"CODIPACS", free_port()};
  process pacs{{"sh", "-c", "trap '' XFSZ; ulimit -f 8192; exec \"$@\"", "sh", CODICOM_PACS, folder.path().string(), "--aet",
                self.aet, "--listen", "127.0.0.1:" + std::to_string(self.port)}};
  await_echo(self, pacs);
  const auto sent = run({"storescu", "-d", "-R", "-nh", "-aec", self.aet, "127.0.0.1", std::to_string(self.port),
                         (scratch / "large.dcm").string(), mr_study_files(*data).at(0).string()});
  INFO(sent.all() << pacs.all());
  CHECK(sent.all().find("0xa700") != std::string::npos);
  CHECK(by_uid(folder).size() == 1);  // the small one after it is kept
}

TEST_CASE("the tool's port is in use, its folder cannot be written: exit code 5 before anything is asked of the archive") {
  if (!storescp::available()) return;
  const storescp other{"OTHER"};
  const temp_folder folder;
  const auto busy = retrieve({"NOBODY", 1}, {"CODICOM", other.port}, folder, {"-k", "StudyInstanceUID"});
  INFO(busy.err);
  CHECK(busy.code == 5);
  CHECK(busy.err.find(std::to_string(other.port)) != std::string::npos);

  write_text(folder / "file", "not a folder");
  const auto nowhere = retrieve({"NOBODY", 1}, receiver_entity(), folder / "file", {"-k", "StudyInstanceUID"});
  INFO(nowhere.err);
  CHECK(nowhere.code == 5);
}

TEST_CASE("Ctrl-C: what is complete stays, no partial file remains, exit code 130") {
  const auto data = samples();
  if (!data || !orthanc::available() || !have({"storescu"})) return;
  const auto self = receiver_entity();
  const temp_folder folder;
  orthanc archive{{.destinations = {self}}};
  fill(archive, *data);
  const auto result = retrieve_interrupted(archive, self, folder, SIGINT, "arrived", 3, {"-k", "StudyInstanceUID"});
  INFO(result.err);
  CHECK(result.code == 130);
  CHECK(static_cast<long>(by_uid(folder).size()) == result.done("received"));
  check_only_complete_files(folder);
}
