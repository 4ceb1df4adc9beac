// Modality worklist: DCMTK's findscu asks codicom-pacs, and we ask DCMTK's wlmscpfs, about the same items.
#include "harness/checks.hpp"

#include <codicom/coro/run.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/worklist.hpp>

#include <doctest/doctest.h>

using namespace interop;
using namespace codicom;

namespace {

const fs::path examples{"/usr/share/doc/dcmtk/examples/wlistdb/OFFIS"};

// DCMTK's ten examples as DICOM files. False, and a word why, when they are not there.
bool make_items(const fs::path& folder) {
  if (!have({"dump2dcm", "findscu", "wlmscpfs"})) return false;
  if (!fs::exists(examples / "wklist1.dump")) {
    MESSAGE("skipped: DCMTK's examples of worklist items are not installed");
    return false;
  }
  for (int i = 1; i <= 10; ++i) {
    const auto name = "wklist" + std::to_string(i);
    const auto made = run({"dump2dcm", "+te", (examples / (name + ".dump")).string(), (folder / (name + ".wl")).string()});
    REQUIRE_MESSAGE(made.code == 0, made.all());
  }
  return true;
}

std::size_t findscu(const entity& server, const std::vector<std::string>& keys) {
  std::vector<std::string> command{"findscu", "-v", "-W", "-aec", server.aet};
  for (const auto& key : keys) command.insert(command.end(), {"-k", key});
  command.insert(command.end(), {"127.0.0.1", std::to_string(server.port)});
  const auto result = run(command);
  CHECK_MESSAGE(result.code == 0, result.all());
  return count_of(result.all(), "(Pending)");
}

task<std::vector<service::worklist_item>> ask(entity server, service::worklist_query query) {
  association_options options{"CT99", ae_title{server.aet}};
  options.propose(service::modality_worklist);
  auto over = co_await associate(peer{ae_title{server.aet}, "127.0.0.1", server.port}, std::move(options));
  auto found = co_await collect(service::find_worklist(over, query));
  CHECK(found.last.status.is_success());
  co_await over.release();
  co_return std::move(found.matches);
}

// The same question as findscu and the library put it.
struct question {
  const char* name;
  std::vector<std::string> keys;
  service::worklist_query query;
};
std::vector<question> questions() {
  std::vector<question> all(5);
  all[0] = {"everything", {"PatientName"}, {}};
  all[1] = {"a modality", {"PatientName", "ScheduledProcedureStepSequence[0].Modality=MR"}, {}};
  all[1].query.modality = "MR";
  all[2] = {"a patient", {"PatientName=V*"}, {}};
  all[2].query.patient_name = "V*";
  all[3] = {"a day", {"PatientName", "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate=19951015"}, {}};
  all[3].query.start_date = "19951015";
  all[4] = {"days", {"PatientName", "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate=19960101-"}, {}};
  all[4].query.start_date = "19960101-";
  return all;
}

}  // namespace

TEST_CASE("findscu -W finds the same in codicom-pacs as in wlmscpfs, and so do we in both") {
  const temp_folder folder, archive;
  const auto items = folder.make("items/MWLSCP");
  if (!make_items(items)) return;
  write_text(items / "lockfile", "");
  const codicom_pacs ours{archive, {}, {"--worklist", items.string()}};
  entity theirs{"MWLSCP", free_port()};
  process server{{"wlmscpfs", "-v", "-dfp", (folder / "items").string(), std::to_string(theirs.port)}};
  await_echo(theirs, server);
  for (const auto& each : questions()) {
    CAPTURE(each.name);
    const auto expected = findscu(theirs, each.keys);
    CHECK(expected > 0);
    CHECK(findscu(ours, each.keys) == expected);
    const auto from_theirs = codicom::run(ask(theirs, each.query));
    const auto from_ours = codicom::run(ask(ours, each.query));
    CHECK(from_theirs.size() == expected);
    CHECK(from_ours.size() == expected);
    for (const auto& item : from_ours) CHECK(item.step() != nullptr);
  }
  // An item that is gone is not found any more.
  fs::remove(items / "wklist1.wl");
  CHECK(findscu(ours, {"PatientName"}) == 9);
}
