// Modality performed procedure steps: our user against odil's N-CREATE and N-SET SCP, odil's N-SET SCU against codicom-pacs.
#include "harness/checks.hpp"

#include <codicom/coro/run.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/procedure_step.hpp>
#include <support/folders.hpp>

#include <doctest/doctest.h>

using namespace interop;
using namespace codicom;

namespace {

const fs::path script = codicom::test_support::source_folder() / "tests/interop/odil_mpps_scp.py";

bool has_odil() {
  if (!have({"/usr/bin/python3", "echoscu"})) return false;
  static const bool imports = run({"/usr/bin/python3", "-c", "import odil"}).code == 0;
  if (!imports) MESSAGE("skipped: there is no Python module odil");
  return imports;
}

data_set attributes() {
  data_set item;
  item.set(tag::PatientName, "DOE^JANE").set(tag::PatientID, "4711").set(tag::StudyInstanceUID, "1.2.3");
  item.add_item(tag::ScheduledProcedureStepSequence).set(tag::Modality, "CT").set(tag::ScheduledStationAETitle, "CT99");
  auto step = service::new_step_of(service::worklist_item{item});
  step.set(tag::PerformedProcedureStepID, "PPS1");
  step.set_text(tag::PerformedProcedureStepStartDate, "20260101").set_text(tag::PerformedProcedureStepStartTime, "1200");
  return step;
}

data_set results() {
  data_set end;
  end.set_text(tag::PerformedProcedureStepEndDate, "20260101").set_text(tag::PerformedProcedureStepEndTime, "1230");
  end.add_item(tag::PerformedSeriesSequence).set(tag::SeriesInstanceUID, "1.2.3.1").set(tag::ProtocolName, "Thorax");
  return end;
}

task<association> call(entity server) {
  association_options options{"CT99", ae_title{server.aet}};
  options.propose(service::modality_performed_procedure_step, service::modality_performed_procedure_step_retrieve);
  co_return co_await associate(peer{ae_title{server.aet}, "127.0.0.1", server.port}, std::move(options));
}

task<> whole_step(entity server, unique_id instance) {
  auto over = co_await call(server);
  service::procedure_step step{instance};
  const auto begun = co_await step.begin(over, attributes());
  CHECK(begun.status() == status::success);
  const auto ended = co_await step.complete(over, results());
  CHECK(ended.status() == status::success);
  co_await over.release();
}

task<dimse_status> change_of_unknown(entity server) {
  auto over = co_await call(server);
  const auto refused =
      co_await over.n_set(service::modality_performed_procedure_step, "1.2.3.4.5.6", results());
  co_await over.release();
  co_return refused.status();
}

}  // namespace

TEST_CASE("odil's N-CREATE and N-SET SCP take a step from its begin to its end") {
  if (!has_odil()) return;
  const entity server{"ODIL", free_port()};
  process program{{"/usr/bin/python3", script.string(), std::to_string(server.port), "100"}};
  REQUIRE_MESSAGE(program.wait_for("READY", 10s), program.all());
  await_echo(server, program);
  codicom::run(whole_step(server, "1.2.3.4.5"));
  CHECK_MESSAGE(program.wait_for("CREATE DOE^JANE IN PROGRESS", 5s), program.all());
  CHECK_MESSAGE(program.wait_for("SET COMPLETED", 5s), program.all());
}

TEST_CASE("codicom-pacs keeps a step over a restart, and lets nobody change it once it has ended") {
  const temp_folder folder;
  {
    const codicom_pacs pacs{folder};
    codicom::run(whole_step(pacs, "1.2.3.4.5"));
    CHECK(codicom::run(change_of_unknown(pacs)) == status::no_such_sop_instance);
  }
  const codicom_pacs again{folder, {}, {"--log", (folder / ".log").string()}};
  const auto late = [](entity server) -> task<dimse_status> {
    auto over = co_await call(server);
    const auto refused = co_await over.n_set(service::modality_performed_procedure_step, "1.2.3.4.5", results());
    co_await over.release();
    co_return refused.status();
  };
  CHECK(codicom::run(late(again)) == status::processing_failure);
  const auto kept = [](entity server) -> task<data_set> {
    auto over = co_await call(server);
    auto read = co_await service::read_step(over, "1.2.3.4.5");
    CHECK(read.status().is_warning());  // a step without an admission
    co_await over.release();
    co_return std::move(read.attributes);
  };
  const auto step = codicom::run(kept(again));
  CHECK(step.text(tag::PatientName) == "DOE^JANE");
  CHECK(step.text(tag::PerformedProcedureStepStatus) == "COMPLETED");
  if (!has_odil()) return;
  // odil 0.12 wants Requested SOP Class UID in the response, where the standard has Affected (PS3.7 §10.3.3.2): its SCU
  // throws, with its own SCP too. So it is told by the archive that its N-SET came.
  const auto asked = run({"/usr/bin/python3", "-c",
                          "import odil,sys\n"
                          "a=odil.Association()\n"
                          "a.set_peer_host('127.0.0.1'); a.set_peer_port(int(sys.argv[1]))\n"
                          "p=odil.AssociationParameters()\n"
                          "p.set_calling_ae_title('ODIL'); p.set_called_ae_title(sys.argv[2])\n"
                          "uid='1.2.840.10008.3.1.2.3.3'\n"
                          "c=odil.AssociationParameters.PresentationContext\n"
                          "p.set_presentation_contexts([c(1,uid,['1.2.840.10008.1.2'],c.Role.SCU)])\n"
                          "a.set_parameters(p); a.associate()\n"
                          "d=odil.DataSet(); d.add('RequestedSOPClassUID',[uid])\n"
                          "s=odil.NSetSCU(a); s.set_affected_sop_class(d)\n"
                          "d.add('RequestedSOPInstanceUID',['1.2.3.4.5'])\n"
                          "d.add('PerformedProcedureStepDescription',['late'])\n"
                          "try:\n s.set(d)\n"
                          "except odil.Exception as e: print(e)\n"
                          "a.release()\n",
                          std::to_string(again.port), again.aet});
  CHECK_MESSAGE(asked.code == 0, asked.all());
  const auto log = read_text(folder / ".log");
  CHECK_MESSAGE(count_of(log, R"("event":"step_changes","calling_ae_title":"ODIL","sop_instance_uid":"1.2.3.4.5")") == 1, log);
}
