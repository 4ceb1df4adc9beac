// codicom-receive: what DCMTK's storescu and Orthanc send to it.
#include "harness/checks.hpp"

#include <doctest/doctest.h>

using namespace interop;

namespace {

/// codicom-receive on a free port; it ends with its object.
struct receiver : entity {
  explicit receiver(const fs::path& folder, std::vector<std::string> more = {}) {
    aet = "INBOX";
    std::vector<std::string> command{CODICOM_RECEIVE, folder.string(), "--aet", aet, "--listen", "127.0.0.1:0"};
    command.insert(command.end(), more.begin(), more.end());
    server = std::make_unique<process>(command);
    const std::string ready = "listening on 127.0.0.1:";
    if (!server->wait_for(" as " + aet, 60s)) throw std::runtime_error{"codicom-receive: " + server->all()};
    const auto said = server->out();
    port = static_cast<std::uint16_t>(std::atoi(said.c_str() + said.find(ready) + ready.size()));
  }

  std::unique_ptr<process> server;
};

outcome storescu(const entity& to, const std::vector<fs::path>& files, const std::vector<std::string>& options = {}) {
  std::vector<std::string> command{"storescu", "-nh", "-R", "-v", "-aec", to.aet};
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(), {"127.0.0.1", std::to_string(to.port)});
  for (const auto& file : files) command.push_back(file.string());
  return run(std::move(command), 120s);
}

}  // namespace

TEST_CASE("codicom-receive keeps what storescu sends, bit for bit, and Ctrl-C ends it with a summary") {
  const auto data = samples();
  if (!data || !have({"storescu"})) return;
  const temp_folder folder, sent;
  int number = 0;
  for (const auto& file : mr_study_files(*data)) fs::copy_file(file, sent.path() / (std::to_string(number++) + ".dcm"));
  const receiver inbox{folder};
  const auto result = storescu(inbox, mr_study_files(*data));
  CHECK_MESSAGE(result.code == 0, result.all());
  CHECK(same_objects(by_uid(folder), by_uid(sent)));
  check_only_complete_files(folder);
  inbox.server->signal(SIGINT);
  CHECK(inbox.server->wait(30s) == 0);
  CHECK(inbox.server->out().find("received 11 objects") != std::string::npos);
}

TEST_CASE("codicom-receive: folders by a layout; duplicates are kept once, replaced or refused") {
  const auto data = samples();
  if (!data || !have({"storescu", "dcmodify"})) return;
  const auto file = mr_study_files(*data)[0];
  const temp_folder scratch;
  const auto changed = scratch / "changed.dcm";
  fs::copy_file(file, changed);
  REQUIRE(run({"dcmodify", "-nb", "-i", "PatientComments=another one", changed.string()}).code == 0);
  const auto status_of = [](const outcome& result) {
    return result.all().find("0111") != std::string::npos || result.all().find("0x0111") != std::string::npos;
  };

  const auto keep = scratch.path() / "keep", replace = scratch.path() / "replace", refuse = scratch.path() / "refuse";
  {
    const receiver inbox{keep, {"--layout", "{PatientID}/{StudyInstanceUID}"}};
    for (const auto& each : {file, file, changed}) CHECK(storescu(inbox, {each}).code == 0);
  }
  const auto kept = files_below(keep);
  CHECK(kept.size() == 2);
  CHECK(kept[0].parent_path().filename() == mr_study);
  {
    const receiver inbox{replace, {"--duplicates", "replace"}};
    for (const auto& each : {file, changed}) CHECK(storescu(inbox, {each}).code == 0);
  }
  REQUIRE(files_below(replace).size() == 1);
  CHECK(same_object(files_below(replace)[0], changed));
  {
    const receiver inbox{refuse, {"--duplicates", "refuse"}};
    CHECK_FALSE(status_of(storescu(inbox, {file}, {"-d"})));
    CHECK(status_of(storescu(inbox, {changed}, {"-d"})));
    inbox.server->signal(SIGTERM);
    CHECK(inbox.server->wait(30s) == 0);
    CHECK(inbox.server->out().find("; 1 refused") != std::string::npos);
  }
  REQUIRE(files_below(refuse).size() == 1);
  CHECK(same_object(files_below(refuse)[0], file));
}

TEST_CASE("codicom-receive keeps what Orthanc sends, and turns away whom it shall not let in") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const temp_folder folder, closed;
  const receiver inbox{folder};
  const receiver wary{closed, {"--allow", "SOMEBODY", "--check-called"}};
  orthanc archive;
  REQUIRE(archive.load(mr_study_files(*data)));
  archive.add(inbox);
  const auto studies = nlohmann::json::parse(archive.rest("GET", "/studies"));
  REQUIRE(studies.size() == 1);
  archive.rest("POST", "/modalities/INBOX/store", studies[0].get<std::string>());
  CHECK(until([&] { return files_below(folder).size() == 11; }, 30s));
  check_only_complete_files(folder);
  if (have({"echoscu"})) {
    const auto echo = [](const receiver& to, const std::string& as, const std::string& called) {
      return run({"echoscu", "-aet", as, "-aec", called, "127.0.0.1", std::to_string(to.port)}).code;
    };
    CHECK(echo(wary, "SOMEBODY", "INBOX") == 0);
    CHECK(echo(wary, "STRANGER", "INBOX") != 0);
    CHECK(echo(wary, "SOMEBODY", "OUTBOX") != 0);
  }
}

TEST_CASE("codicom-receive: a port in use and a folder that cannot be written end with 5") {
  const temp_folder folder;
  const receiver inbox{folder};
  const auto taken = run({CODICOM_RECEIVE, folder.path().string(), "--listen", "127.0.0.1:" + std::to_string(inbox.port)});
  CHECK(taken.code == 5);
  CHECK(taken.err.find("in use") != std::string::npos);
  CHECK(run({CODICOM_RECEIVE, "/proc/inbox", "--listen", "127.0.0.1:0"}).code == 5);
}
