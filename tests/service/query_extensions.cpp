#include "service/scripted_archive.hpp"

#include <system_error>

using namespace scripted;
using service::query_extensions;

namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

data_set image_query() {
  data_set keys;
  keys.set(tag::QueryRetrieveLevel, "IMAGE").set(tag::StudyInstanceUID, "1.1").set(tag::SOPInstanceUID);
  return keys;
}

}  // namespace

TEST_CASE("The bytes of the item are those of PS3.4 Table C.5-1, no more than an edition had that knew them") {
  CHECK(service::encode({}) == bytes({0}));
  CHECK(service::encode({.relational = true}) == bytes({1}));
  CHECK(service::encode({.combined_date_time = true}) == bytes({0, 1, 0}));
  CHECK(service::encode({.relational = true, .fuzzy_names = true}) == bytes({1, 0, 1}));
  CHECK(service::encode({.timezone = true}) == bytes({0, 0, 0, 1}));
  CHECK(service::encode({.empty_value = true}) == bytes({0, 0, 0, 0, 0, 1, 0}));
  CHECK(service::encode(query_extensions::all()) == bytes({1, 1, 1, 1, 0, 1, 1}));
  for (const auto& each : {query_extensions{}, query_extensions{.multiple_value = true}, query_extensions::all()})
    CHECK(service::decode_query_extensions(service::encode(each)) == each);
  CHECK(service::decode_query_extensions({}) == query_extensions{});
  CHECK(service::decode_query_extensions(bytes({2, 255, 1})) == query_extensions{.fuzzy_names = true});
  CHECK(service::decode_query_extensions(bytes({0, 0, 0, 0, 1, 0, 1, 1, 1})) == query_extensions{.multiple_value = true});
}

TEST_CASE("An acceptor answers as many bytes as were offered, 1 where both know it (PS3.4 C.5.1.1)") {
  const auto all = query_extensions::all();
  CHECK(service::answer_extensions(bytes({1}), all) == bytes({1}));
  CHECK(service::answer_extensions(bytes({1, 1, 1}), {.fuzzy_names = true}) == bytes({0, 0, 1}));
  CHECK(service::answer_extensions(bytes({1, 1, 1, 1, 1, 1, 1}), all) == bytes({1, 1, 1, 1, 0, 1, 1}));
  CHECK(service::answer_extensions(bytes({1, 1, 1, 1, 1, 1, 1, 1, 1}), all) == bytes({1, 1, 1, 1, 0, 1, 1}));
  CHECK(service::answer_extensions(bytes({0, 0}), all) == bytes({0, 0}));
  CHECK(service::answer_extensions({}, all).empty());
}

TEST_CASE("Only C-FIND of Query/Retrieve is answered; other items are left to who answered them before") {
  dul::acceptor_policy policy;
  policy.on_extended = [](const dul::sop_class_extended& item) -> std::optional<std::vector<std::byte>> {
    if (item.sop_class_uid == sop_class::CTImageStorage) return bytes({2});
    return std::nullopt;
  };
  service::accept_extensions(policy, {.relational = true});
  CHECK(policy.on_extended({service::study_root_find, bytes({1, 1})}) == bytes({1, 0}));
  CHECK(policy.on_extended({service::patient_root_find, bytes({1})}) == bytes({1}));
  CHECK(policy.on_extended({sop_class::CTImageStorage, bytes({1})}) == bytes({2}));
  CHECK_FALSE(policy.on_extended({service::study_root_move, bytes({1})}));
}

TEST_CASE("Golden bytes of the items in A-ASSOCIATE-RQ and -AC") {
  association_options options{"SCU", "SCP"};
  options.propose(service::study_root_find);
  service::offer(options, service::study_root_find, {.relational = true});
  service::offer(options, service::study_root_find, {.relational = true, .fuzzy_names = true});  // the last word counts
  CHECK(options.extended.size() == 1);
  std::vector<std::byte> request;
  dul::encode(dul::make_request(options, options.contexts), request);
  // 56H, reserved, length 32, UID length 27, the UID, then three bytes (PS3.7 Table D.3-11).
  const std::string uid = "1.2.840.10008.5.1.4.1.2.2.1";
  std::string item{"\x56\x00\x00\x20\x00\x1B", 6};
  item += uid + std::string{"\x01\x00\x01", 3};
  const std::string_view text{reinterpret_cast<const char*>(request.data()), request.size()};
  CHECK(text.find(item) != std::string_view::npos);
}

TEST_CASE("A query says which extension it lacks") {
  const auto lacks = [](const data_set& keys, query_extensions negotiated = {}) {
    return service::missing_extension(keys, service::study_root_find, negotiated);
  };
  CHECK(lacks(study_keys(1)) == "");
  CHECK(lacks(image_query()).find("one SeriesInstanceUID") != std::string::npos);
  CHECK(lacks(image_query(), {.relational = true}) == "");
  auto keys = image_query();
  keys.set(tag::SeriesInstanceUID, "1.1.1");
  CHECK(lacks(keys) == "");
  keys.set_text(tag::StudyInstanceUID, "1.1\\1.2");
  CHECK(lacks(keys).find("one StudyInstanceUID") != std::string::npos);
  // In the patient root a Patient ID is needed, and a wild card is none.
  CHECK(service::missing_extension(study_keys(1), service::patient_root_find, {}).find("PatientID") != std::string::npos);
  keys = study_keys(1);
  keys.set(tag::PatientID, "P*");
  CHECK(service::missing_extension(keys, service::patient_root_find, {}).find("PatientID") != std::string::npos);
  keys.set(tag::PatientID, "P1");
  CHECK(service::missing_extension(keys, service::patient_root_find, {}) == "");
  keys.set(tag::AccessionNumber, "\"\"");
  CHECK(lacks(keys).find("empty value matching") != std::string::npos);
  CHECK(lacks(keys, {.empty_value = true}) == "");
  keys.set(tag::AccessionNumber);
  keys.set_text(tag::ModalitiesInStudy, "CT\\MR");
  CHECK(lacks(keys).find("multiple value matching") != std::string::npos);
  CHECK(lacks(keys, {.multiple_value = true}) == "");
  keys.erase(tag::ModalitiesInStudy);
  keys.set_text(tag::StudyInstanceUID, "1.1\\1.2");  // a list of UIDs is baseline at its own level
  CHECK(lacks(keys) == "");
}

TEST_CASE("C-FIND with and without extensions, negotiated between two of us") {
  service::archive_index index;
  auto objects = study(1, 2, 2);
  for (auto& each : objects) each.set(tag::PatientName, "MÜLLER^JÖRG");
  enter(index, objects);
  const auto server = [&](std::uint16_t) {
    return handlers{}.on_find(
        [&index](find_request request) { return service::answer_find(index, "ARCHIVE", std::move(request)); });
  };
  for (const bool offered : {false, true}) {
    CAPTURE(offered);
    const auto change = [offered](association_options& options) {
      if (offered) service::offer(options, service::study_root_find, {.relational = true, .fuzzy_names = true});
    };
    play(
        server,
        [offered](association& over, store_receiver&) -> task<> {
          const auto negotiated = service::negotiated_extensions(over.parameters(), service::study_root_find);
          CHECK(negotiated == (offered ? query_extensions{.relational = true, .fuzzy_names = true} : query_extensions{}));

          const auto relational = co_await collect(over.find(service::study_root_find, image_query()));
          CHECK(relational.last.status == (offered ? status::success : status::data_set_does_not_match_sop_class));
          CHECK(relational.matches.size() == (offered ? 4u : 0u));
          if (!offered) CHECK(relational.last.error_comment.find("relational") != std::string::npos);

          auto keys = study_keys(1);
          keys.set(tag::PatientName, "jorg muller");
          const auto fuzzy = co_await collect(over.find(service::study_root_find, keys));
          CHECK(fuzzy.last.status == status::success);
          CHECK(fuzzy.matches.size() == (offered ? 1u : 0u));

          // Our SCU says so itself.
          keys.set(tag::AccessionNumber, "\"\"");
          CHECK_THROWS_AS(service::require_extensions(keys, service::study_root_find, over.parameters()), std::system_error);
          CHECK_THROWS_AS(
              service::require_extensions(study_keys(1), service::study_root_find, over.parameters(), {.timezone = true}),
              std::system_error);
          if (offered)
            service::require_extensions(image_query(), service::study_root_find, over.parameters(), {.fuzzy_names = true});
          else
            CHECK_THROWS_AS(service::require_extensions(image_query(), service::study_root_find, over.parameters()),
                            std::system_error);
        },
        {}, change);
  }
}
