#include "service/scripted_archive.hpp"

using namespace scripted;
using service::find_instances;
using service::instance_reference;
using service::make_batches;

namespace {

handlers with_find(const service::archive_index& index) {
  handlers result;
  result.on_find([&index](find_request request) { return service::answer_find(index, "ARCHIVE", std::move(request)); });
  return result;
}

std::vector<instance_reference> instances_of_series(std::string_view series, int count, std::string_view prefix) {
  std::vector<instance_reference> all;
  for (int i = 0; i < count; ++i) {
    instance_reference one;
    one.study_instance_uid = "1.1";
    one.series_instance_uid = series;
    one.sop_instance_uid = std::string{prefix} + std::to_string(i);
    all.push_back(one);
  }
  return all;
}

}  // namespace

TEST_CASE("Every object of a study is named with its series and SOP class") {
  service::archive_index index;
  enter(index, study(1, 2, 3));
  enter(index, study(2, 1, 1));
  play([&](std::uint16_t) { return with_find(index); },
       [](association& over, store_receiver&) -> task<> {
         const auto found = co_await find_instances(over, study_keys(1));
         REQUIRE(found);
         REQUIRE(found->size() == 6);
         for (const auto& each : *found) {
           CHECK(each.study_instance_uid == "1.1");
           CHECK(each.sop_instance_uid.view().starts_with(each.series_instance_uid.view()));
           CHECK(each.sop_class_uid == sop_class::SecondaryCaptureImageStorage);
         }
         data_set patient;
         patient.set(tag::QueryRetrieveLevel, "PATIENT").set(tag::PatientID, "P1");
         const auto all = co_await find_instances(over, patient);
         REQUIRE(all);
         CHECK(all->size() == 7);
         data_set image = study_keys(1);
         image.set(tag::QueryRetrieveLevel, "IMAGE").set(tag::SeriesInstanceUID, "1.1.1");
         image.set(tag::SOPInstanceUID, std::vector<unique_id>{"1.1.1.1", "1.1.1.9"});
         const auto named = co_await find_instances(over, image);
         REQUIRE(named);
         CHECK(named->size() == 2);
       });
}

TEST_CASE("An archive that refuses a C-FIND below cannot say what there is") {
  play(
      [](std::uint16_t) {
        handlers result;
        result.on_find([](find_request request) -> generator<find_match, c_find_response> {
          co_return c_find_response{request.command, status::cannot_understand};
        });
        return result;
      },
      [](association& over, store_receiver&) -> task<> {
        const auto found = co_await find_instances(over, study_keys(1));
        CHECK_FALSE(found);
      });
}

TEST_CASE("Batches keep to one series, to the number asked for and to 65,534 bytes of UIDs") {
  auto instances = instances_of_series("1.1.1", 5, "1.1.1.");
  const auto other = instances_of_series("1.1.2", 2, "1.1.2.");
  instances.insert(instances.begin() + 2, other.begin(), other.end());
  const auto batches = make_batches(instances, "P1", 3);
  REQUIRE(batches.size() == 3);
  CHECK(batches[0].instances.size() == 3);
  CHECK(batches[1].instances.size() == 2);
  CHECK(batches[2].instances.size() == 2);
  CHECK(batches[0].identifier.text(tag::QueryRetrieveLevel) == "IMAGE");
  CHECK(batches[0].identifier.text(tag::PatientID) == "P1");
  CHECK(batches[2].identifier.text(tag::SeriesInstanceUID) == "1.1.2");
  CHECK(batches[0].identifier.values<unique_id>(tag::SOPInstanceUID).size() == 3);

  const auto long_ones = instances_of_series("1.1.1", 3000, "1.2.840.1234567890123456789012345678901234567890.12345.");
  const auto by_length = make_batches(long_ones, {}, 10'000);
  CHECK(by_length.size() == 3);
  std::size_t total = 0;
  for (const auto& each : by_length) {
    CHECK(each.identifier.text(tag::SOPInstanceUID).size() <= 65'534);
    CHECK_FALSE(each.identifier.contains(tag::PatientID));
    total += each.instances.size();
  }
  CHECK(total == 3000);
}
