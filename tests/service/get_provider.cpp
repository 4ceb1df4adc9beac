#include "service/scripted_archive.hpp"

#include <codicom/file/write_file.hpp>

#include <set>

using namespace scripted;

namespace {

void hold(const folder& files, service::archive_index& index, const data_set& content) {
  const auto file = files.path / (content.text(tag::SOPInstanceUID) + ".dcm");
  constexpr const auto& syntax = transfer_syntax::ExplicitVRLittleEndian;
  write_file(file, content, syntax);
  const auto outcome =
      index.add(content, {*content.uid(tag::SOPClassUID), *content.uid(tag::SOPInstanceUID), syntax, file});
  CHECK(outcome == service::archive_index::outcome::added);
}

handlers serves(const service::archive_index& index) {
  handlers with;
  with.on_get([&index](get_request request) { return service::answer_get(index, std::move(request)); });
  return with;
}

}  // namespace

TEST_CASE("C-GET: every object comes over the association that asked, and counts add up in each response") {
  const folder files;
  service::archive_index index;
  for (const auto& each : study(1, 2, 3)) hold(files, index, each);
  for (const auto& each : study(2, 1, 1)) hold(files, index, each);
  play([&](std::uint16_t) { return serves(index); },
       [](association& over, store_receiver&) -> task<> {
         auto responses = over.get(service::study_root_get, study_keys(1));
         std::set<unique_id> came;
         int pendings = 0;
         while (auto event = co_await responses.next()) {
           if (auto* object = event->arrived()) {
             const auto content = co_await object->read();
             CHECK(content.uid(tag::SOPInstanceUID) == object->request().affected_sop_instance_uid);
             CHECK_FALSE(object->request().move_originator_ae_title.has_value());
             came.insert(object->request().affected_sop_instance_uid);
             co_await object->respond(status::success);
           } else {
             const auto* pending = event->pending();
             ++pendings;
             REQUIRE(pending->remaining);
             CHECK(*pending->remaining + *pending->completed == 6);
             CHECK(*pending->completed == pendings);
           }
         }
         CHECK(came.size() == 6);
         CHECK(pendings == 5);
         CHECK(responses.last().status == status::success);
         CHECK(responses.last().completed == 6);
         CHECK_FALSE(responses.last().remaining);
         CHECK(responses.failed_instances().empty());
       });
}

TEST_CASE("C-GET: what is refused, has gone or was not negotiated has failed, the others are sent") {
  const folder files;
  service::archive_index index;
  for (const auto& each : study(1, 1, 4)) hold(files, index, each);
  auto other = object("1.1", "1.1.9", "1.1.9.1");
  other.set(tag::SOPClassUID, sop_class::EncapsulatedPDFStorage);
  hold(files, index, other);
  std::filesystem::remove(index.find("1.1.1.2")->file);
  play([&](std::uint16_t) { return serves(index); },
       [](association& over, store_receiver&) -> task<> {
         auto responses = over.get(service::study_root_get, study_keys(1));
         while (auto event = co_await responses.next()) {
           auto* object = event->arrived();
           if (object == nullptr) continue;
           const bool wanted = object->request().affected_sop_instance_uid != unique_id{"1.1.1.3"};
           co_await object->respond(wanted ? status::success : status::cannot_understand);
         }
         CHECK(responses.last().status == status::suboperations_with_failures);
         CHECK(responses.last().completed == 2);
         CHECK(responses.last().failed == 3);
         const auto failed = responses.failed_instances();
         CHECK(std::set<unique_id>(failed.begin(), failed.end()) ==
               std::set<unique_id>{"1.1.1.2", "1.1.1.3", "1.1.9.1"});
       });
}

TEST_CASE("C-GET: without the unique key A900, nothing found 0000, C-CANCEL FE00 with what remains") {
  const folder files;
  service::archive_index index;
  for (const auto& each : study(1, 1, 30)) hold(files, index, each);
  play([&](std::uint16_t) { return serves(index); },
       [](association& over, store_receiver&) -> task<> {
         data_set incomplete;
         incomplete.set(tag::QueryRetrieveLevel, "STUDY");
         auto refused = over.get(service::study_root_get, incomplete);
         const auto none = co_await refused.next();
         CHECK_FALSE(none.has_value());
         CHECK(refused.last().status == status::data_set_does_not_match_sop_class);

         auto nothing = over.get(service::study_root_get, study_keys(9));
         const auto no_object = co_await nothing.next();
         CHECK_FALSE(no_object.has_value());
         CHECK(nothing.last().status == status::success);

         auto responses = over.get(service::study_root_get, study_keys(1));
         int objects = 0;
         while (auto event = co_await responses.next()) {
           auto* object = event->arrived();
           if (object == nullptr) continue;
           if (++objects == 3) co_await responses.request_cancel();
           co_await object->respond(status::success);
         }
         CHECK(responses.last().status == status::cancel);
         CHECK(objects <= 4);
         REQUIRE(responses.last().remaining);
         CHECK(*responses.last().remaining + *responses.last().completed == 30);
       });
}

TEST_CASE("C-GET: more objects than are sent at once are A701") {
  const folder files;
  service::archive_index index;
  for (const auto& each : study(1, 1, 3)) hold(files, index, each);
  const auto with = [&](std::uint16_t) {
    handlers result;
    result.on_get([&index](get_request request) { return service::answer_get(index, std::move(request), 2); });
    return result;
  };
  play(with, [](association& over, store_receiver&) -> task<> {
    auto responses = over.get(service::study_root_get, study_keys(1));
    const auto none = co_await responses.next();
    CHECK_FALSE(none);
    CHECK(responses.last().status == status::unable_to_calculate_matches);
  });
}
