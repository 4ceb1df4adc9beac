// Storage commitment with Orthanc, which is provider in one test and user in the other. It reports on an association of
// its own, and wants to be told on one.
#include "harness/checks.hpp"

#include <codicom/coro/run.hpp>
#include <codicom/file/read_file.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/storage_commitment.hpp>

#include <doctest/doctest.h>

using namespace interop;
using namespace codicom;

namespace {

std::vector<service::instance_reference> instances_of(const std::vector<fs::path>& files) {
  std::vector<service::instance_reference> all;
  for (const auto& file : files) {
    const auto meta = read_file_header(file).meta;
    all.emplace_back(meta.media_storage_sop_class_uid, meta.media_storage_sop_instance_uid);
  }
  return all;
}

task<service::commitment_outcome> ask(entity provider, std::uint16_t port,
                                      std::vector<service::instance_reference> what) {
  auto receiver = co_await service::commitment_receiver::listen("127.0.0.1", port);
  association_options options{"MODALITY", ae_title{provider.aet}};
  options.propose(service::storage_commitment);
  auto over = co_await associate(peer{ae_title{provider.aet}, "127.0.0.1", provider.port}, std::move(options));
  service::commitment_options how;
  how.receiver = &receiver;
  how.wait = 20s;
  auto outcome = co_await service::commit(over, std::move(what), how);
  if (over.is_open()) co_await over.release();
  co_await receiver.stop();
  co_return outcome;
}

}  // namespace

TEST_CASE("Orthanc commits itself to what it has, and says what it has not") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const auto files = mr_study_files(*data);
  orthanc provider;
  CHECK(provider.load(files));
  const entity self{"MODALITY", free_port()};
  provider.add(self);
  auto what = instances_of(files);
  const auto all = codicom::run(ask(provider, self.port, what));
  CHECK_MESSAGE(all.is_complete(), provider.server->all());
  CHECK(all.committed.size() == 11);
  what.emplace_back(what[0].sop_class_uid, unique_id{"1.2.3.4"});
  const auto some = codicom::run(ask(provider, self.port, what));
  CHECK(some.committed.size() == 11);
  REQUIRE(some.failed.size() == 1);
  CHECK(some.failed[0].instance.sop_instance_uid == "1.2.3.4");
  CHECK(some.failed[0].reason == status::no_such_sop_instance);
}

TEST_CASE("codicom-pacs commits itself towards Orthanc, also after it was killed before its report") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  const temp_folder folder;
  const auto files = mr_study_files(*data);
  int number = 0;
  for (const auto& file : files) fs::copy_file(file, folder / (std::to_string(number++) + ".dcm"));
  orthanc user;
  std::optional<codicom_pacs> pacs;
  pacs.emplace(folder, std::vector<entity>{user});
  user.add(*pacs);
  const auto request = [&](const std::string& more) {
    std::string list;
    for (const auto& each : instances_of(files))
      list += (list.empty() ? "[\"" : ",[\"") + each.sop_class_uid.str() + "\",\"" + each.sop_instance_uid.str() + "\"]";
    const auto answer =
        user.rest("POST", "/modalities/" + pacs->aet + "/storage-commitment", "{\"DicomInstances\":[" + list + more + "]}");
    const auto parsed = nlohmann::json::parse(answer, nullptr, false);
    REQUIRE_MESSAGE(parsed.contains("Path"), answer);
    return parsed["Path"].get<std::string>();
  };
  const auto report = [&](const std::string& path) {
    nlohmann::json state;
    until(
        [&] {
          state = nlohmann::json::parse(user.rest("GET", path), nullptr, false);
          return state.contains("Status") && state["Status"] != "Pending";
        },
        20s);
    return state;
  };
  const auto all = report(request(""));
  CHECK_MESSAGE(all["Status"] == "Success", all.dump() << pacs->server().all());
  CHECK(all["Success"].size() == 11);
  const auto some = report(request(",[\"1.2.840.10008.5.1.4.1.1.4\",\"1.2.3.4\"]"));
  CHECK(some["Status"] == "Failure");
  CHECK(some["Success"].size() == 11);
  CHECK(some["Failures"].size() == 1);

  const auto owed = request("");  // its report comes a second later
  pacs->server().signal(SIGKILL);
  pacs->server().wait(5s);
  const auto address = pacs->port;
  pacs.emplace(folder, std::vector<entity>{user}, std::vector<std::string>{"--listen", "127.0.0.1:" + std::to_string(address)});
  const auto after = report(owed);
  CHECK_MESSAGE(after["Status"] == "Success", after.dump() << pacs->server().all());
}
