#include "service/scripted_archive.hpp"

using namespace scripted;

TEST_CASE("C-FIND over the network: pending responses, FF01 for unsupported keys, a final success") {
  service::archive_index index;
  enter(index, study(1, 1, 2));
  enter(index, study(2, 1, 1));
  play(
      [&](std::uint16_t) {
        return handlers{}.on_find(
            [&index](find_request request) { return service::answer_find(index, "ARCHIVE", std::move(request)); });
      },
      [](association& over, store_receiver&) -> task<> {
        data_set keys;
        keys.set(tag::QueryRetrieveLevel, "STUDY").set(tag::StudyInstanceUID).set(tag::PatientName, "ALLISON*");
        const auto found = co_await collect(over.find(service::study_root_find, keys));
        CHECK(found.last.status == status::success);
        REQUIRE(found.matches.size() == 2);
        CHECK(found.matches[0].status == status::pending);
        CHECK(found.matches[0].identifier.text(tag::RetrieveAETitle) == "ARCHIVE");

        keys.set(tag::KVP);
        const auto warned = co_await collect(over.find(service::study_root_find, keys));
        REQUIRE(warned.matches.size() == 2);
        CHECK(warned.matches[0].status == status::pending_with_warning);

        keys.set(tag::QueryRetrieveLevel, "PATIENT");
        const auto refused = co_await collect(over.find(service::study_root_find, keys));
        CHECK(refused.last.status == status::data_set_does_not_match_sop_class);
        CHECK(refused.last.offending_elements == std::vector<element_tag>{tag::QueryRetrieveLevel});
      });
}

TEST_CASE("C-FIND: a C-CANCEL ends with FE00 before all matches are sent") {
  service::archive_index index;
  enter(index, study(1, 1, 5000));
  play(
      [&](std::uint16_t) {
        return handlers{}.on_find(
            [&index](find_request request) { return service::answer_find(index, "ARCHIVE", std::move(request)); });
      },
      [](association& over, store_receiver&) -> task<> {
        data_set keys;
        keys.set(tag::QueryRetrieveLevel, "IMAGE").set(tag::SOPInstanceUID);
        keys.set(tag::StudyInstanceUID, "1.1").set(tag::SeriesInstanceUID, "1.1.1");
        auto matches = over.find(service::study_root_find, keys);
        int count = 0;
        while (auto match = co_await matches.next())
          if (++count == 2) co_await matches.request_cancel();
        CHECK(matches.last().status == status::cancel);
        CHECK(count < 5000);
      });
}
