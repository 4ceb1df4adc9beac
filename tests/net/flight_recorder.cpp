#include "net/support.hpp"
#include "net/tshark.hpp"

#include <codicom/core/generate_uid.hpp>
#include <codicom/net/flight_recorder.hpp>
#include <codicom/net/handlers.hpp>

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <functional>
#include <memory>

using namespace codicom_test;
using namespace std::chrono_literals;

namespace {

// Two stacks of ours: what uses one end of a connection, and what serves the other.
void beside_server(const std::function<task<>(std::unique_ptr<transport>)>& uses, const acceptor_options& accepts,
                   const handlers& with) {
  const auto whole = [&]() -> task<> {
    const executor where = co_await asio::this_coro::executor;
    auto pair = testing::make_memory_pair(where);
    co_await together(uses(std::move(pair.first)), serve_one(std::move(pair.second), accepts, with));
  };
  testing::simulate(whole());
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// An echo and a store of "SECRET^NAME", recorded by the requestor.
std::shared_ptr<flight_recorder> recorded(recorded_data what, std::size_t capacity = 1 << 20) {
  auto recorder = std::make_shared<flight_recorder>(capacity, what);
  auto options = all_services();
  options.identity.emplace(dul::identity_type::user_name_and_passcode, "JANE", "open sesame");
  handlers with;
  with.on_store([](incoming_object object) -> task<> {
    co_await object.read();
    co_await object.respond(status::success);
  });
  acceptor_options accepts;
  accepts.policy.accept(sop_class::Verification).accept(ct);
  const auto uses = [&](std::unique_ptr<transport> over) -> task<> {
    auto a = co_await associate(record(std::move(over), recorder), options);
    co_await a.echo();
    auto object = ct_object(200'000);
    object.set(tag::PatientName, "SECRET^NAME");
    co_await a.store(object);
    recorder->note("all sent");
    co_await a.release();
  };
  beside_server(uses, accepts, with);
  return recorder;
}

constexpr const unique_id& get_class = sop_class::StudyRootQueryRetrieveInformationModelGet;
constexpr const unique_id& mpps = sop_class::ModalityPerformedProcedureStep;

// One request of each kind but C-ECHO and C-STORE, all answered; recorded by the requestor.
std::shared_ptr<flight_recorder> recorded_queries(recorded_data what) {
  auto recorder = std::make_shared<flight_recorder>(1 << 20, what);
  association_options options{"SCU", "SCP"};
  options.propose(find_class, move_class, get_class, mpps).receive(ct);
  acceptor_options accepts;
  accepts.policy.accept(find_class).accept(move_class).accept(get_class).accept(ct).accept(mpps);
  accepts.policy.allow_requestor_as_scp_of_all();
  handlers with;
  with.on_find([](find_request request) -> generator<find_match, c_find_response> {
    co_yield find_match{patient("1")};
    co_return c_find_response{request.command, status::success};
  });
  with.on_move([](move_request request) -> generator<c_move_response, move_result> {
    c_move_response pending{request.command, status::pending};
    pending.remaining = std::uint16_t{1};
    co_yield pending;
    data_set failed;
    failed.set(tag::FailedSOPInstanceUIDList, unique_id{"1.9"});
    co_return move_result{c_move_response{request.command, status::suboperations_with_failures}, failed};
  });
  with.on_get([](get_request request) -> generator<c_get_response, get_result> {
    co_await request.sender().store(ct_object(50'000), transfer_syntax::ExplicitVRLittleEndian);
    co_yield c_get_response{request.command, status::pending};
    co_return c_get_response{request.command, status::success};
  });
  const auto mirror = []<class Command>(incoming_request<Command> request) -> task<n_result> {
    co_return n_result{status::success, std::move(request.identifier)};
  };
  with.on_n_get(mirror).on_n_set(mirror).on_n_create(mirror).on_n_delete(mirror);
  with.on_n_action([](incoming_request<n_action_request> request) -> task<n_result> {
    const auto told = co_await request.sender().n_event_report(mpps, "1.2.3", 1, patient("D"));
    CHECK(told.status().is_success());
    co_return n_result{status::success, std::move(request.identifier)};
  });
  const auto uses = [&](std::unique_ptr<transport> over) -> task<> {
    auto a = co_await associate(record(std::move(over), recorder), options);
    const auto found = co_await collect(a.find(find_class, patient("*")));
    CHECK(found.matches.size() == 1);
    auto moving = a.move(move_class, patient("1"), "ELSEWHERE");
    while (auto pending = co_await moving.next()) CHECK(pending->remaining == 1);
    auto getting = a.get(get_class, patient("1"));
    while (auto event = co_await getting.next())
      if (auto* object = event->arrived()) {
        co_await object->read();
        co_await object->respond(status::success);
      }
    a.on_event_report([](incoming_request<n_event_report_request>) -> task<n_result> { co_return status::success; });
    co_await a.n_create(mpps, "1.2.3", patient("A"));
    co_await a.n_set(mpps, "1.2.3", patient("B"));
    std::vector<element_tag> wanted{tag::PatientID};
    co_await a.n_get(mpps, "1.2.3", wanted);
    co_await a.n_action(mpps, "1.2.3", 1, patient("C"));
    co_await a.n_delete(mpps, "1.2.3");
    co_await a.release();
  };
  beside_server(uses, accepts, with);
  return recorder;
}

// What is handed over of an association with a peer that does this once it has accepted.
struct failure_told {
  int times = 0;
  std::string text, why;
};
failure_told told_of(script answers, user does, association_options options = all_services()) {
  failure_told told;
  options.recording = recording{[&](const flight_recorder& recorder, const association_error& why) {
    ++told.times;
    told.text = recorder.text();
    told.why = why.what();
  }};
  meet(
      [&](association& a) -> task<> {
        const auto outcome = co_await as_result(does(a));
        static_cast<void>(outcome);
      },
      answers, options);
  return told;
}

}  // namespace

TEST_CASE("a recorder tells the PDUs, commands and remarks of an association, and neither patients nor passwords") {
  const auto recorder = recorded(recorded_data::commands_only);
  const auto text = recorder->text();
  INFO(text);
  CHECK(has(text, "> A-ASSOCIATE-RQ"));
  CHECK(has(text, "SCU calls SCP, 4 contexts"));
  CHECK(has(text, "< A-ASSOCIATE-AC"));
  CHECK(has(text, "2 contexts accepted"));
  CHECK(has(text, "> P-DATA-TF, context 1 command: C-ECHO-RQ, message 1"));
  CHECK(has(text, "< P-DATA-TF, context 1 command: C-ECHO-RSP, message 1, status 0000"));
  CHECK(has(text, "> P-DATA-TF, context 7 command: C-STORE-RQ, message 2, with a data set"));
  CHECK(has(text, "the last"));
  CHECK(has(text, "> A-RELEASE-RQ"));
  CHECK(has(text, "* all sent"));
  const auto capture = recorder->pcap();
  const auto bytes = as_text(capture);
  CHECK(bytes.find("SECRET^NAME") == std::string_view::npos);
  CHECK(bytes.find("open sesame") == std::string_view::npos);
  CHECK(bytes.find("JANE") != std::string_view::npos);
  CHECK(capture.size() < 10'000);
}

TEST_CASE("a recorder that is told to keeps the data sets, and the oldest PDUs go when it is full") {
  const auto all = recorded(recorded_data::all);
  CHECK(as_text(all->pcap()).find("SECRET^NAME") != std::string_view::npos);
  CHECK(all->pcap().size() > 200'000);
  const auto small = recorded(recorded_data::all, 1000);
  CHECK(small->pcap().size() < 3000);
  CHECK_FALSE(has(small->text(), "A-ASSOCIATE-RQ"));
  CHECK(has(small->text(), "A-RELEASE-RP"));
}

TEST_CASE("PDUs are recorded the same in any split, and what is no PDU does no harm") {
  std::vector<std::byte> bytes;
  dul::encode(dul::make_request(dul::requestor_options{"SCU", "SCP"}, all_services().contexts), bytes);
  std::vector<std::byte> command_set;
  encode_command(c_store_request{message_id{1}, ct, "1.2.3"}, command_set);
  append_command_pdus(command_set, context_id{7}, 32, bytes);
  const auto release = dul::encode(dul::a_release_rq{});
  bytes.insert(bytes.end(), release.begin(), release.end());
  flight_recorder whole;
  whole.record(flight_recorder::direction::sent, bytes);
  for (std::size_t at = 1; at < bytes.size(); ++at) {
    flight_recorder split;
    split.record(flight_recorder::direction::sent, byte_span{bytes}.first(at));
    split.record(flight_recorder::direction::sent, byte_span{bytes}.subspan(at));
    REQUIRE(split.pcap().size() == whole.pcap().size());
  }
  CHECK(has(whole.text(), "C-STORE-RQ, message 1"));
  for (unsigned seed = 0; seed < 300; ++seed) {
    flight_recorder confused;
    std::vector<std::byte> rubbish(500);
    unsigned x = seed * 2654435761u + 1;
    for (auto& each : rubbish)
      each = static_cast<std::byte>((x = x * 1664525u + 1013904223u) >> (seed % 2 == 0 ? 24 : 30));
    for (std::size_t i = 0; i < rubbish.size(); i += 11) rubbish[i] = std::byte{static_cast<unsigned char>(seed % 8)};
    confused.record(flight_recorder::direction::received, rubbish);
    CHECK(confused.pcap().size() >= 24);
    static_cast<void>(confused.text());
  }
}

TEST_CASE("an association that fails hands its recorder over, deadlines included; one that is released does not") {
  const auto aborted = told_of(
      [](scripted_peer& p) -> task<> {
        co_await p.expect_command<c_echo_request>();
        co_await p.send(dul::pdu{dul::a_abort{}});
      },
      [](association& a) -> task<> { co_await a.echo(); });
  CHECK(aborted.times == 1);
  INFO(aborted.text);
  CHECK(has(aborted.why, "aborted the association"));
  CHECK(has(aborted.why, "SCP@memory"));
  CHECK(has(aborted.text, "* deadline: A-ASSOCIATE, 30 s"));
  CHECK(has(aborted.text, "> A-ASSOCIATE-RQ"));
  CHECK(has(aborted.text, "* deadline: response, 120 s"));
  CHECK(has(aborted.text, "< A-ABORT"));
  CHECK(has(aborted.text, "* failed: "));

  auto hurried = all_services();
  hurried.release = 5s;
  const auto silent = told_of(
      [](scripted_peer& p) -> task<> {
        co_await p.expect<dul::a_release_rq>();
        co_await p.expect<dul::a_abort>();
      },
      [](association& a) -> task<> { co_await a.release(); }, hurried);
  CHECK(silent.times == 1);
  CHECK_MESSAGE(has(silent.text, "* deadline passed: A-RELEASE"), silent.text);
  CHECK_MESSAGE(has(silent.text, "> A-ABORT"), silent.text);

  const auto released = told_of([](scripted_peer& p) -> task<> { co_await p.expect_release(); },
                                [](association& a) -> task<> { co_await a.release(); });
  CHECK(released.times == 0);
}

TEST_CASE("an acceptor hands over what it recorded of an association that failed") {
  failure_told told;
  acceptor_options accepts;
  accepts.policy.accept(sop_class::Verification);
  accepts.recording = recording{[&](const flight_recorder& recorder, const association_error& why) {
    ++told.times;
    told.text = recorder.text();
    told.why = why.what();
    throw std::runtime_error{"no room"};  // is logged
  }};
  for (const bool released : {true, false}) {
    told = failure_told{};
    const auto whole = [&]() -> task<> {
      const executor where = co_await asio::this_coro::executor;
      auto pair = testing::make_memory_pair(where);
      const auto peer_side = [released](std::unique_ptr<transport> over) -> task<> {
        scripted_peer p{std::move(over)};
        dul::proposal contexts;
        contexts.add(sop_class::Verification);
        co_await p.request(dul::requestor_options{"SCU", "SCP"}, contexts);
        if (released) {
          co_await p.send(dul::pdu{dul::a_release_rq{}});
          co_await p.expect<dul::a_release_rp>();
        }
        p.close();
      };
      co_await together(peer_side(std::move(pair.first)), [](std::unique_ptr<transport> over, acceptor_options o) -> task<> {
        const auto outcome = co_await as_result(serve_one(std::move(over), std::move(o), handlers{}));
        static_cast<void>(outcome);
      }(std::move(pair.second), accepts));
    };
    testing::simulate(whole());
    CHECK(told.times == (released ? 0 : 1));
    if (!released) CHECK_MESSAGE(has(told.text, "* deadline: ARTIM, 30 s"), told.text);
  }
}

TEST_CASE("recordings are written as text and capture, each under a name of its own") {
  const auto folder = std::filesystem::temp_directory_path() / ("codicom-test-" + generate_uid().str());
  std::filesystem::create_directory(folder);
  for (int i = 0; i < 2; ++i) {
    auto options = all_services();
    options.recording = record_to(folder);
    meet(
        [](association& a) -> task<> {
          const auto outcome = co_await as_result(a.echo());
          CHECK(outcome.error() == errc::aborted_by_peer);
        },
        [](scripted_peer& p) -> task<> {
          co_await p.expect_command<c_echo_request>();
          co_await p.send(dul::pdu{dul::a_abort{}});
        },
        options);
  }
  std::size_t texts = 0, captures = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    CHECK(has(entry.path().filename().string(), "Z-SCP@memory_0-"));
    if (entry.path().extension() == ".txt") ++texts;
    if (entry.path().extension() == ".pcap") ++captures;
    CHECK(std::filesystem::file_size(entry.path()) > 300);
  }
  CHECK(texts == 2);
  CHECK(captures == 2);
  std::filesystem::remove_all(folder);
}

TEST_CASE("tshark reads a recorded association without a malformed packet") {
  if (!have_tshark()) return;
  const std::vector<std::string> queries{
      "C-FIND-RQ",    "C-FIND-RSP", "C-MOVE-RQ", "C-MOVE-RSP", "C-GET-RQ",    "C-STORE-RQ",   "C-STORE-RSP",       "C-GET-RSP",
      "N-CREATE-RQ",  "N-CREATE-RSP", "N-SET-RQ", "N-GET-RQ",  "N-GET-RSP",   "N-ACTION-RQ",  "N-EVENT-REPORT-RQ", "N-EVENT-REPORT-RSP",
      "N-DELETE-RSP"};
  for (const auto what : {recorded_data::commands_only, recorded_data::all}) {
    check_with_tshark(*recorded(what), {"C-ECHO-RQ", "C-STORE-RQ"});
    check_with_tshark(*recorded_queries(what), queries);
  }
}
