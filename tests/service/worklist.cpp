#include "net/support.hpp"
#include "service/scripted_archive.hpp"

#include <codicom/file/write_file.hpp>
#include <codicom/service/worklist_provider.hpp>

#include <fstream>
#include <set>

using namespace codicom_test;
using service::worklist_item;
using service::worklist_query;

namespace {

data_set step(std::string_view modality, std::string_view date, std::string_view station = "CT99") {
  data_set result;
  result.set(tag::Modality, modality).set(tag::ScheduledProcedureStepStartDate, date);
  result.set(tag::ScheduledStationAETitle, station).set(tag::ScheduledProcedureStepID, "SPS1");
  result.set(tag::ScheduledProcedureStepDescription, "Thorax");
  return result;
}

data_set item(std::string_view id, std::string_view name, std::vector<data_set> steps) {
  data_set result;
  result.set(tag::SpecificCharacterSet, "ISO_IR 100");
  result.set(tag::PatientID, id).set(tag::PatientName, name).set(tag::AccessionNumber, "A" + std::string{id});
  result.set(tag::StudyInstanceUID, "1.2.3." + std::string{id});
  for (const auto& each : steps) result.add_item(tag::ScheduledProcedureStepSequence, each);
  return result;
}

// Three patients, four steps.
class three : public service::worklist {
 public:
  task<std::vector<std::shared_ptr<const data_set>>> items(const data_set&) const override {
    std::vector<std::shared_ptr<const data_set>> all;
    for (const auto& each : list_) all.push_back(std::make_shared<const data_set>(each));
    co_return all;
  }

 private:
  std::vector<data_set> list_{item("1", "DOE^JANE", {step("CT", "20260101")}),
                              item("2", "ÄRZTIN^EVA", {step("MR", "20260102", "MR01")}),
                              item("3", "DOE^JOHN", {step("CT", "20260102"), step("US", "20260103", "US7")})};
};

association_options asks() {
  association_options options{"CT99", "RIS"};
  options.propose(service::modality_worklist);
  return options;
}
acceptor_options accepts() {
  acceptor_options options;
  options.policy.accept(service::modality_worklist);
  return options;
}

task<std::vector<worklist_item>> ask(association& over, worklist_query asked) {
  auto found = co_await collect(service::find_worklist(over, asked));
  CHECK(found.last.status == status::success);
  co_return std::move(found.matches);
}

void with_list(const service::worklist& list, user does) {
  handlers with;
  with.on_find([&list](find_request request) { return service::answer_worklist(list, std::move(request)); });
  meet_server(std::move(does), with, accepts(), asks());
}

std::string ids_of(const std::vector<worklist_item>& items) {
  std::string result;
  for (const auto& each : items) result += each.patient_id() + each.modality() + ' ';
  return result;
}

}  // namespace

TEST_CASE("a worklist answers one item per scheduled step that matches") {
  const three list;
  with_list(list, [](association& a) -> task<> {
    const auto all = co_await ask(a, {});
    CHECK(ids_of(all) == "1CT 2MR 3CT 3US ");
    for (const auto& each : all) CHECK(each.attributes.items(tag::ScheduledProcedureStepSequence).size() == 1);

    worklist_query asked;
    asked.modality = "CT";
    const auto ct = co_await ask(a, asked);
    CHECK(ids_of(ct) == "1CT 3CT ");
    asked.start_date = "20260102-";
    const auto later = co_await ask(a, asked);
    CHECK(ids_of(later) == "3CT ");
    asked = {};
    asked.patient_name = "ärztin*";
    const auto by_name = co_await ask(a, asked);
    REQUIRE(by_name.size() == 1);
    CHECK(by_name[0].patient_name() == "ÄRZTIN^EVA");
    asked = {};
    asked.station_ae_title = "US7";
    asked.accession_number = "A3";
    const auto one = co_await ask(a, asked);
    REQUIRE(one.size() == 1);
    CHECK(one[0].start_date() == "20260103");
    CHECK(one[0].description() == "Thorax");
    CHECK(one[0].step_id() == "SPS1");
    CHECK(one[0].station_ae_title() == "US7");
    CHECK(one[0].study_instance_uid() == unique_id{"1.2.3.3"});
    asked.patient_id = "1";
    const auto none = co_await ask(a, asked);
    CHECK(none.empty());
  });
}

TEST_CASE("a worklist answers what was asked for, empty where there is no value, and nothing else") {
  const three list;
  with_list(list, [](association& a) -> task<> {
    data_set keys;
    keys.set(tag::PatientID, "1").set(tag::PatientBirthDate);
    keys.add_item(tag::ScheduledProcedureStepSequence).set(tag::Modality, "CT");
    auto found = co_await collect(a.find(service::modality_worklist, keys));
    REQUIRE(found.matches.size() == 1);
    const auto& answer = found.matches[0].identifier;
    CHECK(found.matches[0].status == status::pending);
    CHECK(answer.text(tag::PatientID) == "1");
    REQUIRE(answer.find(tag::PatientBirthDate) != nullptr);
    CHECK(answer.find(tag::PatientBirthDate)->empty());
    CHECK_FALSE(answer.contains(tag::PatientName));
    REQUIRE(answer.items(tag::ScheduledProcedureStepSequence).size() == 1);
    CHECK(answer.items(tag::ScheduledProcedureStepSequence)[0].size() == 1);
    // Without an item the sequence is wanted as a whole.
    data_set bare;
    bare.set(tag::PatientID, "3").set(tag::ScheduledProcedureStepSequence);
    auto whole = co_await collect(a.find(service::modality_worklist, bare));
    REQUIRE(whole.matches.size() == 2);
    CHECK(whole.matches[1].identifier.text("ScheduledProcedureStepSequence[0].ScheduledProcedureStepID") == "SPS1");
  });
}

TEST_CASE("a worklist query is cancelled between two items") {
  const three list;
  with_list(list, [](association& a) -> task<> {
    auto responses = service::find_worklist(a, {});
    const auto first = co_await responses.next();
    REQUIRE(first);
    const auto last = co_await responses.cancel();
    CHECK((last.status == status::cancel || last.status == status::success));
  });
}

TEST_CASE("a folder is a worklist: files that are new, changed or gone are seen by the next query") {
  const scripted::folder files;
  const auto put = [&](const std::string& name, const data_set& content) {
    auto whole = content;
    whole.set(tag::SOPClassUID, service::modality_worklist).set(tag::SOPInstanceUID, generate_uid());
    write_file(files.path / name, whole, transfer_syntax::ExplicitVRLittleEndian);
  };
  put("b.wl", item("2", "B", {step("MR", "20260101")}));
  put("a.wl", item("1", "A", {step("CT", "20260101")}));
  put(".hidden", item("9", "H", {step("CT", "20260101")}));
  put("image.dcm", scripted::object("1.1", "1.1.1", "1.1.1.1"));
  std::ofstream{files.path / "notes.txt"} << "no data set";
  const service::worklist_folder list{files.path};
  const auto ids = [&] {
    return run([](const service::worklist& from) -> task<int> {
      const data_set none;
      const auto all = co_await from.items(none);
      int digits = 0;
      for (const auto& each : all) digits = digits * 10 + std::stoi(each->text(tag::PatientID));
      co_return digits;
    }(list));
  };
  CHECK(ids() == 12);
  put("c.wl", item("3", "C", {step("US", "20260101")}));
  CHECK(ids() == 123);
  std::filesystem::remove(files.path / "a.wl");
  put("b.wl", item("4", "LONGER^NAME", {step("MR", "20260101")}));
  CHECK(ids() == 43);
  std::filesystem::remove_all(files.path);
  CHECK(ids() == 0);
}
