// C-GET with both roles, and the normalized services of storage commitment, against others.
#include "harness/checks.hpp"

#include <codicom/coro/run.hpp>
#include <codicom/coro/scope.hpp>
#include <codicom/dictionary/sop_classes.hpp>
#include <codicom/dictionary/tags.hpp>
#include <codicom/net.hpp>
#include <codicom/service/classes.hpp>

#include <doctest/doctest.h>

using namespace interop;
namespace dicom = codicom;

namespace {

dicom::peer address_of(const entity& of) { return dicom::peer{dicom::ae_title{of.aet}, "127.0.0.1", of.port}; }

struct brought {
  std::size_t objects = 0;
  std::size_t pendings = 0;
  dicom::c_get_response last;
};

// A study by C-GET into a folder.
brought get_study(const entity& archive, const std::string& study, const fs::path& into) {
  const auto fetch = [](dicom::peer from, std::string uid, fs::path folder) -> dicom::task<brought> {
    dicom::association_options options{"GETTER", from.ae_title};
    options.propose(dicom::service::study_root_get);
    options.receive_storage();
    auto association = co_await dicom::associate(from, options);
    dicom::data_set keys;
    keys.set(dicom::tag::QueryRetrieveLevel, "STUDY").set_text(dicom::tag::StudyInstanceUID, uid);
    auto responses = association.get(dicom::service::study_root_get, keys);
    brought result;
    while (auto event = co_await responses.next()) {
      if (auto* object = event->arrived()) {
        co_await object->save(folder, dicom::durability::cached);
        ++result.objects;
      } else {
        ++result.pendings;
      }
    }
    result.last = responses.last();
    co_await association.release();
    co_return result;
  };
  return dicom::run(fetch(address_of(archive), study, into));
}

void check_brings_study(archive& from, const fs::path& data) {
  const temp_folder into;
  REQUIRE(from.load(mr_study_files(data)));
  const auto result = get_study(from, mr_study, into);
  CHECK(result.objects == 11);
  CHECK(result.last.status.is_success());
  CHECK(result.last.completed.value_or(11) == 11);
  check_only_complete_files(into);
  CHECK(by_uid(into).size() == 11);
}

}  // namespace

TEST_CASE("our C-GET brings a study from Orthanc") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  orthanc from;
  check_brings_study(from, *data);
}

TEST_CASE("our C-GET brings a study from dcmqrscp") {
  const auto data = samples();
  if (!data || !dcmqrscp::available()) return;
  dcmqrscp from{{}, false};  // with a profile for what comes in it takes no storage context
  check_brings_study(from, *data);
}

TEST_CASE("our C-GET brings a study from PixelMed's archive") {
  const auto data = samples();
  if (!data || !pixelmed_archive::available()) return;
  pixelmed_archive from{{}};
  check_brings_study(from, *data);
}

TEST_CASE("our C-GET brings a study from odil") {
  const auto data = samples();
  if (!data || !odil_archive::available()) return;
  const temp_folder held, into;
  int number = 0;
  for (const auto& file : mr_study_files(*data)) fs::copy_file(file, held.path() / (std::to_string(number++) + ".dcm"));
  const odil_archive from{held, {}};
  const auto result = get_study(from, mr_study, into);
  CHECK(result.objects == 11);
  CHECK(result.last.status.is_success());
}

TEST_CASE("getscu and odil get a study from codicom-pacs") {
  const auto data = samples();
  if (!data || !have({"getscu"})) return;
  const temp_folder held, into, by_odil;
  int number = 0;
  for (const auto& file : mr_study_files(*data)) fs::copy_file(file, held.path() / (std::to_string(number++) + ".dcm"));
  const codicom_pacs pacs{held};
  const auto got =
      run({"getscu", "-v", "-S", "-aec", pacs.aet, "-od", into.path().string(), "+B", "-k", "QueryRetrieveLevel=STUDY",
           "-k", std::string{"StudyInstanceUID="} + mr_study, "127.0.0.1", std::to_string(pacs.port)});
  CHECK_MESSAGE(got.code == 0, got.all());
  CHECK(same_objects(by_uid(into), by_uid(held)));
  if (!have({"odil"})) return;
  const auto other = run({"odil", "get", "127.0.0.1", std::to_string(pacs.port), "ODIL", pacs.aet, "study",
                          "QueryRetrieveLevel=STUDY", std::string{"StudyInstanceUID="} + mr_study},
                         60s, by_odil);
  CHECK_MESSAGE(other.code == 0, other.all());
  CHECK(files_below(by_odil).size() == 11);
}

TEST_CASE("storage commitment: our N-ACTION to Orthanc, and its N-EVENT-REPORT to us") {
  const auto data = samples();
  if (!data || !orthanc::available()) return;
  orthanc archive;
  REQUIRE(archive.load(mr_study_files(*data)));
  const auto commit = [](orthanc& to) -> dicom::task<> {
    namespace tag = dicom::tag;
    const auto& commitment = dicom::sop_class::StorageCommitmentPushModel;
    const dicom::unique_id instance{"1.2.840.10008.1.20.1.1"};
    auto bound = co_await dicom::listen("127.0.0.1", 0);
    to.add(entity{"COMMITTER", bound.port()});

    std::optional<dicom::data_set> reported;
    std::uint16_t event_type = 0;
    dicom::handlers with;
    with.on_n_event_report(
        [&](dicom::incoming_request<dicom::n_event_report_request> event) -> dicom::task<dicom::n_result> {
          event_type = event.command.event_type_id;
          CHECK(event.command.affected_sop_instance_uid == instance);
          reported = std::move(event.identifier);
          bound.stop();
          co_return dicom::status::success;
        });
    dicom::acceptor_options accepts;
    accepts.policy.accept(commitment).accept(dicom::sop_class::Verification).allow_requestor_as_scp_of_all();

    const auto ask = [&](dicom::peer archive_address) -> dicom::task<> {
      dicom::association_options options{"COMMITTER", archive_address.ae_title};
      options.propose(commitment);
      auto association = co_await dicom::associate(archive_address, options);
      dicom::data_set information;
      information.set_text(tag::TransactionUID, "2.25.77");
      information.add_item(tag::ReferencedSOPSequence)
          .set_text(tag::ReferencedSOPClassUID, dicom::sop_class::MRImageStorage.view())
          .set_text(tag::ReferencedSOPInstanceUID, "1.2.3.4.5.6");  // Orthanc does not have it
      const auto acted = co_await association.n_action(commitment, instance, 1, information);
      CHECK(acted.status().is_success());
      co_await association.release();
    };
    const auto ask_and_wait = [&]() -> dicom::task<> {
      co_await ask(address_of(to));
      co_await dicom::sleep_for(30s);
    };
    auto ended = co_await dicom::race(dicom::serve(bound, accepts, with), ask_and_wait());
    CHECK(ended.winner == 1);
    REQUIRE(reported.has_value());
    CHECK(reported->text(tag::TransactionUID) == "2.25.77");
    CHECK(event_type == 2);  // PS3.4 §J.3.3: failures exist
    CHECK(reported->find(tag::FailedSOPSequence) != nullptr);
  };
  static_cast<void>(dicom::run(commit(archive)));
}
