#include "net/support.hpp"
#include "service/scripted_archive.hpp"

#include <codicom/encoding/data_set_reader.hpp>
#include <codicom/file/write_file.hpp>
#include <codicom/service/commitment_provider.hpp>
#include <codicom/service/storage_commitment.hpp>

using namespace codicom_test;
using namespace std::chrono_literals;
using service::commitment_outcome;
using service::instance_reference;

namespace {

constexpr const unique_id& sc = sop_class::SecondaryCaptureImageStorage;

association_options asks() {
  association_options options{"MODALITY", "ARCHIVE"};
  options.propose(service::storage_commitment, service::verification);
  return options;
}
acceptor_options commits() {
  acceptor_options options;
  options.policy.accept(service::storage_commitment).accept(service::verification);
  options.runs_on = association_executor::of_the_server;
  return options;
}

// Instances 1.1.1.1 and 1.1.1.2 are there.
const service::archive_index& two_objects() {
  static const auto made = [] {
    auto index = std::make_unique<service::archive_index>();
    const static scripted::folder files;
    for (const auto& each : scripted::study(1, 1, 2)) {
      const auto uid = *each.uid(tag::SOPInstanceUID);
      const auto file = files.path / (uid.str() + ".dcm");
      write_file(file, each, transfer_syntax::ExplicitVRLittleEndian);
      static_cast<void>(index->add(each, {sc, uid, transfer_syntax::ExplicitVRLittleEndian, file}));
    }
    return index;
  }();
  return *made;
}

const instance_reference first{sc, "1.1.1.1"}, second{sc, "1.1.1.2"}, absent{sc, "1.1.1.3"},
    other_class{sop_class::CTImageStorage, "1.1.1.2"};

// A provider on the loopback and what a test does with it; the real clock, the blocking pool and sockets.
using act = std::function<task<>(std::uint16_t archive_port, service::commitment_receiver&)>;
void with_provider(act todo, service::commitment_ledger& ledger, bool knows_address = true) {
  const auto scenario = [](act what, service::commitment_ledger& kept, bool knows) -> task<> {
    auto receiver = co_await service::commitment_receiver::listen("127.0.0.1", 0);
    service::commitment_provider_options how;
    how.own_title = "ARCHIVE";
    how.before_report = 50ms;
    how.back_off = 10ms;
    how.attempts = 3;
    if (knows) how.requestors.emplace_back("MODALITY", "127.0.0.1", receiver.port());
    service::commitment_provider provider{two_objects(), kept, std::move(how)};
    auto bound = co_await listen("127.0.0.1", 0);
    const auto port = bound.port();
    handlers with;
    with.on_n_action(provider.handler());
    scope servers{co_await asio::this_coro::executor};
    servers.spawn(serve(bound, commits(), std::move(with)));
    servers.spawn(provider.run());
    auto done = co_await as_result(what(port, receiver));
    servers.cancel();
    auto ended = co_await as_result(servers.join());
    static_cast<void>(ended);
    co_await receiver.stop();
    static_cast<void>(done.value());
  };
  run(scenario(std::move(todo), ledger, knows_address));
}

task<association> call(std::uint16_t port) {
  co_return co_await associate(peer{"ARCHIVE", "127.0.0.1", port}, asks());
}

}  // namespace

TEST_CASE("what is there is committed, what is not fails with its reason, on the same association") {
  service::volatile_commitment_ledger ledger;
  with_provider(
      [](std::uint16_t port, service::commitment_receiver&) -> task<> {
        auto over = co_await call(port);
        const auto safe = co_await service::commit(over, first, second);
        CHECK(safe.is_complete());
        CHECK(safe.committed.size() == 2);
        CHECK(safe.retrieve_ae_title == "ARCHIVE");

        std::vector<instance_reference> some{first, absent, other_class};
        const auto partly = co_await service::commit(over, some);
        CHECK_FALSE(partly.is_complete());
        REQUIRE(partly.committed.size() == 1);
        CHECK(partly.committed[0].sop_instance_uid == "1.1.1.1");
        REQUIRE(partly.failed.size() == 2);
        CHECK(partly.failed[0].instance.sop_instance_uid == "1.1.1.3");
        CHECK(partly.failed[0].reason == status::no_such_sop_instance);
        CHECK(partly.failed[1].reason == status::class_instance_conflict);
        CHECK(partly.unanswered.empty());
        co_await over.release();
      },
      ledger, false);
}

TEST_CASE("a requestor that has left is told on a new association, by its Transaction UID") {
  service::volatile_commitment_ledger ledger;
  with_provider(
      [](std::uint16_t port, service::commitment_receiver& receiver) -> task<> {
        const auto transaction = generate_uid();
        {
          auto over = co_await call(port);
          service::commitment_request asked{transaction, {first, absent}};
          const auto taken = co_await over.n_action(service::storage_commitment, service::storage_commitment_instance, 1,
                                                    service::to_data_set(asked));
          CHECK(taken.status().is_success());
          const auto again = co_await over.n_action(service::storage_commitment, service::storage_commitment_instance, 1,
                                                    service::to_data_set(asked));
          CHECK(again.status() == status::duplicate_invocation);
          co_await over.release();
        }
        receiver.expect(transaction, {first, absent, second});
        const auto outcome = co_await receiver.outcome(transaction, 10s);
        REQUIRE(outcome);
        CHECK(outcome->committed.size() == 1);
        CHECK(outcome->failed.size() == 1);
        REQUIRE(outcome->unanswered.size() == 1);  // never asked for
        CHECK(outcome->unanswered[0].sop_instance_uid == "1.1.1.2");
      },
      ledger);
}

TEST_CASE("what the ledger kept is reported after a restart; commit finds the report wherever it comes") {
  service::volatile_commitment_ledger ledger;
  service::commitment_request kept{"2.25.7", {first}};
  kept.requestor = "MODALITY";
  run([](auto& book, auto request) -> task<> {
    const bool is_new = co_await book.keep(request);
    CHECK(is_new);
  }(ledger, kept));
  with_provider(
      [](std::uint16_t port, service::commitment_receiver& receiver) -> task<> {
        receiver.expect("2.25.7", {first});
        const auto outcome = co_await receiver.outcome("2.25.7", 10s);
        REQUIRE(outcome);
        CHECK(outcome->committed.size() == 1);
        CHECK(outcome->unanswered.empty());

        auto over = co_await call(port);
        service::commitment_options how;
        how.receiver = &receiver;
        std::vector<instance_reference> one{second};
        const auto here = co_await service::commit(over, one, how);
        CHECK(here.is_complete());
        co_await over.release();
      },
      ledger);
  run([](auto& book) -> task<> {
    const auto left = co_await book.pending();
    CHECK(left.empty());
  }(ledger));
}

TEST_CASE("a provider that nobody listens to keeps what it owes") {
  service::volatile_commitment_ledger ledger;
  with_provider(
      [](std::uint16_t port, service::commitment_receiver&) -> task<> {
        auto over = co_await call(port);
        service::commitment_request asked{"2.25.8", {first}};
        const auto taken = co_await over.n_action(service::storage_commitment, service::storage_commitment_instance, 1,
                                                  service::to_data_set(asked));
        CHECK(taken.status().is_success());
        co_await over.release();
        co_await sleep_for(200ms);
      },
      ledger, false);
  run([](auto& book) -> task<> {
    const auto left = co_await book.pending();
    REQUIRE(left.size() == 1);
    CHECK(left[0].transaction_uid == "2.25.8");
    CHECK(left[0].requestor == "MODALITY");
  }(ledger));
}

TEST_CASE("a provider refuses what is no request for storage commitment") {
  service::volatile_commitment_ledger ledger;
  const service::archive_index nothing;
  service::commitment_provider provider{nothing, ledger};
  handlers with;
  with.on_n_action(provider.handler());
  meet_server(
      [](association& a) -> task<> {
        const auto& commitment = service::storage_commitment;
        const auto information = service::to_data_set(service::commitment_request{"1.2.3", {first}});
        const auto other = co_await a.n_action(commitment, "1.2.3", 1, information);
        CHECK(other.status() == status::no_such_sop_instance);
        const auto& instance = service::storage_commitment_instance;
        const auto action = co_await a.n_action(commitment, instance, 2, information);
        CHECK(action.status() == status::no_such_action);
        const auto bare = co_await a.n_action(commitment, instance, 1);
        CHECK(bare.status() == status::invalid_argument_value);
        auto without_class = information;
        without_class.items(tag::ReferencedSOPSequence)[0].erase(tag::ReferencedSOPClassUID);
        const auto incomplete = co_await a.n_action(commitment, instance, 1, without_class);
        CHECK(incomplete.status() == status::invalid_argument_value);
      },
      with, commits(), asks());
}

// --- a user, and a provider that a test plays by hand, in virtual time

namespace {

task<service::commitment_request> take_request(scripted_peer& peer, dimse_status answer = status::success) {
  auto message = co_await peer.expect_message();
  const auto* asked = std::get_if<n_action_request>(&message.command);
  REQUIRE(asked != nullptr);
  CHECK(asked->action_type_id == 1);
  CHECK(asked->requested_sop_instance_uid == service::storage_commitment_instance);
  auto request = service::read_commitment_request(decode(message.data_set, transfer_syntax::ExplicitVRLittleEndian).value);
  REQUIRE(request);
  co_await peer.send_message(context_id{1}, n_action_response{*asked, answer});
  co_return std::move(*request);
}

task<dimse_status> report(scripted_peer& peer, const commitment_outcome& outcome, std::uint16_t type = 1) {
  n_event_report_request event{message_id{1}, service::storage_commitment, service::storage_commitment_instance, type};
  event.has_data_set = true;
  co_await peer.send_message(context_id{1}, event, encoded(service::to_data_set(outcome)));
  const auto answer = co_await peer.expect_command<n_event_report_response>();
  co_return answer.status;
}

}  // namespace

TEST_CASE("commit: a refusal is an outcome, and so is silence") {
  meet(
      [](association& a) -> task<> {
        const auto refused = co_await service::commit(a, first);
        CHECK(refused.request_status == status::resource_limitation);
        CHECK(refused.unanswered.size() == 1);
        CHECK_FALSE(refused.is_complete());
        service::commitment_options how;
        how.wait = 30s;
        std::vector<instance_reference> one{first};
        const auto began = clock::now();
        const auto silent = co_await service::commit(a, one, how);
        CHECK(clock::now() - began == 30s);
        CHECK(silent.request_status.is_success());
        CHECK(silent.unanswered.size() == 1);
        CHECK(a.is_open());
        co_await a.release();
      },
      [](scripted_peer& peer) -> task<> {
        const auto one = co_await take_request(peer, status::resource_limitation);
        const auto two = co_await take_request(peer);
        CHECK(one.transaction_uid != two.transaction_uid);
        co_await peer.expect_release();
      },
      asks());
}

TEST_CASE("commit: reports of other transactions and of what is no report are refused, its own is taken and answered") {
  meet(
      [](association& a) -> task<> {
        const auto outcome = co_await service::commit(a, first, second);
        REQUIRE(outcome.committed.size() == 1);
        REQUIRE(outcome.unanswered.size() == 1);
        CHECK(outcome.unanswered[0].sop_instance_uid == second.sop_instance_uid);
        co_await a.release();
      },
      [](scripted_peer& peer) -> task<> {
        const auto request = co_await take_request(peer);
        CHECK(request.instances.size() == 2);
        commitment_outcome outcome;
        outcome.transaction_uid = "1.2.3";
        const auto stranger = co_await report(peer, outcome);
        CHECK(stranger == status::invalid_argument_value);
        outcome.transaction_uid = request.transaction_uid;
        outcome.committed = {first};
        const auto wrong_type = co_await report(peer, outcome, 3);
        CHECK(wrong_type == status::no_such_event_type);
        const auto heard = co_await report(peer, outcome);
        CHECK(heard == status::success);
        co_await peer.expect_release();
      },
      asks());
}

TEST_CASE("commit: a report before the response counts; without a receiver the end of the association is an error") {
  meet(
      [](association& a) -> task<> {
        const auto early = co_await service::commit(a, first);
        CHECK(early.is_complete());
        const auto ended = co_await error_of([&] { return service::commit(a, first); });
        CHECK(ended == errc::released_by_peer);
      },
      [](scripted_peer& peer) -> task<> {
        auto message = co_await peer.expect_message();
        const auto asked = std::get<n_action_request>(message.command);
        const auto request =
            service::read_commitment_request(decode(message.data_set, transfer_syntax::ExplicitVRLittleEndian).value);
        REQUIRE(request);
        commitment_outcome outcome;
        outcome.transaction_uid = request->transaction_uid;
        outcome.committed = request->instances;
        const auto heard = co_await report(peer, outcome);
        CHECK(heard == status::success);
        co_await peer.send_message(context_id{1}, n_action_response{asked});
        const auto second_request = co_await take_request(peer);
        CHECK(second_request.instances.size() == 1);
        co_await peer.send(dul::a_release_rq{});
        co_await peer.expect<dul::a_release_rp>();
      },
      asks());
}

TEST_CASE("attend answers what comes until it is cancelled, and loses nothing") {
  meet(
      [](association& a) -> task<> {
        int reports = 0;
        a.on_event_report([&](incoming_request<n_event_report_request>) -> task<n_result> {
          ++reports;
          co_return status::success;
        });
        auto ended = co_await race(a.attend(), sleep_for(10s));
        CHECK(ended.winner == 2);
        CHECK(reports == 2);
        co_await a.attend([&] { return reports == 3; });
        const auto echo = co_await a.echo();
        CHECK(echo.status.is_success());
        co_await a.release();
      },
      [](scripted_peer& peer) -> task<> {
        commitment_outcome outcome;
        outcome.transaction_uid = "1.2.3";
        for (int i = 0; i < 3; ++i) {
          co_await sleep_for(i < 2 ? 1s : 20s);
          const auto heard = co_await report(peer, outcome);
          CHECK(heard == status::success);
        }
        const auto echo = co_await peer.expect_command<c_echo_request>();
        co_await peer.send_message(context_id{3}, c_echo_response{echo});
        co_await peer.expect_release();
      },
      asks());
}

TEST_CASE("Event Information holds what Table J.3-2 asks for, and reads back") {
  commitment_outcome outcome;
  outcome.transaction_uid = "1.2.3";
  outcome.retrieve_ae_title = "ARCHIVE";
  outcome.committed = {first};
  outcome.failed.emplace_back(absent, status::no_such_sop_instance);
  const auto information = service::to_data_set(outcome);
  CHECK(information.text("TransactionUID") == "1.2.3");
  CHECK(information.text("RetrieveAETitle") == "ARCHIVE");
  CHECK(information.text("ReferencedSOPSequence[0].ReferencedSOPClassUID") == sc.view());
  CHECK(information.text("ReferencedSOPSequence[0].ReferencedSOPInstanceUID") == "1.1.1.1");
  CHECK(information.text("FailedSOPSequence[0].ReferencedSOPInstanceUID") == "1.1.1.3");
  CHECK(information.text("FailedSOPSequence[0].FailureReason") == "274");
  const auto back = service::read_commitment_report(information);
  REQUIRE(back);
  CHECK(back->failed[0].reason == status::no_such_sop_instance);
  CHECK_FALSE(service::read_commitment_report(data_set{}));
}
