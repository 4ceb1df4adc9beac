#include "service/scripted_archive.hpp"

#include <codicom/file/write_file.hpp>

#include <set>

using namespace scripted;

namespace {

/// An archive with real files.
class archive {
 public:
  void add(const data_set& content, const unique_id& syntax = transfer_syntax::ExplicitVRLittleEndian) {
    const auto file = files.path / (content.text(tag::SOPInstanceUID) + ".dcm");
    write_file(file, content, syntax);
    const auto outcome =
        index.add(content, {*content.uid(tag::SOPClassUID), *content.uid(tag::SOPInstanceUID), syntax, file});
    CHECK(outcome == service::archive_index::outcome::added);
  }
  void add(const std::vector<data_set>& contents) {
    for (const auto& each : contents) add(each);
  }
  handlers serve_to(std::uint16_t port) {
    service::move_provider_options options;
    options.destinations.emplace_back("CODICOM", "127.0.0.1", port);
    options.destinations.emplace_back("NOBODY", "127.0.0.1", std::uint16_t{1});
    handlers result;
    result.on_find([this](find_request request) { return service::answer_find(index, "ARCHIVE", std::move(request)); });
    result.on_move([this, options](move_request request) {
      return service::answer_move(index, "ARCHIVE", std::move(request), options);
    });
    return result;
  }

  folder files;
  service::archive_index index;
};

data_set identifier(int n) { return study_keys(n); }

/// Takes `take` objects with success, refuses the rest, until it is stopped.
task<> receive(store_receiver& from, int take, std::vector<c_store_request>& seen) {
  while (auto object = co_await from.next()) {
    seen.push_back(object->request());
    const auto content = co_await object->read();
    CHECK(content.uid(tag::SOPInstanceUID) == object->request().affected_sop_instance_uid);
    co_await object->respond(take-- > 0 ? status::success : status::out_of_resources);
  }
}

}  // namespace

TEST_CASE("C-MOVE sends every object, counts add up in each response, Remaining only while pending") {
  archive held;
  held.add(study(1, 2, 3));
  held.add(study(2, 1, 1));
  play([&](std::uint16_t port) { return held.serve_to(port); },
       [](association& over, store_receiver& receiver) -> task<> {
         std::vector<c_store_request> seen;
         scope beside{co_await asio::this_coro::executor};
         beside.spawn(receive(receiver, 100, seen));
         auto responses = over.move(service::study_root_move, identifier(1), "CODICOM");
         int pendings = 0;
         while (auto pending = co_await responses.next()) {
           ++pendings;
           REQUIRE(pending->remaining);
           CHECK(*pending->remaining + *pending->completed + *pending->failed + *pending->warning == 6);
           CHECK(*pending->completed == pendings);
         }
         const auto last = responses.last();
         CHECK(pendings == 5);
         CHECK(last.status == status::success);
         CHECK_FALSE(last.remaining);
         CHECK(last.completed == 6);
         CHECK(last.failed == 0);
         CHECK(responses.failed_instances().empty());
         CHECK(seen.size() == 6);
         for (const auto& each : seen) {
           CHECK(each.move_originator_ae_title == ae_title{"CODICOM"});
           CHECK(each.move_originator_message_id == responses.id());
         }
         co_await receiver.stop();
         co_await beside.join();
       });
}

TEST_CASE("C-MOVE: an unknown destination is A801, one that does not listen A702 with the failed list") {
  archive held;
  held.add(study(1, 1, 3));
  play([&](std::uint16_t port) { return held.serve_to(port); },
       [](association& over, store_receiver&) -> task<> {
         auto unknown = over.move(service::study_root_move, identifier(1), "STRANGER");
         const auto none = co_await unknown.next();
         CHECK_FALSE(none);
         CHECK(unknown.last().status == status::move_destination_unknown);
         CHECK_FALSE(unknown.last().completed);

         auto closed = over.move(service::study_root_move, identifier(1), "NOBODY");
         while (auto pending = co_await closed.next()) CHECK(pending->remaining);
         CHECK(closed.last().status == status::unable_to_perform_suboperations);
         CHECK(closed.last().failed == 3);
         CHECK_FALSE(closed.last().remaining);
         CHECK(closed.failed_instances().size() == 3);
       });
}

TEST_CASE("C-MOVE: some objects refused give B000 with the failed list, all refused A702") {
  for (const int taken : {2, 0}) {
    CAPTURE(taken);
    archive held;
    held.add(study(1, 1, 3));
    play([&](std::uint16_t port) { return held.serve_to(port); },
         [taken](association& over, store_receiver& receiver) -> task<> {
           std::vector<c_store_request> seen;
           scope beside{co_await asio::this_coro::executor};
           beside.spawn(receive(receiver, taken, seen));
           auto responses = over.move(service::study_root_move, identifier(1), "CODICOM");
           while (auto pending = co_await responses.next()) CHECK(pending->remaining);
           const auto last = responses.last();
           CHECK(last.status ==
                 (taken == 0 ? status::unable_to_perform_suboperations : status::suboperations_with_failures));
           CHECK(last.completed == taken);
           CHECK(last.failed == 3 - taken);
           CHECK(responses.failed_instances().size() == static_cast<std::size_t>(3 - taken));
           co_await receiver.stop();
           co_await beside.join();
         });
  }
}

TEST_CASE("C-MOVE: a warning of the destination is counted, final B000 without a list") {
  archive held;
  held.add(study(1, 1, 2));
  play([&](std::uint16_t port) { return held.serve_to(port); },
       [](association& over, store_receiver& receiver) -> task<> {
         const auto warn = [](store_receiver& from) -> task<> {
           while (auto object = co_await from.next()) co_await object->respond(dimse_status{0xB007});
         };
         scope beside{co_await asio::this_coro::executor};
         beside.spawn(warn(receiver));
         auto responses = over.move(service::study_root_move, identifier(1), "CODICOM");
         while (auto pending = co_await responses.next()) CHECK(pending->remaining);
         CHECK(responses.last().status == status::suboperations_with_failures);
         CHECK(responses.last().warning == 2);
         CHECK(responses.failed_instances().empty());
         co_await receiver.stop();
         co_await beside.join();
       });
}

TEST_CASE("C-MOVE: nothing matches is a success of nothing; without the unique key it is A900") {
  archive held;
  play([&](std::uint16_t port) { return held.serve_to(port); },
       [](association& over, store_receiver&) -> task<> {
         auto nothing = over.move(service::study_root_move, identifier(9), "CODICOM");
         const auto none = co_await nothing.next();
         CHECK_FALSE(none);
         CHECK(nothing.last().status == status::success);
         CHECK(nothing.last().completed == 0);

         data_set incomplete;
         incomplete.set(tag::QueryRetrieveLevel, "STUDY");
         auto refused = over.move(service::study_root_move, incomplete, "CODICOM");
         const auto no_pending = co_await refused.next();
         CHECK_FALSE(no_pending);
         CHECK(refused.last().status == status::data_set_does_not_match_sop_class);
       });
}

TEST_CASE("C-MOVE: C-CANCEL stops within one further sub-operation, FE00 tells what remains") {
  archive held;
  held.add(study(1, 1, 30));
  play([&](std::uint16_t port) { return held.serve_to(port); },
       [](association& over, store_receiver& receiver) -> task<> {
         std::vector<c_store_request> seen;
         scope beside{co_await asio::this_coro::executor};
         const auto slowly = [](store_receiver& from, std::vector<c_store_request>& got) -> task<> {
           while (auto object = co_await from.next()) {
             got.push_back(object->request());
             co_await sleep_for(20ms);
             co_await object->respond(status::success);
           }
         };
         beside.spawn(slowly(receiver, seen));
         auto responses = over.move(service::study_root_move, identifier(1), "CODICOM");
         std::size_t at_cancel = 0;
         while (auto pending = co_await responses.next()) {
           if (at_cancel != 0 || *pending->completed < 2) continue;
           at_cancel = seen.size();
           co_await responses.request_cancel();
         }
         const auto last = responses.last();
         CHECK(last.status == status::cancel);
         CHECK(seen.size() <= at_cancel + 1);
         REQUIRE(last.remaining);
         CHECK(*last.remaining + *last.completed == 30);
         co_await receiver.stop();
         co_await beside.join();
       });
}

TEST_CASE("C-MOVE: more SOP classes than one association has contexts for go over several") {
  archive held;
  int n = 0;
  for (const auto& sop_class : storage_sop_classes()) {
    if (++n > 140) break;
    auto content = object("1.1", "1.1.1", "1.1.1." + std::to_string(n));
    content.set(tag::SOPClassUID, sop_class);
    held.add(content);
  }
  REQUIRE(held.index.instances() == 140);
  play([&](std::uint16_t port) { return held.serve_to(port); },
       [](association& over, store_receiver& receiver) -> task<> {
         std::vector<c_store_request> seen;
         scope beside{co_await asio::this_coro::executor};
         beside.spawn(receive(receiver, 1000, seen));
         auto responses = over.move(service::study_root_move, identifier(1), "CODICOM");
         while (auto pending = co_await responses.next()) CHECK(pending->remaining);
         CHECK(responses.last().status == status::success);
         CHECK(responses.last().completed == 140);
         std::set<unique_id> classes;
         for (const auto& each : seen) classes.insert(each.affected_sop_class_uid);
         CHECK(classes.size() == 140);
         co_await receiver.stop();
         co_await beside.join();
       });
}

TEST_CASE("A file that has gone is a failure of its own, the others are sent") {
  archive held;
  held.add(study(1, 1, 3));
  std::filesystem::remove(held.index.find("1.1.1.2")->file);
  play([&](std::uint16_t port) { return held.serve_to(port); },
       [](association& over, store_receiver& receiver) -> task<> {
         auto retrieval = service::retrieve(over, receiver, identifier(1));
         while (auto event = co_await retrieval.next())
           if (auto* object = event->arrived()) co_await object->respond(status::success);
         const auto account = retrieval.account();
         CHECK(account.received_count == 2);
         CHECK(account.failed == std::vector<unique_id>{"1.1.1.2"});
         CHECK(account.last->status == status::suboperations_with_failures);
       });
}

TEST_CASE("C-MOVE: more objects than are sent at once are A701, and nothing is sent") {
  archive held;
  held.add(study(1, 1, 3));
  held.add(study(2, 1, 2));
  const auto with = [&](std::uint16_t port) {
    service::move_provider_options options;
    options.destinations.emplace_back("CODICOM", "127.0.0.1", port);
    options.max_objects = 2;
    handlers result;
    result.on_move([&held, options](move_request request) {
      return service::answer_move(held.index, "ARCHIVE", std::move(request), options);
    });
    return result;
  };
  play(with, [](association& over, store_receiver& receiver) -> task<> {
    std::vector<c_store_request> seen;
    scope beside{co_await asio::this_coro::executor};
    beside.spawn(receive(receiver, 100, seen));
    auto many = over.move(service::study_root_move, identifier(1), "CODICOM");
    const auto none = co_await many.next();
    CHECK_FALSE(none);
    CHECK(many.last().status == status::unable_to_calculate_matches);
    CHECK(seen.empty());
    auto few = over.move(service::study_root_move, identifier(2), "CODICOM");
    while (auto pending = co_await few.next()) CHECK(pending->remaining);
    CHECK(few.last().status == status::success);
    CHECK(seen.size() == 2);
    co_await receiver.stop();
    co_await beside.join();
  });
}
